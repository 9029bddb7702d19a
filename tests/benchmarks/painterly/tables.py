"""The table of the rows, and which goals they meet."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean
from typing import Any

from tests.benchmarks.painterly.bench import Row
from tests.benchmarks.speed.tables import markdown

NEAR = 1.1  # times a painting's own level: a photo that is no farther can hardly come nearer
SECONDS = {"standard": 20.0, "draft": 8.0}
HEAD = [
    *(
        "pair",
        "method",
        "nn",
        "photo's",
        "own",
        "fall",
        "cfsd",
        "palette",
        "photo's",
        "identity",
        "drift",
        "lattice 2, 4",
    ),
    *("wall s", "GB", "forecast s", "forecast GB", "matching", "asking", "background", "others' cores"),
]


def table(rows: Sequence[Row], about: str, notes: Iterable[str] = ()) -> str:
    """Markdown: for each quality and strength the rows, their means and the goals; then the paintings, and the strengths."""
    parts = [about, *(f"Note: {note}." for note in notes)]
    versions = {row["sources"] for row in rows}
    if len(versions) > 1:
        parts.append(f"Note: rows were made by {len(versions)} versions of the sources.")
    for (quality, strength), group in _grouped(rows, "quality", "strength").items():
        good = [row for row in group if "error" not in row]
        methods = _grouped(good, "method")
        lines = [_line(row) for row in good]
        lines += [_mean(method, entries) for (method,), entries in methods.items()]
        parts.append(f"## {quality}, strength {strength:g}")
        parts += [markdown(HEAD, lines)] if lines else []
        parts += [
            f"{row['pair']} {row['method']} failed: {row['error'].splitlines()[-1]}" for row in group if "error" in row
        ]
        if good:
            heads = ["goal", *(method for (method,) in methods)]
            checks = [[text for text, _ in goals(quality, entries)] for entries in methods.values()]
            said = [[found for _, found in goals(quality, entries)] for entries in methods.values()]
            parts.append(markdown(heads, list(zip(checks[0], *said))))
    parts.append(_paintings(rows))
    parts += _steadily(rows)
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def goals(quality: str, rows: Sequence[Row]) -> list[tuple[str, str]]:
    """(what is wanted, what there is), the latter beginning with "yes", "no" or "-"."""
    near = [row for row in rows if row["photo_nn"] <= NEAR * row["own"]]
    far = [row for row in rows if row not in near]
    known = [row for row in rows if row["identity"] is not None]
    lost = [row for row in rows if row["face"] == "lost"]
    moved = [row for row in known if row["drift"] is not None]
    told = [row for row in rows if row.get("forecast")]
    tiled = [row for row in rows if row["lattice"]]
    seconds = SECONDS.get(quality)
    made = [
        _check("nn falls by 30 % on average", fmean(row["fall"] for row in rows), 0.3, _percent, least=True),
        _worst(
            f"nn falls by 20 % on each but the {len(near)} whose photo is near the painting's own level",
            far, lambda row: row["fall"], 0.2, _percent, least=True,
        ),
        _check("cfsd .009 on average", fmean(row["cfsd"] for row in rows), 0.009, _four),
        _check("identity .42 on average", fmean(row["identity"] for row in known) if known else None, 0.42, _two),
        _worst("identity .55 at the worst", known, lambda row: row["identity"], 0.55, _two),
        _worst("drift 3 %", moved, lambda row: row["drift"], 0.03, _percent, f"; faces lost: {len(lost)}" if lost else ""),
        _worst("lattice 1.5", tiled, lambda row: max(row["lattice"]), 1.5, _two),
    ]  # fmt: skip
    if seconds is not None:
        made.append(_worst(f"{seconds:g} s with imports", rows, lambda row: row["wall"], seconds, _one))
        made.append(_worst("1.6 GB", rows, lambda row: row["peak"] / 1e9, 1.6, _two))
    return [
        *made,
        _worst("matching 15 % of a run", rows, lambda row: row["matching"] / row["wall"], 0.15, _percent),
        _worst("forecast within 25 %", told, lambda row: abs(row["forecast"] / row["took"] - 1), 0.25, _percent),
        _worst("background unchanged", rows, lambda row: row["outside"], 0, lambda value: f"{value:.0f}"),
    ]


def _worst(
    text: str,
    rows: Sequence[Row],
    of: Callable[[Row], float],
    goal: float,
    say: Callable[[float], str],
    more: str = "",
    *,
    least: bool = False,
) -> tuple[str, str]:
    if not rows:
        return text, "-"
    row = (min if least else max)(rows, key=of)
    text, found = _check(text, of(row), goal, say, least=least)
    if more:
        found = "no" + found.removeprefix("yes").removeprefix("no")
    return text, f"{found} ({row['pair']}){more}"


def _check(
    text: str, value: float | None, goal: float, say: Callable[[float], str], *, least: bool = False
) -> tuple[str, str]:
    if value is None:
        return text, "-"
    met = value >= goal if least else value <= goal
    return text, f"{'yes' if met else 'no'}: {say(value)}"


def _line(row: Row) -> list[object]:
    ahead, lost = row.get("forecast"), row["face"] == "lost"
    near = " *" if row["photo_nn"] <= NEAR * row["own"] else ""
    identity = [None if row["identity"] is None else _two(row["identity"])]
    identity.append("lost" if lost else None if row["drift"] is None else _percent(row["drift"]))
    seconds = None if not ahead else f"{ahead:.1f} ({ahead / row['took'] - 1:+.0%})"
    room = row.get("forecast_memory")
    memory = None if not room else f"{room / 1e9:.2f} ({room / row['peak'] - 1:+.0%})"
    cells = [row["pair"], row["method"], _three(row["nn"]), _three(row["photo_nn"]) + near, _three(row["own"])]
    cells += [_percent(row["fall"]), _four(row["cfsd"]), _one(row["palette"]), _one(row["photo_palette"]), *identity]
    cells += [_dots(row["lattice"]), _one(row["wall"]), _two(row["peak"] / 1e9), seconds, memory]
    return [*cells, *_shares(row), row["outside"], _one(row["others"])]


def _mean(method: str, rows: Sequence[Row]) -> list[object]:
    def mean(key: str, say: Callable[[float], str]) -> str | None:
        values = [row[key] for row in rows if row[key] is not None]
        return say(fmean(values)) if values else None

    cells = ["mean", method, mean("nn", _three), mean("photo_nn", _three), mean("own", _three), mean("fall", _percent)]
    cells += [mean("cfsd", _four), mean("palette", _one), mean("photo_palette", _one), mean("identity", _two)]
    tiled = [row["lattice"] for row in rows if row["lattice"]]
    dots = _dots([fmean(values) for values in zip(*tiled)])
    cells += [mean("drift", _percent), dots, mean("wall", _one), _two(fmean(row["peak"] for row in rows) / 1e9)]
    shares = [_percent(fmean(row[key] / row["wall"] for row in rows)) for key in ("matching", "asking")]
    return [*cells, None, None, *shares, max(row["outside"] for row in rows), mean("others", _one)]


def _shares(row: Row) -> list[str]:
    return [_percent(row[key] / row["wall"]) for key in ("matching", "asking")]


def _paintings(rows: Sequence[Row]) -> str:
    """What each style has of itself."""
    known = {row["style"]: row for row in rows if "error" not in row}
    lines = [
        [style.rpartition("/")[2], _three(row["own"]), _dots(row["style_lattice"])] for style, row in known.items()
    ]
    head = ["painting", "own level: nn of one half of the other", "lattice 2, 4"]
    text = "\n* The photo's nn is within 10 % of the painting's own level: it can hardly come nearer.\n"
    return f"## The paintings\n\n{markdown(head, lines)}{text}" if lines else ""


def _steadily(rows: Sequence[Row]) -> list[str]:
    """Whether nn falls and the distance of identity rises from strength to strength."""
    good = sorted((row for row in rows if "error" not in row), key=lambda row: row["strength"])
    lines = []
    for (pair, quality, method), group in _grouped(good, "pair", "quality", "method").items():
        if len(group) > 1:
            nn = [row["nn"] for row in group]
            identity = [row["identity"] for row in group if row["identity"] is not None]
            back = [max(0.0, *(b - a for a, b in itertools.pairwise(nn)))]
            back += [max(0.0, *(a - b for a, b in itertools.pairwise(identity)))] if len(identity) > 1 else []
            shown = [" ".join(map(say, values)) for values, say in ((nn, _three), (identity, _two))]
            lines.append(
                [pair, quality, method, shown[0], _three(back[0]), shown[1], _three(back[1]) if back[1:] else None]
            )
    if not lines:
        return []
    strengths = " ".join(f"{value:g}" for value in sorted({row["strength"] for row in good}))
    head = ["pair", "quality", "method", "nn", "most against it", "identity", "most against it"]
    return [f"## Strength {strengths}\n\n{markdown(head, lines)}"]


def _grouped(rows: Iterable[Row], *keys: str) -> dict[tuple[Any, ...], list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[key] for key in keys), []).append(row)
    return found


def _dots(lattice: Sequence[float] | None) -> str | None:
    return ", ".join(map(_two, lattice)) if lattice else None


def _percent(value: float) -> str:
    return f"{value:.1%}"


def _one(value: float) -> str:
    return f"{value:.1f}"


def _two(value: float) -> str:
    return f"{value:.2f}"


def _three(value: float) -> str:
    return f"{value:.3f}"


def _four(value: float) -> str:
    return f"{value:.4f}"
