"""Loss curves: the terms of one run, or several runs side by side, on a logarithmic scale.

Colours are Okabe and Ito's (2008), which people of any colour vision tell apart; where there are more runs than colours, dashes
differ too.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait_nst.report.lettering import drawable
from portrait_nst.report.outputs import check_file, write
from portrait_nst.report.trace import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KINDS = (".png", ".svg")
DASHES = ("-", (0, (5, 1.6)), (0, (1.4, 1.4)), (0, (6, 1.6, 1.4, 1.6)))
_LONGEST_NAME = 44


@dataclass(frozen=True)
class Theme:
    """The colours of a plot on light or on dark paper."""

    paper: str
    ink: str
    faint: str
    grid: str
    terms: tuple[tuple[str, str], ...]
    runs: tuple[str, ...]


_BOTH = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
LIGHT = Theme(
    "#ffffff",
    "#1d2329",
    "#5b6670",
    "#e4e8eb",
    (("total", "#1d2329"), ("style", "#D55E00"), ("content", "#0072B2"), ("tv", "#009E73")),
    (*_BOTH, "#1d2329"),
)
DARK = Theme(
    "#171b20",
    "#eceff2",
    "#9fabb5",
    "#2c343c",
    (("total", "#eceff2"), ("style", "#FF8A3D"), ("content", "#56B4E9"), ("tv", "#1FC39A")),
    ("#56B4E9", "#FF8A3D", "#1FC39A", "#E795C1", "#F0C24B", "#8FA8FF", "#eceff2"),
)


def loss_plot(
    runs: Trace | Sequence[Trace], path: str | Path, *, overwrite: bool = False, title: str = "", legend: str = ""
) -> Path:
    """Write the loss curves of `runs` to `path` (.png or .svg); returns the path.

    One run: its terms style, content, tv and their total, with a mark where each scale begins. Several: the total of each,
    with a legend, whose names `legend` explains.
    Raises InputError for another suffix, or a file that exists already without `overwrite`.
    """
    target = check_file(path, KINDS, "The loss plot", overwrite=overwrite)
    return write(target, render(runs, target.suffix, title=title, legend=legend), overwrite=overwrite)


def render(
    runs: Trace | Sequence[Trace], suffix: str, *, title: str = "", legend: str = "", dark: bool = False
) -> bytes:
    """The bytes of the file that `loss_plot` would write; the same runs give the same bytes."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    traces = [runs] if isinstance(runs, Trace) else list(runs)
    theme = DARK if dark else LIGHT
    style: dict[Any, Any] = {
        "font.family": "DejaVu Sans",
        "font.size": 10.5,
        "text.color": theme.ink,
        "axes.labelcolor": theme.faint,
        "xtick.color": theme.faint,
        "ytick.color": theme.faint,
        "svg.hashsalt": "portrait_nst",
        "text.parse_math": False,
    }
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(8.8, 4.9), dpi=160, facecolor=theme.paper, layout="constrained")
        FigureCanvasAgg(figure)
        figure.get_layout_engine().set(w_pad=0.16, h_pad=0.16)  # type: ignore[union-attr,call-arg]
        axes = _axes(figure, theme)
        if not any(len(_values(trace, "total")) for trace in traces):
            axes.text(0.5, 0.5, "no losses were recorded", transform=axes.transAxes, ha="center", color=theme.faint)
            axes.set_axis_off()
        elif len(traces) == 1:
            _draw_terms(axes, traces[0], theme, title)
        else:
            _draw_runs(figure, axes, traces, theme, title, legend)
        file = io.BytesIO()
        kind = suffix.lower().removeprefix(".")
        metadata: dict[str, Any] = {"Date": None} if kind == "svg" else {"Software": None}
        figure.savefig(file, format=kind, metadata=metadata, facecolor=theme.paper)
    return file.getvalue()


def _axes(figure: Figure, theme: Theme) -> Axes:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    axes = figure.add_subplot(facecolor=theme.paper)
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(base=10, subs=(1.0,), numticks=12))
    axes.yaxis.set_minor_locator(LogLocator(base=10, subs=(2.0, 5.0), numticks=40))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, steps=[1, 2, 5, 10]))
    axes.grid(which="major", color=theme.grid, linewidth=0.9)
    axes.grid(which="minor", axis="y", color=theme.grid, linewidth=0.4)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(theme.faint)
    axes.tick_params(which="both", length=0)
    axes.set_xlabel("step")
    return axes


