"""Paint portraits with and without a goal of likeness, and set the faces side by side.

    python -m tests.benchmarks.likeness --photo A.jpg --photo B.jpg --style S.png --strength 0.5 --strength 1 --out FOLDER

Per picture: the score and its parts, how much firmer the face was held, seconds and steps. FOLDER gets the pictures and
``sheet.png``: a row for each photo and style, with the photo's face first, then one painting for each strength and goal.
``--set`` changes settings for all of them, as ``--set gain_maps=true``.
"""

from __future__ import annotations

import argparse
import itertools
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from portrait_nst import Settings, imaging, segmentation, stylize
from portrait_nst.types import Photo, UInt8Array

SIDE = 260
ROOM = 2.0  # faces that a cut-out is wide


def face_box(photo: Photo) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) of a square around the largest face; all of the photo where there is none."""
    found = segmentation.faces(photo)
    if not found:
        return 0, 0, photo.width, photo.height
    left, top, width, height = found[0].box
    x, y, half = left + width / 2, top + 0.45 * height, ROOM * max(width, height) / 2
    return x - half, y - half, x + half, y + half


def tile(rgb: UInt8Array, box: tuple[float, float, float, float], caption: str) -> Image.Image:
    picture = Image.fromarray(rgb).crop(tuple(round(v) for v in box)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)  # type: ignore[arg-type]
    ImageDraw.Draw(picture).text((6, SIDE - 18), caption, fill="white", stroke_width=2, stroke_fill="black")
    return picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--photo", type=Path, action="append", required=True)
    parser.add_argument("--style", type=Path, action="append", required=True)
    parser.add_argument("--goal", type=float, action="append", help="0 for none; default: 0 and 0.6")
    parser.add_argument("--strength", type=float, action="append", help="default: 0.5")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--quality", default="draft")
    parser.add_argument("--size", type=int)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting, its value as JSON")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    goals = args.goal or [0.0, 0.6]
    changes = {name: json.loads(value) for name, _, value in (entry.partition("=") for entry in args.set)}
    settings = Settings(quality=args.quality, size=args.size, **changes)

    rows = []
    print(
        f"{'picture':>44} {'goal':>5} {'value':>6} {'dist':>6} {'kept':>6} {'score':>6} {'drift':>6} {'seconds':>8} {'steps':>5}"
    )
    for photo_path in args.photo:
        photo = imaging.load(photo_path)
        box = face_box(photo)
        for style in args.style:
            row = [tile(photo.rgb, box, photo_path.stem)]
            for strength, goal in itertools.product(args.strength or [settings.strength], goals):
                made = stylize(photo, style, settings=settings, strength=strength, likeness=goal)
                name = f"{photo_path.stem}-{style.stem}-{strength:g}-{goal:g}"
                made.save(args.out / f"{name}.png", overwrite=True)
                found = made.likeness
                numbers = "no face"
                if found is not None:
                    numbers = f"{found.value:6.3f} {found.distance:6.3f} {found.kept:6.3f} {found.score:6.2f} "
                    numbers += "  lost" if found.drift is None else f"{found.drift:6.3f}"
                told = "; ".join(note for note in made.notes if "likeness" in note)
                print(f"{name:>44} {goal:5.2f} {numbers} {made.seconds:8.1f} {len(made.losses):5d}  {told}", flush=True)
                value = "no face" if found is None else f"{found.value:.2f}"
                row.append(tile(made.rgb, box, f"{strength:g}, goal {goal:g}: {value}"))
            rows.append(row)
    sheet = np.vstack([np.hstack([np.asarray(picture) for picture in row]) for row in rows])
    Image.fromarray(sheet).save(args.out / "sheet.png")


if __name__ == "__main__":
    main()
