"""Talking to the user: results go to standard output, and everything else to standard error."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from portrait_nst.planning import duration

if TYPE_CHECKING:
    from rich.console import Console

    from portrait_nst.pipeline import OnStep
    from portrait_nst.result import Result
    from portrait_nst.types import Forecast, Likeness, Step

INTERRUPTED = "Interrupted: saving the picture so far; Ctrl-C again gives it up."


def say(message: str) -> None:
    """Print a line of text on standard error, as it is."""
    from rich.console import Console

    Console(stderr=True, soft_wrap=True).print(message, markup=False, highlight=False)


def print_json(values: Any) -> None:
    """Print a line of JSON on standard output."""
    sys.stdout.write(json.dumps(values) + "\n")


def print_path(path: object) -> None:
    """Print the path or URL of what was written on standard output; nothing for None.

    A script gets the name as it is, but in one line; a terminal gets no codes that the name may hold.
    """
    if path is None:
        return
    text = str(path)
    sys.stdout.write((printable(text) if sys.stdout.isatty() else "\\n".join(text.splitlines())) + "\n")


def printable(text: str) -> str:
    """`text` in one line, without the line breaks and terminal codes that the name of a file may hold."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def format_forecast(ahead: Forecast) -> str:
    """A forecast in words, such as "About 20 s and 1.6 GB." or "About 6 s to 18 s and 1.4 GB."."""
    memory = "" if ahead.memory is None else f" and {ahead.memory / 1e9:.1f} GB"
    least, most = duration(ahead.seconds), duration(ahead.longest)
    return f"About {least if least == most else f'{least} to {most}'}{memory}."


@contextmanager
def progress(
    quiet: bool,
    preview: Path | None = None,
    every: int = 0,
    *,
    forecast: bool = True,
    after: float = 0.0,
    saves: bool = False,
) -> Iterator[OnStep]:
    """A context that shows a bar with scale, losses and seconds left; its value is a function that takes each `Step`.

    quiet:    whether nothing is shown or said.
    preview:  a file into which the picture so far is written after every `every` steps; None or 0 for none.
    forecast: whether a line says first how long it will take and how much memory.
    after:    seconds of work that follow the painting. The forecast adds them, and twice as many to its longest time.
    saves:    whether the command saves a picture that was interrupted, so that Ctrl-C says so at once.
    """
    count = 0

    def previewed(step: Step) -> None:
        nonlocal count
        if step.forecast is not None and forecast and not quiet:
            ahead = step.forecast
            ahead = replace(ahead, seconds=ahead.seconds + after, longest=ahead.longest + 2 * after)
            console.print(format_forecast(ahead), markup=False, highlight=False)
        count += 1
        if preview is not None and every and count % every == 0:
            from portrait_nst import imaging
            from portrait_nst.types import Photo

            imaging.save(Photo(step.image()), preview, overwrite=True)

    from rich.console import Console

    console = Console(stderr=True, soft_wrap=True)
    with interrupts(lambda: INTERRUPTED if saves and count > 0 and not quiet else ""):
        if quiet or not console.is_terminal:
            yield previewed
        else:
            with _bar(console, previewed) as on_step:
                yield on_step


@contextmanager
def interrupts(message: Callable[[], str], stop: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Inside this context, the first Ctrl-C says `message()` at once, unless that is empty: to save what is made takes seconds.

    stop: asks the work to end by itself, and tells whether it will; otherwise there is a KeyboardInterrupt. Every further Ctrl-C
    is one.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        if frame is not None and frame.f_code.co_filename.startswith("<frozen importlib"):
            # An exception here may leave the import lock taken for ever (CPython 3.11), and torch is imported in a thread.
            later = threading.Timer(0.02, signal.raise_signal, (signal.SIGINT,))
            later.daemon = True
            later.start()
            return
        signal.signal(signal.SIGINT, before)
        if text := message():
            say(text)
        if not stop():
            signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def spinner(console: Console) -> str:
    """The name of rich's spinner for the encoding of `console`; rich chooses its bars so by itself."""
    return "line" if console.options.ascii_only else "dots"


@contextmanager
def _bar(console: Console, next_step: OnStep) -> Iterator[OnStep]:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    columns = (
        SpinnerColumn(spinner(console)),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[losses]}", style="cyan"),
        TextColumn("{task.fields[left]}", style="green"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("looking at the photo", total=None, losses="", left="")

        def on_step(step: Step) -> None:
            rate = step.seconds / max(step.seconds + step.seconds_left, 1e-9)
            losses, (height, width) = step.losses, step.size
            bar.update(
                task,
                total=1.0,
                completed=rate,
                description=f"scale {step.scale + 1}/{step.scales} ({width}x{height}) step {step.iteration + 1}",
                losses=f"style {losses.get('style', 0):.4f}  content {losses.get('content', 0):.4f}",
                left=f"{step.seconds_left:.0f} s left",
            )
            if step.note:
                bar.console.print(f"note: {step.note}", markup=False, highlight=False)
            next_step(step)

        yield on_step


def report(
    result: Result, path: Path | None, *, as_json: bool, quiet: bool, verbose: bool, lost: tuple[str, ...] = ()
) -> None:
    """Print the result on standard output: its path, or everything about it as JSON.

    path: None where the picture itself went there; then nothing is printed.
    lost: what its file could not hold; see `Result.lost_in`.
    """
    if as_json and path is not None:
        print_json(summary(result, path, lost))
        return
    if verbose:
        last = result.losses[-1] if result.losses else {}
        say(
            f"matte: {result.matte.source}; {len(result.losses)} steps; "
            + ", ".join(f"{k} {v:.4g}" for k, v in last.items())
        )
        if result.likeness is not None:
            say(f"likeness: {format_likeness(result.likeness)}")
    if verbose or not (quiet or sys.stderr.isatty()):  # on a terminal the bar has shown them already
        for note in result.notes:
            say(f"note: {note}")
    for note in () if quiet and not verbose else lost:
        say(f"note: {note}")
    if not quiet:
        say(f"painted in {result.seconds:.1f} s")
    print_path(path)


def format_likeness(likeness: Likeness) -> str:
    """A likeness and its measures in words, separated by ";"."""
    parts = [f"{likeness.value:.2f}", f"distance {likeness.distance:.2f} (two people: 0.6)"]
    if likeness.drift is None:
        parts.append("the face is not found any more")
    else:
        parts.append(f"face found at {likeness.score:.2f}, moved by {likeness.drift:.1%} of the distance of the eyes")
    parts.append(f"eyes, nose and mouth kept {likeness.kept:.2f}")
    return "; ".join(parts)


def summary(result: Result, path: Path, lost: tuple[str, ...] = ()) -> dict[str, Any]:
    """Everything about a result that was written to `path`, ready for JSON."""
    return {
        "output": str(path),
        "size": [result.rgb.shape[1], result.rgb.shape[0]],
        "people": result.matte.people,
        "matte": result.matte.source,
        "steps": len(result.losses),
        "losses": result.losses[-1] if result.losses else {},
        "likeness": None if result.likeness is None else result.likeness.as_dict(),
        "seconds": round(result.seconds, 2),
        "notes": [*result.notes, *lost],
        "recipe": result.recipe,
    }
