"""What there is to look at: sheets with a row for each pair, and what strength does as curves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from portrait_nst.report import Tile, contact_sheet
from portrait_nst.report.plots import DASHES, LIGHT
from tests.benchmarks.painterly.bench import Row

TILE = 340


def sheet(rows: Sequence[Row], out: Path, name: str, title: str, key: str, order: Sequence[object]) -> None:
    """Write ``name`` into `out`: photo, style and a painting for each value of `key`, in this `order`, by rows."""
    tiles = []
    for pair in dict.fromkeys(row["pair"] for row in rows):
        found = {row[key]: row for row in rows if row["pair"] == pair}
        first = next(iter(found.values()))
        tiles.append(Tile(Path(first["photo"]), Path(first["photo"]).stem, f"nn {first['photo_nn']:.3f}"))
        tiles.append(Tile(Path(first["style"]), Path(first["style"]).stem, f"of itself {first['own']:.3f}"))
        for value in order:
            label = f"{key} {value}" if isinstance(value, float) else str(value)
            row = found.get(value)
            tiles.append(
                Tile(None, label, "not painted") if row is None else Tile(out / row["painting"], label, _note(row))
            )
    contact_sheet(tiles, out / name, columns=2 + len(order), title=title, tile=TILE, overwrite=True)


def _note(row: Row) -> str:
    note = f"nn {row['nn']:.3f} ({-row['fall']:+.0%}), cfsd {row['cfsd']:.4f}"
    if row["identity"] is not None:
        note += f", identity {row['identity']:.2f}"
    return f"{note}, {row['wall']:.1f} s"


def curves(rows: Sequence[Row], path: Path) -> None:
    """nn and identity over strength, two curves for each pair; a row of plots for each quality and method."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    kinds = list(dict.fromkeys((row["quality"], row["method"]) for row in rows))
    pairs = list(dict.fromkeys(row["pair"] for row in rows))
    ink: dict[Any, Any] = {
        "text.color": LIGHT.ink,
        "axes.labelcolor": LIGHT.faint,
        "xtick.color": LIGHT.faint,
        "ytick.color": LIGHT.faint,
    }
    with matplotlib.rc_context({**ink, "font.family": "DejaVu Sans", "font.size": 10.5, "text.parse_math": False}):
        figure = Figure(figsize=(11.5, 0.6 + 4.3 * len(kinds)), dpi=130, facecolor=LIGHT.paper, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(len(kinds), 2, squeeze=False)
        for line, (quality, method) in zip(axes, kinds):
            for axis, key, label in zip(
                line, ("nn", "identity"), ("nn: distance from the painting's strokes", "identity")
            ):
                for number, pair in enumerate(pairs):
                    points = [
                        (row["strength"], row[key])
                        for row in sorted(rows, key=lambda row: row["strength"])
                        if (row["pair"], row["quality"], row["method"]) == (pair, quality, method)
                        and row[key] is not None
                    ]
                    look = {
                        "color": LIGHT.runs[number % len(LIGHT.runs)],
                        "linestyle": DASHES[number // len(LIGHT.runs) % 4],
                    }
                    if points:
                        axis.plot(*zip(*points), marker="o", markersize=4, label=pair, **look)
                axis.set(xlabel="strength", ylabel=label)
                axis.set_title(f"{method}, {quality}", loc="left", fontsize=11, fontweight="bold")
                axis.grid(color=LIGHT.grid)
                axis.set_axisbelow(True)
                for side in ("top", "right", "left"):
                    axis.spines[side].set_visible(False)
                axis.tick_params(length=0)
        handles, names = axes[0][0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=3, frameon=False, fontsize=9)
        figure.savefig(path, facecolor=LIGHT.paper, metadata={"Software": None})
