"""What `portrait-nst learn` shows: progress, what was learned and how to use it, and the list of what is kept."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait_nst import named_styles
from portrait_nst.cli import console
from portrait_nst.planning import duration

if TYPE_CHECKING:
    from rich.console import Console

    from portrait_nst.cli.learn_arguments import Order
    from portrait_nst.instant import Network
    from portrait_nst.instant.learning import LearnStep
    from portrait_nst.pipeline.learning import Learned

INTERRUPTED = "Interrupted: keeping what is learned so far; Ctrl-C again gives it up."
SETTLED = 3  # steps after which the time that is left is told: the first ones are slower
LINE_EVERY = 30.0  # seconds between two lines where there is no terminal
WORDS = {
    "covariance": "colours",
    "nearest": "strokes",
    "content": "drawing",
}  # what the losses are about; others are small
OnStep = Callable[["LearnStep"], None]


@dataclass
class Talk:
    """What is said of the learning, if anything.

    quiet:   whether nothing is said but errors and results.
    as_json: whether results are JSON.
    rows:    those of the networks so far.
    """

    quiet: bool
    as_json: bool
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def silent(self) -> bool:
        """Whether there is no progress and no talk."""
        return self.quiet or self.as_json

    def say(self, message: str) -> None:
        """A line on standard error, unless silent."""
        if not self.silent:
            _say(message)

    @contextlib.contextmanager
    def progress(self, name: str, also: OnStep) -> Iterator[OnStep]:
        """A context in which `also` is called for each step, and shown: as a bar, or as a line now and then without a terminal.

        Ctrl-C ends the learning after the step that is being made, so that a checkpoint can be written; before the first one, and
        for the second time, at once.
        """
        from rich.console import Console

        screen = Console(stderr=True, soft_wrap=True)
        begun = stopped = False

        def counted(step: LearnStep) -> None:
            nonlocal begun
            begun = True
            also(step)
            if stopped:
                raise KeyboardInterrupt

        def stop() -> bool:
            nonlocal stopped
            stopped = begun
            return stopped

        with console.interrupts(lambda: INTERRUPTED if begun and not self.silent else "", stop):
            if self.silent:
                yield counted
            elif screen.is_terminal:
                with _bar(screen, name, counted) as shown:
                    yield shown
            else:
                yield _lines(name, counted)

    def learned(
        self, order: Order, found: Learned, written: Path | None, notes: list[str], style_region: str = "whole"
    ) -> None:
        """What became of an order: where the network is kept, and the command that paints with it.

        written: the file of `-o`, or None. notes: what is to be said beside the notes of `found`.
        style_region: what of the painting was learned, as in `Settings`.
        """
        notes = [*notes, *found.notes]
        output = None if written is None else str(written)
        about = found.network.about
        self.rows.append(
            {
                "painting": order.name,
                "outcome": found.outcome,
                "sha256": [painting.sha256 for painting in about.paintings],
                "steps": about.steps,
                "seconds": round(about.seconds, 1),
                "kept": None if found.path is None else str(found.path),
                "output": output,
                "notes": notes,
            }
        )
        for note in notes:
            self.say(f"note: {note}")
        far = how_far(found.network)
        if found.outcome == "known":
            place = "in the package" if found.path is None else f"in {found.path}"
            self.say(f"{order.name} is learned already ({far}), {place}; --again learns it anew, more --minutes better")
        elif found.outcome == "interrupted":
            self.say(
                f"Interrupted: {order.name} is kept as far as it was learned ({far}); the same command goes on from there."
            )
        else:
            self.say(f"learned {order.name} ({far}){'' if found.path is None else f', kept in {found.path}'}")
        style = None if output is None else named_styles.quoted(output)
        if found.path or found.outcome == "known":
            style = order.style + region_option(style_region)
        if style:
            self.say(f"paint with it: portrait-nst stylize me.jpg {style} --quality instant")
        if not self.as_json:
            console.print_path(written or found.path)

    def end(self) -> None:
        """The results as JSON, where that was asked for."""
        if self.as_json:
            console.print_json({"learned": self.rows})


def region_option(style_region: str) -> str:
    """The option that says what of a style counts, with a space before it; "" for the whole."""
    return "" if style_region == "whole" else f" --style-region {named_styles.quoted(style_region)}"


def _say(message: str) -> None:
    """A line on standard error, which stays one whatever characters the name of a file has."""
    console.say(console.printable(message))


def how_far(network: Network) -> str:
    """How long it was learned: "593 steps, 3 min"."""
    about = network.about
    return f"{about.steps} {'step' if about.steps == 1 else 'steps'}, {duration(about.seconds)}"


def progress_words(step: LearnStep) -> str:
    """The losses in words: "colours 0.21  strokes 0.43"."""
    return "  ".join(f"{word} {step.losses[name]:.2f}" for name, word in WORDS.items() if name in step.losses)


def _rate(step: LearnStep, first: LearnStep, seconds: float) -> str:
    taken = step.step - first.step
    return f"{taken / seconds:.1f} steps/s" if taken and seconds else ""


def _lines(name: str, next_step: OnStep) -> OnStep:
    said = began = time.monotonic()
    first: LearnStep | None = None
    count = 0

    def on_step(step: LearnStep) -> None:
        nonlocal said, first, began, count
        now = time.monotonic()
        count += 1
        if first is None:
            if count < SETTLED and step.step < step.steps:
                next_step(step)
                return
            first, began = step, now
            _say(f"{name}: learning, {duration(step.seconds_left)} to go")
        elif now - said >= LINE_EVERY:
            said = now
            _say(
                f"{name}: step {step.step}, {_rate(step, first, now - began)}, {progress_words(step)}, "
                f"{duration(step.seconds_left)} left"
            )
        next_step(step)

    return on_step


@contextlib.contextmanager
def _bar(screen: Console, name: str, next_step: OnStep) -> Iterator[OnStep]:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    columns = (
        SpinnerColumn(console.spinner(screen)),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[losses]}", style="cyan"),
        TextColumn("{task.fields[left]}", style="green"),
    )
    first: LearnStep | None = None
    began = time.monotonic()
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task(f"looking at {console.printable(name)}", total=None, losses="", left="")

        def on_step(step: LearnStep) -> None:
            nonlocal first, began
            now = time.monotonic()
            if first is None:
                first, began = step, now
            bar.update(
                task,
                total=1.0,
                completed=step.seconds / max(step.seconds + step.seconds_left, 1e-9),
                description=f"{console.printable(name)}  step {step.step}  {_rate(step, first, now - began)}",
                losses=progress_words(step),
                left=f"{duration(step.seconds_left)} left",
            )
            next_step(step)

        yield on_step
