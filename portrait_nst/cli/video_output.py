"""What `portrait-nst video` shows: a forecast, progress with frames, rate and time left, and what was written."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from portrait_nst.cli import console, interrupts
from portrait_nst.planning import duration

if TYPE_CHECKING:
    from rich.console import Console

    from portrait_nst.video import OnProgress, VideoForecast, VideoResult, VideoStep

INTERRUPTED = "Interrupted: making a clip of what is painted; Ctrl-C again leaves at once."
LINE_EVERY = 30.0  # seconds between two lines where there is no terminal


@contextlib.contextmanager
def progress(quiet: bool) -> Iterator[OnProgress]:
    """A context whose value shows each `VideoStep`: as a bar, or as a line now and then without a terminal.

    Ctrl-C ends the painting after the frame in work, so that a clip can be made of what there is; before the first one, and for
    the second time, it ends all at once.
    """
    from rich.console import Console

    screen = Console(stderr=True, soft_wrap=True)
    painting = stopped = False

    def counted(step: VideoStep) -> None:
        nonlocal painting
        painting = step.stage == "paint"
        if stopped and painting:
            raise KeyboardInterrupt

    def stop() -> bool:
        nonlocal stopped
        stopped = painting
        return stopped

    with console.interrupts(lambda: INTERRUPTED if painting and not quiet else "", stop):
        if quiet:
            yield counted
        elif screen.is_terminal:
            with _bar(screen, counted) as shown:
                yield shown
        else:
            yield _lines(counted)


def rate_of(step: VideoStep) -> str:
    """How fast it goes: "5.2 frames/s", or "4.1 s a frame" where one takes longer than a second; "" before that is known."""
    if not step.rate:
        return ""
    return f"{step.rate:.1f} frames/s" if step.rate >= 1 else f"{1 / step.rate:.1f} s a frame"


def left_of(step: VideoStep) -> str:
    """The time left in words, or ""."""
    return "" if step.seconds_left is None else f"{duration(step.seconds_left)} left"


def report(result: VideoResult, *, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Print the result on standard output: its path, or everything about it as JSON."""
    if as_json:
        console.print_json(summary(result))
        return
    for note in () if quiet and not verbose else result.notes:
        console.say(f"note: {console.printable(note)}")
    if verbose:
        info = result.info
        console.say(
            f"{info.codec}, {info.pixel_format}, {info.size[1]} x {info.size[0]}, {info.audio} audio, {info.subtitles} subtitles"
        )
    if not quiet:
        earlier = result.frames - result.painted
        before = f", {earlier} by an earlier run" if earlier else ""
        console.say(f"{_frames(result.frames)}{before}, in {duration(result.seconds)}")
    console.print_path(result.path)


def finish(result: VideoResult, *, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Print the result, and end with the status of an interrupted command if it was."""
    report(result, as_json=as_json, quiet=quiet, verbose=verbose)
    if result.status == "interrupted":
        drawing = result.path.suffix.lower() == ".svg"  # whose notes say how to go on
        so_far = (
            "what is drawn is in the file."
            if drawing
            else "what is painted is a clip; the same command goes on from there."
        )
        console.say(f"Interrupted: {so_far}")
        raise typer.Exit(interrupts.STATUS)


def summary(result: VideoResult) -> dict[str, Any]:
    """Everything about a result, ready for JSON."""
    info = result.info
    return {
        "output": str(result.path),
        "size": [info.size[1], info.size[0]],
        "codec": info.codec,
        "frames": result.frames,
        "painted": result.painted,
        "lasts": info.seconds,
        "audio": info.audio,
        "seconds": round(result.seconds, 2),
        "status": result.status,
        "notes": list(result.notes),
        "recipe": result.recipe,
    }


def print_forecast(ahead: VideoForecast, *, as_json: bool) -> None:
    """Print what a dry run found."""
    if as_json:
        console.print_json(ahead.as_dict())
        return
    (height, width), (rows, columns) = ahead.size, ahead.painted
    shots = "one shot" if ahead.shots == 1 else f"{ahead.shots} shots"
    console.say(f"{_frames(ahead.frames)} of {width} x {height} in {shots}, {duration(ahead.lasts)}; {ahead.codec}")
    console.say(f"painted at {columns} x {rows}")
    if ahead.seconds is not None and ahead.memory is not None:
        console.say(f"About {duration(ahead.seconds)} and {ahead.memory / 1e9:.1f} GB.")
    for note in ahead.notes:
        console.say(f"note: {console.printable(note)}")


def _frames(count: int) -> str:
    return "1 frame" if count == 1 else f"{count} frames"


def _lines(next_step: OnProgress) -> OnProgress:
    said = time.monotonic()

    def on_progress(step: VideoStep) -> None:
        nonlocal said
        now = time.monotonic()
        if step.forecast is not None:
            said = now
            console.say(f"{step.frames} frames. {console.format_forecast(step.forecast)}")
        elif step.rate and now - said >= LINE_EVERY:
            said = now
            console.say(f"frame {step.frame} of {step.frames}, {rate_of(step)}, {left_of(step)}")
        next_step(step)

    return on_progress


@contextlib.contextmanager
def _bar(screen: Console, next_step: OnProgress) -> Iterator[OnProgress]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    columns = (
        SpinnerColumn(console.spinner(screen)),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", style="cyan"),
        TextColumn("{task.fields[left]}", style="green"),
    )
    words = {"survey": "looking through the clip", "paint": "painting", "join": "joining"}
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task("opening the clip", total=None, rate="", left="")

        def on_progress(step: VideoStep) -> None:
            if step.forecast is not None:
                said = f"{step.frames} frames. {console.format_forecast(step.forecast)}"
                bar.console.print(said, markup=False, highlight=False)
            if step.note:
                bar.console.print(f"note: {step.note}", markup=False, highlight=False)
            bar.update(
                task,
                total=step.frames,
                completed=step.frame,
                description=words[step.stage],
                rate=rate_of(step),
                left=left_of(step),
            )
            next_step(step)

        yield on_progress
