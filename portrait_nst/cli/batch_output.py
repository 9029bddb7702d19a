"""Running a batch from the command line: progress with rate and time left, failures, the summary and the forecast."""

from __future__ import annotations

import itertools
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from portrait_nst.cli.console import print_json, print_path, printable, say, spinner

if TYPE_CHECKING:
    from portrait_nst.batch import Done, Options, Order, Session

LISTED = 10  # pictures that a dry run names
OnDone = Callable[["Done"], None]
_REASONS = {
    "new": "new",
    "changed": "changed since",
    "failed": "failed before",
    "unfinished": "interrupted before",
    "missing": "painted before, but gone",
    "redo": "done, to be done again",
    "done": "done and unchanged",
    "twice": "given twice",
    "refused": "cannot be done",
    "left": "left for another run",
}


def run(
    order: Order, out: str, options: Options, *, report: str | None, watch: bool, as_json: bool, quiet: bool
) -> None:
    """Plan and paint. The exit status is 1 if any picture failed, and 130 after Ctrl-C."""
    from portrait_nst import batch

    interrupted = False
    with batch.opened(order, out, options) as session:
        began = time.monotonic()
        if report is not None:
            batch.check_page(report)
        try:
            session.plan(empty=watch)
            with session.engine() as engine, _progress(session, quiet or as_json) as on_done:
                for done in session.refused():
                    _print_done(done, as_json)
                if as_json and session.planner.aside.counts:
                    print_json({"left_aside": dict(session.planner.aside.counts)})
                for done in session.watch(engine) if watch else session.paint(engine):
                    on_done(done)
                    _print_done(done, as_json)
        except KeyboardInterrupt:
            interrupted = not watch
        finally:
            if report is not None and session.planner.counts:
                written = batch.write_page(session.manifest, report, overwrite=True)
                if not quiet:
                    say(f"wrote {printable(str(written))}")
        if not quiet:
            _summary(session, time.monotonic() - began)
        failed = session.failed
    if interrupted:
        say("Interrupted: what is done was kept; the same command goes on from there.")
        raise typer.Exit(130)
    if failed:
        raise typer.Exit(1)


def dry_run(order: Order, out: str, options: Options, *, as_json: bool) -> None:
    """Print what `run` would do."""
    from portrait_nst import batch
    from portrait_nst.batch.storage import locate

    with batch.Manifest.copy(locate(out)) as manifest:
        session = batch.Session(order, manifest, options)
        session.check_engine()
        session.plan()
        expected = batch.expect(session)
        if as_json:
            for row in manifest.todo():
                files = {name: row[name] and str(manifest.location(row[name])) for name in ("photo", "style")}
                print_json({**files, "output": os.fsdecode(row["output"]), "why": row["todo"]})
            for done in session.refused():
                print_json(done.as_dict())
            aside = dict(session.planner.aside.counts)
            counts = {
                "counts": dict(session.planner.counts),
                "left_aside": aside,
                "remaining": session.planner.remaining,
            }
            print_json(counts | expected.as_dict())
            return
        for row in itertools.islice(manifest.todo(), LISTED):
            sys.stdout.write(f"{printable(os.fsdecode(row['output']))}  ({_REASONS[row['todo']]})\n")
        sys.stdout.flush()  # before what goes to standard error, which may be the same pipe
        if session.planner.todo > LISTED:
            say(f"... and {session.planner.todo - LISTED} more")
        for done in session.refused():
            _print_done(done, False)
        table = _table()
        _add_counts(table, session, _REASONS)
        _console(True).print(table)
        _say_aside(session)
        _say_other_versions(session)
        say(expected.in_words())
        for note in expected.notes:
            say(f"note: {printable(note)}")


def status(out: str, as_json: bool) -> None:
    """Print how far the batch of an output folder is."""
    from portrait_nst import batch
    from portrait_nst.batch.storage import locate

    with batch.Manifest.read(locate(out)) as manifest:
        facts = batch.status(manifest)
    if as_json:
        print_json(facts)
        return
    table = _table()
    for name in ("done", "failed", "pending", "running"):
        word = "running" if facts["locked"] else "interrupted"
        table.add_row(word if name == "running" else name, str(facts["states"][name]))
    if facts["seconds_per_picture"] is not None:
        table.add_row("seconds a picture", f"{facts['seconds_per_picture']:.1f}")
    _console(False).print(table)
    for failure in facts["failures"]:
        say(_failure(failure["photo"], failure["error"], failure.get("row", "")))
    if facts["states"]["failed"] > len(facts["failures"]):
        say(f"... and {facts['states']['failed'] - len(facts['failures'])} more")


def _print_done(done: Done, as_json: bool) -> None:
    """Print the line of a picture; without JSON, failures go to standard error."""
    if as_json:
        print_json(done.as_dict())
    elif done.error:
        say(_failure(str(done.photo), done.error, done.origin))
    else:
        print_path(done.output)
    sys.stdout.flush()


def _failure(photo: str, error: str, origin: str) -> str:
    """The line of a failure: the row that asked for the picture, where there is one, the photo once, and what was wrong."""
    named = error if photo in error else f"{photo}: {error}"
    return f"failed: {printable(f'{origin}: {named}' if origin else named)}"


@contextmanager
def _progress(session: Session, quiet: bool) -> Iterator[OnDone]:
    console = _console(True)
    if quiet or not console.is_terminal:
        yield lambda done: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(spinner(console)),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", style="cyan"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failed]}", style="red"),
    )
    began = time.monotonic()
    with Progress(*columns, console=console, transient=True, speed_estimate_period=600) as bar:
        task = bar.add_task("", total=session.planner.todo, rate="", failed="")

        def on_done(_: Done) -> None:
            count = bar.tasks[0].completed + 1
            rate = f"{(time.monotonic() - began) / count:.1f} s a picture"
            failed = f"{session.failed} failed" if session.failed else ""
            bar.update(task, total=session.planner.todo, completed=count, rate=rate, failed=failed)

        yield on_done


def _summary(session: Session, seconds: float) -> None:
    table = _table()
    table.add_row("painted", str(session.painted))
    if session.films:
        table.add_row("of these films", str(session.films))
    table.add_row("failed", str(session.failed))
    _add_counts(table, session, ("done", "twice", "left"))
    table.add_row("seconds", f"{seconds:.1f}")
    if session.painted:
        table.add_row("seconds a picture", f"{seconds / session.painted:.2f}")
    _console(True).print(table)
    _say_aside(session)
    _say_other_versions(session)


def _say_aside(session: Session) -> None:
    """Say what was found and not taken, by reason, and what is beyond the limit."""
    if remaining := session.planner.remaining:
        say(
            f"note: {remaining} {'remains' if remaining == 1 else 'remain'} beyond --limit: give the same command again"
        )
    if text := session.planner.aside.in_words():
        say(f"note: {text}")


def _add_counts(table: Any, session: Session, reasons: Iterable[str]) -> None:
    for reason in reasons:
        if session.planner.counts[reason]:
            table.add_row(_REASONS[reason], str(session.planner.counts[reason]))


def _say_other_versions(session: Session) -> None:
    """Say how many of the pictures that are left as they are were painted by another version, which may paint otherwise."""
    from portrait_nst import __version__

    for version, count in sorted(session.planner.other_versions.items()):
        others = f"{count} of those done were painted by portrait_nst {printable(version)}"
        say(f"note: {others}, this is {__version__}; --redo paints them again")


def _table() -> Any:
    from rich.table import Table

    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    return table


def _console(stderr: bool) -> Any:
    from rich.console import Console

    return Console(stderr=stderr, soft_wrap=True, highlight=False)
