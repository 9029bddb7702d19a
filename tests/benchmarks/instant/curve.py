"""What do more minutes of learning bring? One painting, learned for 1, 3, 8 and 30 minutes, each measured as by `quality`.

    python -m tests.benchmarks.instant curve --teacher vgg19.npz --identity MODELS --portraits FOLDER --painting S.jpg \\
        --minutes 1 3 8 30 --out FOLDER
    python -m tests.benchmarks.instant curve ... --steps 200 600 1600 6000 --photos FOLDER --out FOLDER

Each is a run of its own, from the universal start, for the rate falls over a run. It is resumable: given again, networks that are
in FOLDER/networks are kept and a run that was broken off goes on. The folder gets what `quality` writes, with a program for each
length, and ``curve.png``: nn's fall, kept and identity over the minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from portrait_nst import encoders, imaging
from portrait_nst.instant import files, store
from portrait_nst.instant.learning import Learning, LearnPainting, LearnSettings, folder_material, package_material
from tests.benchmarks.instant import tables
from tests.benchmarks.instant.quality import by_hand, judge_of, judging, measured
from tests.benchmarks.instant.scenes import Painting, portraits

DRAWN = {"fall": "nn falls by", "kept": "kept of the photo's structure", "identity": "identity"}


def learned(painting: Painting, settings: LearnSettings, label: str, args: argparse.Namespace) -> Path:
    """The file of the network that is learned with these `settings`, learned now if it is not there."""
    folder = args.out / "networks"
    folder.mkdir(parents=True, exist_ok=True)
    file: Path = folder / f"{painting.name}-{label}.safetensors"
    if not file.is_file():
        material = package_material() if args.photos is None else folder_material(args.photos)
        paintings, encoder = [LearnPainting.of(imaging.load(painting.path))], encoders.get("embedded")
        run = Learning(paintings, settings, encoder, store.universal(), material, folder / f"{file.stem}.npz")
        for step in run:
            if step.step % 100 == 0:
                told = f"{step.step}/{step.steps}, {step.seconds_left:.0f} s left"
                print(f"{painting.name}, {label}: {told}", file=sys.stderr, flush=True)
        files.save(run.network(), file)
        run.discard()
    return file


def draw(rows: Sequence[dict[str, Any]], path: Path, unit: str) -> None:
    """The curves, means over the portraits; a row has "length"."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    lengths = sorted({row["length"] for row in rows})
    with matplotlib.rc_context({"font.family": "DejaVu Sans", "text.parse_math": False}):
        figure = Figure(figsize=(11, 3.6), dpi=130, layout="constrained")
        FigureCanvasAgg(figure)
        for axis, (key, label) in zip(figure.subplots(1, len(DRAWN)), DRAWN.items()):
            points = [(x, tables.mean([row for row in rows if row["length"] == x], key)) for x in lengths]
            axis.plot(*zip(*[(x, y) for x, y in points if y is not None] or [(0, 0)]), marker="o")
            axis.set(xlabel=unit, title=label)
            axis.set_xscale("symlog", linthresh=min([x for x in lengths if x] or [1]))
            axis.grid(alpha=0.3)
        figure.savefig(path, metadata={"Software": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    judging(parser)
    parser.add_argument("--painting", required=True)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 3, 8, 30])
    parser.add_argument("--steps", type=int, nargs="+", help="instead of minutes")
    parser.add_argument(
        "--photos", type=Path, help="a folder of photographs to learn on; default: what the package has"
    )
    args = parser.parse_args()
    judge, about = judge_of(args)
    people, picture = portraits(args.portraits), Painting.of(args.painting)
    unit = "steps" if args.steps else "minutes"
    rows: list[dict[str, Any]] = []
    hands = []
    for length in args.steps or args.minutes:
        settings = LearnSettings(steps=length) if args.steps else LearnSettings(minutes=length)
        if args.threads:
            settings = settings.replace(threads=args.threads)
        file = learned(picture, settings, f"{length:g}-{unit}", args)
        hands.append((length, Painting(picture.path, file)))
    made = (item for length, hand in hands for item in by_hand(hand, people, args.through, f"{length:g} {unit}"))
    with closing(judge):
        rows = measured(made, judge, args.out, about)
    rows = [row | {"length": float(row["program"].split()[0])} for row in rows]
    (args.out / "rows.json").write_text(json.dumps({"about": about, "rows": rows}, indent=1) + "\n")
    tables.sheet(args.out, rows, people, [picture])
    draw(rows, args.out / "curve.png", unit)
    print(tables.table(rows, about))


if __name__ == "__main__":
    main()
