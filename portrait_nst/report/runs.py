"""The runs of a comparison as records: JSON beside each picture, and one table of them all."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portrait_nst.report.trace import Trace
from portrait_nst.result import Result

FORMAT = 1
TERMS = ("total", "style", "content", "tv", "identity")


@dataclass(frozen=True, eq=False)
class Run:
    """One run, finished or failed.

    index:   its place in the grid, from 1; settings_hash names its settings.
    varied:  {option: value} in words, for each option that varies in the comparison.
    key:     values by which a later call knows that this run is done: inputs' sha256, version, settings' hash.
    picture: the file's name within the folder, or None for a run that failed.
    scores:  measures of the picture, such as its likeness.
    error:   why it failed, or "".
    """

    index: int
    settings_hash: str
    varied: dict[str, str]
    key: dict[str, Any]
    picture: str | None
    trace: Trace
    settings: dict[str, Any]
    seconds: float = 0.0
    scores: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    error: str = ""

    @property
    def name(self) -> str:
        """What varies, as "option=value" for each option."""
        return "  ".join(f"{option}={value}" for option, value in self.varied.items())

    @property
    def short(self) -> str:
        """The values alone, for a legend that has the options' names as its title."""
        return ", ".join(self.varied.values())

    @property
    def stem(self) -> str:
        """The name of its files, without suffix."""
        return f"{self.index:03d}-{self.settings_hash}"

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return len(self.trace.losses)

    @property
    def losses(self) -> dict[str, float]:
        """The terms after the last step."""
        return dict(self.trace.losses[-1]) if self.trace.losses else {}

    def as_json(self) -> str:
        """The record that `read` reads."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "trace"}
        return json.dumps({"format": FORMAT, **values, "trace": self.trace.as_dict()}, indent=1) + "\n"


def read(path: Path) -> Run | None:
    """The run recorded in `path`, or None where that is no record of this format."""
    try:
        values = json.loads(path.read_text())
        if values.pop("format") != FORMAT:
            return None
        values |= {"varied": dict(values["varied"]), "notes": tuple(values["notes"])}
        run = Run(**{**values, "trace": Trace.from_dict("", values["trace"])})
        return dataclasses.replace(run, trace=dataclasses.replace(run.trace, name=run.short))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None


def scores_of(result: Result) -> dict[str, float]:
    """The likeness of the picture, where it was measured, under "likeness", and its parts as "likeness drift" and so on."""
    parts = {} if result.likeness is None else dataclasses.asdict(result.likeness)
    return {
        "likeness" if part == "value" else f"likeness {part}": float(value)
        for part, value in parts.items()
        if value is not None and math.isfinite(value)
    }


def columns(runs: Sequence[Run]) -> tuple[list[str], list[str], list[str]]:
    """(what varies, the loss terms, the scores) that occur in any of `runs`, in order of appearance."""
    varied = list(dict.fromkeys(option for run in runs for option in run.varied))
    terms = [term for term in TERMS if any(term in run.losses for run in runs)]
    terms += sorted({term for run in runs for term in run.losses} - set(terms))
    return varied, terms, list(dict.fromkeys(score for run in runs for score in run.scores))


def varied_names(runs: Sequence[Run]) -> str:
    """The options that vary, separated by commas."""
    return ", ".join(columns(runs)[0])


def as_csv(runs: Sequence[Run]) -> str:
    """A table of `runs`, one line each, with a head."""
    varied, terms, scores = columns(runs)
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    losses = [f"{term}_loss" for term in terms]
    table.writerow(["run", *varied, "steps", "seconds", *losses, *scores, "picture", "settings_hash", "error"])
    for run in runs:
        table.writerow(
            [
                run.index,
                *(run.varied.get(option, "") for option in varied),
                run.steps,
                f"{run.seconds:.2f}",
                *(_digits(run.losses.get(term)) for term in terms),
                *(_digits(run.scores.get(score)) for score in scores),
                run.picture or "",
                run.settings_hash,
                run.error,
            ]
        )
    return file.getvalue()


def _digits(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
