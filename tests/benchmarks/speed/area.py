"""Seconds of an iteration against the painted area, for one size of the photo.

    python -m tests.benchmarks.speed.area --size 512 --threads 2 --out DIR

A synthetic photo (smooth noise) of --size squared is painted inside upright rectangles of 1/9, 1/6, 1/3, 1/2 and all of its area,
with the embedded encoder or with --teacher's. Tells the median seconds of an iteration at that size, over all steps that
evaluate the objective once, and the line through them: seconds = fixed + each x area. The area is that of the mask; the box that
is computed is a margin wider, and is told beside it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from portrait_nst import Settings, encoders
from portrait_nst.encoders import Encoder
from portrait_nst.transfer import StyleOptimizer, StylePart, StyleSource, build_config, colour
from portrait_nst.transfer.optim.lbfgs import LBFGS
from portrait_nst.types import FloatArray
from tests.benchmarks.speed.tables import machine, markdown

SHARES = (1 / 9, 1 / 6, 1 / 3, 1 / 2, 1.0)


def noise(side: int, seed: int) -> FloatArray:
    """(side, side, 3) in [0, 1], with structure at all scales."""
    rng = np.random.default_rng(seed)
    found = np.zeros((side, side, 3), np.float32)
    for octave in range(2, 8):
        cells = 2**octave
        found += colour.resize(rng.random((cells, cells, 3), np.float32) - 0.5, (side, side)) / octave
    clipped: FloatArray = np.clip(0.5 + found, 0, 1)
    return clipped


def rectangle(side: int, share: float) -> FloatArray:
    """(side, side), 1 in a rectangle in the middle with this share of the area, 4 high to 3 wide as far as that fits."""
    height = min(side, round(side * (share * 4 / 3) ** 0.5))
    width = min(side, round(side * side * share / height))
    mask = np.zeros((side, side), np.float32)
    top, left = (side - height) // 2, (side - width) // 2
    mask[top : top + height, left : left + width] = 1
    return mask


def measure(encoder: Encoder, side: int, share: float, settings: Settings, count: int) -> dict[str, float]:
    """What iterations at full size take: steps that had to try twice count half as two."""
    mask = rectangle(side, share)
    config = build_config(settings, encoder, side, side)
    config = replace(config, sizes=config.sizes[-1:], iterations=(count,), tolerance=-1.0, jitter_every=10**9)
    painter = StyleOptimizer(encoder, noise(side, 0), [StyleSource((StylePart(noise(side, 1)),), mask)], config)
    seconds, evaluations, at = [], 1, time.perf_counter()
    for number, _ in enumerate(painter.steps()):
        now = time.perf_counter()
        assert painter._live is not None and painter._box is not None
        optimiser = painter._live[1]
        done = optimiser.evaluations if isinstance(optimiser, LBFGS) else number + 1
        if number >= 2:  # the first ones set up, and find the length of a step
            seconds.append((now - at) / max(1, done - evaluations))
        evaluations, at = done, time.perf_counter()
        box = painter._box.shape
    return {
        "share": share,
        "area": float(mask.sum()),
        "box": float(box[0] * box[1]),
        "seconds": statistics.median(seconds),
        "least": min(seconds),
        "most": max(seconds),
    }


def line(areas: list[float], seconds: list[float]) -> tuple[float, float, float]:
    """Fixed seconds, seconds a pixel, and R^2 of the line of least squares."""
    slope, fixed = np.polyfit(areas, seconds, 1)
    found = np.array(seconds)
    left = found - (fixed + slope * np.array(areas))
    return float(fixed), float(slope), float(1 - (left**2).sum() / ((found - found.mean()) ** 2).sum())


def plot(path: Path, rows: list[dict[str, float]], fit: tuple[float, float, float], title: str) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(6.5, 4.5), constrained_layout=True)
    areas = np.array([row["area"] for row in rows])
    axis.plot(areas / 1e6, [row["seconds"] for row in rows], "o", label="median iteration")
    axis.plot(
        areas / 1e6, fit[0] + fit[1] * areas, ":", label=f"{fit[0] * 1e3:.0f} ms + {fit[1] * 1e9:.0f} ms/megapixel"
    )
    axis.set(xlabel="painted megapixels", ylabel="seconds an iteration", title=title, xlim=(0, None), ylim=(0, None))
    axis.legend()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--iterations", type=int, default=14, help="for each area")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--teacher", type=Path)
    parser.add_argument("--quality", default="standard")
    parser.add_argument("--out", type=Path, required=True, help="gets area.md, area.json and area.png")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    name, weights = ("embedded", None) if args.teacher is None else ("vgg19", args.teacher)
    encoder = encoders.get(name, weights)
    settings = Settings(quality=args.quality, size=args.size, device="cpu")
    measure(encoder, args.size, 1.0, settings, 4)  # the memory of the largest is there for all
    rows = [measure(encoder, args.size, share, settings, args.iterations) for share in SHARES]
    areas, seconds = [row["area"] for row in rows], [row["seconds"] for row in rows]
    mask, box = line(areas, seconds), line([row["box"] for row in rows], seconds)
    whole = rows[-1]
    head = ["share", "megapixels", "box's", "ms an iteration", "least", "most", "of the whole's time"]
    table = [
        [f"{r['share']:.3f}", r["area"] / 1e6, r["box"] / 1e6, *(1e3 * r[k] for k in ("seconds", "least", "most")),
         f"{r['seconds'] / whole['seconds']:.1%}"]
        for r in rows
    ]  # fmt: skip
    text = f"{machine(args.threads)}; {args.size} px squared, {name}\n\n{markdown(head, table)}\n"
    for what, (fixed, slope, fitted) in (("painted area", mask), ("box", box)):
        text += f"By the {what}: {1e3 * fixed:.2f} ms + {1e9 * slope:.1f} ms a megapixel, R^2 = {fitted:.4f}.\n"
    print(text)
    (args.out / "area.md").write_text(text)
    facts = {"machine": machine(args.threads), "rows": rows, "area": mask, "box": box}
    (args.out / "area.json").write_text(json.dumps(facts, indent=2) + "\n")
    plot(args.out / "area.png", rows, mask, f"{args.size} px squared, {name}, {args.threads} threads")


if __name__ == "__main__":
    main()