def _draw_terms(axes: Axes, trace: Trace, theme: Theme, title: str) -> None:
    ends: list[tuple[float, str, str]] = []
    for term, colour in theme.terms:
        values = _values(trace, term)
        if not any(math.isfinite(value) for value in values):
            continue
        wide = term == "total"
        axes.plot(
            range(1, len(values) + 1), values, color=colour, linewidth=3.4 if wide else 2.0, alpha=0.45 if wide else 1
        )
        last = next(value for value in reversed(values) if math.isfinite(value))
        ends.append((last, f"{term}  {last:.2g}", colour))
    steps = len(trace.losses)
    axes.set_xlim(1, max(steps, 2))
    _bound(axes, 1.35)
    lower, before = False, -math.inf
    for number, (first, (height, width)) in enumerate(trace.scales):
        lower = not lower and first - before < 0.12 * steps  # a name that would run into the one before it
        before = first
        if number:
            axes.axvline(first + 1, color=theme.faint, linewidth=0.9, linestyle=(0, (3, 3)))
        axes.annotate(
            f"{width} x {height}",
            (first + 1, 1),
            xycoords=("data", "axes fraction"),
            xytext=(5, -17 if lower else -4),
            textcoords="offset points",
            va="top",
            fontsize=9,
            color=theme.faint,
        )
    _label_ends(axes, ends)
    facts = [f"{steps} steps"]
    if len(trace.scales) > 1:
        facts.append(f"{len(trace.scales)} scales")
    if trace.seconds:
        facts.append(f"{trace.seconds:.1f} s")
    _titles(axes, theme, title or trace.name or "Losses", ", ".join(facts) + "; weighted terms, logarithmic scale")


def _label_ends(axes: Axes, ends: list[tuple[float, str, str]]) -> None:
    """Names at the right end of the curves, moved apart where they would cover each other."""
    low, high = (math.log10(limit) for limit in axes.get_ylim())
    places: list[float] = []
    for value, text, colour in sorted(ends):
        place = (math.log10(value) - low) / (high - low)
        place = max([place, *(other + 0.055 for other in places[-1:])])
        places.append(place)
        axes.annotate(
            text,
            (1, place),
            xycoords="axes fraction",
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontweight="bold",
            color=colour,
        )


def _draw_runs(figure: Figure, axes: Axes, traces: Sequence[Trace], theme: Theme, title: str, legend: str) -> None:
    ranked = []
    for number, trace in enumerate(traces):
        values = _values(trace, "total")
        finite = [value for value in values if math.isfinite(value)]
        if not finite:
            continue
        colour = theme.runs[number % len(theme.runs)]
        dashes: Any = DASHES[number // len(theme.runs) % len(DASHES)]
        name = drawable(trace.name or f"run {number + 1}")
        short = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
        (line,) = axes.plot(range(1, len(values) + 1), values, color=colour, linestyle=dashes, linewidth=2.0)
        axes.plot(len(values), values[-1], "o", color=colour, markersize=4.5)
        ranked.append((finite[-1], line, f"{short}   {finite[-1]:.3g}"))
    axes.margins(x=0.02)
    _bound(axes, 1.1)
    ranked.sort(key=lambda entry: -entry[0])  # in the order in which the curves end, from the top
    figure.set_size_inches(8.8 + min(3.2, 0.07 * max(len(text) for _, _, text in ranked)), max(4.9, 0.24 * len(ranked)))
    figure.legend(
        [line for _, line, _ in ranked],
        [text for _, _, text in ranked],
        loc="outside right upper",
        frameon=False,
        fontsize=9,
        handlelength=2.6,
        title=(f"{legend}: " if legend else "") + "total after the last step",
        title_fontsize=9,
        alignment="left",
    )
    _titles(axes, theme, title or "Losses", f"total of {len(ranked)} runs, logarithmic scale")


def _titles(axes: Axes, theme: Theme, title: str, facts: str) -> None:
    axes.set_title(drawable(title), loc="left", fontsize=14, fontweight="bold", color=theme.ink, pad=26)
    axes.annotate(
        facts, (0, 1), xycoords="axes fraction", xytext=(0, 10), textcoords="offset points", color=theme.faint
    )


def _bound(axes: Axes, headroom: float) -> None:
    """Limits at which a logarithmic axis always shows a decade's tick, with room above for the scales' names."""
    from matplotlib.ticker import FuncFormatter

    low, high = axes.dataLim.intervaly
    low, high = float(low) / 1.25, float(high) * headroom
    while math.floor(math.log10(high)) <= math.log10(low):
        low, high = low / 1.2, high * 1.2
    axes.set_ylim(low, high)
    if high / low < 30:
        axes.yaxis.set_minor_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _values(trace: Trace, term: str) -> list[float]:
    """A term step by step, NaN where a logarithmic scale cannot show it."""
    found = [step.get(term, math.nan) for step in trace.losses]
    return [value if math.isfinite(value) and value > 0 else math.nan for value in found]
