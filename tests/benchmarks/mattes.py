"""Measure mattes: against references, when the photo moves by a pixel, where nobody is, and the time of each part.

    python -m tests.benchmarks.mattes --reference A.jpg=A-alpha.png --steady B.jpg --large C.jpg
    python -m tests.benchmarks.mattes --without-people FOLDER --people-after-all NAME --out sheet.png

--reference PHOTO=ALPHA   intersection over union of the matte and a grey picture, both from 0.5 upwards; can be repeated.
--steady PHOTO            mean difference of aligned mattes, in per cent of the picture's area: the photo cut a pixel further
                          to the right or below, and with noise of 2 of 255; can be repeated.
--without-people FOLDER   how many of its pictures are taken for people, by a face and without one. Those whose names contain a
                          word of --people-after-all are counted apart. --out makes a contact sheet of all that were taken.
--large PHOTO             milliseconds and CPU milliseconds of each part for the photo enlarged to 12 megapixels; can be repeated.
--record                  keeps the figures, see `tests.benchmarks.history`.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from portrait_nst import imaging, segmentation
from portrait_nst.errors import MaskError
from portrait_nst.types import FloatArray, Matte, Photo, UInt8Array
from tests.benchmarks.history import record
from tests.benchmarks.speed import parts

SIDE = 180  # pixels of a picture on the contact sheet
COLUMNS = 10
PIXELS = 12_000_000
# Parts that lie in one another are counted in both.
PARTS: dict[str, list[parts.Place]] = {
    "faces": [("portrait_nst.segmentation.selection", "faces")],
    "where people are": [("portrait_nst.segmentation.selection", "bodies")],
    "... looks": [("portrait_nst.segmentation.looks", "look"), ("portrait_nst.segmentation.coarse", "look")],
    "... heads": [("portrait_nst.segmentation.bodies", "heads")],
    "... closer": [("portrait_nst.segmentation.coarse", "closer")],
    "... sharpen": [("portrait_nst.segmentation.coarse", "sharpen")],
    "who is where": [("portrait_nst.segmentation.people", "split")],
    "refine": [("portrait_nst.segmentation.selection", "refine")],
    "enlarge": [("portrait_nst.segmentation.selection", "enlarge")],
}

Row = dict[str, float | int | str]


def matte_of(rgb: UInt8Array) -> FloatArray:
    return segmentation.person(Photo(np.ascontiguousarray(rgb))).alpha


def against(photo: Path, reference: Path) -> Row:
    with Image.open(reference) as opened:
        known = np.asarray(opened.convert("L"), np.float32) / 255
    alpha = matte_of(imaging.load(photo).rgb)
    common = np.minimum(alpha, known).sum() / np.maximum(alpha, known).sum()
    inside, there = alpha > 0.5, known > 0.5
    return {
        "iou": round(float((inside & there).sum() / (inside | there).sum()), 4),
        "soft iou": round(float(common), 4),
    }


def steadiness(photo: Path) -> Row:
    """Per cent by which mattes differ after a shift or noise."""
    rgb = imaging.load(photo).rgb
    alpha = matte_of(rgb[:-1, :-1])
    noise = np.random.default_rng(1).normal(0, 2, (*alpha.shape, 3)).round()
    changed = np.clip(rgb[:-1, :-1] + noise, 0, 255).astype(np.uint8)
    pairs = {
        "right": (alpha[:, 1:], matte_of(rgb[:-1, 1:])[:, :-1]),
        "down": (alpha[1:], matte_of(rgb[1:, :-1])[:-1]),
        "noise": (alpha, matte_of(changed)),
    }
    return {name: round(100 * float(np.abs(a - b).mean()), 3) for name, (a, b) in pairs.items()}


def taken_for_people(folder: Path, apart: list[str], sheet: Path | None) -> Row:
    """How many pictures of a folder have a matte."""
    taken: list[tuple[Path, Matte]] = []
    paths = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp")]
    for path in paths:
        try:
            taken.append((path, segmentation.person(imaging.load(path))))
        except MaskError:
            continue
    known = [path for path in paths if any(word in path.name for word in apart)]
    wrong = [matte for path, matte in taken if path not in known]
    without = len(paths) - len(known)
    if sheet is not None:
        contact_sheet(taken).save(sheet)
    return {
        "pictures": len(paths),
        "with people": len(known),
        "of them taken": len(taken) - len(wrong),
        "without people": without,
        "taken": len(wrong),
        "taken by no face": sum(bool(matte.notes) for matte in wrong),
        "per cent": round(100 * len(wrong) / max(without, 1), 2),
    }


def contact_sheet(taken: list[tuple[Path, Matte]]) -> Image.Image:
    rows = -(-len(taken) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * SIDE, max(rows, 1) * SIDE))
    for i, (path, matte) in enumerate(taken):
        tile = Image.fromarray(segmentation.overlay(imaging.load(path), matte))
        tile.thumbnail((SIDE, SIDE - 12))
        corner = i % COLUMNS * SIDE, i // COLUMNS * SIDE
        sheet.paste(tile, corner)
        ImageDraw.Draw(sheet).text((corner[0], corner[1] + SIDE - 12), path.stem[:28], fill="white")
    return sheet


def milliseconds(photo: Path) -> dict[str, Row]:
    """Milliseconds of each part for a photo at 12 megapixels; the models are loaded before."""
    rgb = imaging.load(photo).rgb
    scale = (PIXELS / (rgb.shape[0] * rgb.shape[1])) ** 0.5
    large = np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC))
    matte_of(rgb)
    spent: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])

    @contextmanager
    def around(part: str) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        for i, value in enumerate((time.perf_counter() - wall, time.process_time() - cpu, 1.0)):
            spent[part][i] += value

    with parts.wrapped(PARTS, around), around("faces and matte"):
        matte_of(large)
    return {
        f"{photo.stem}: {name}": {
            "ms": round(1000 * row[0], 1),
            "cpu ms": round(1000 * row[1], 1),
            "calls": int(row[2]),
        }
        for name, row in spent.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", action="append", default=[], metavar="PHOTO=ALPHA")
    parser.add_argument("--steady", type=Path, action="append", default=[], metavar="PHOTO")
    parser.add_argument("--without-people", type=Path, metavar="FOLDER")
    parser.add_argument("--people-after-all", action="append", default=[], metavar="NAME")
    parser.add_argument("--out", type=Path, metavar="PNG")
    parser.add_argument("--large", type=Path, action="append", default=[], metavar="PHOTO")
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    rows: dict[str, Row] = {}
    for entry in args.reference:
        photo, _, reference = entry.partition("=")
        rows[Path(photo).stem] = against(Path(photo), Path(reference))
    rows |= {f"{photo.stem}, steady": steadiness(photo) for photo in args.steady}
    if args.without_people:
        rows[args.without_people.name] = taken_for_people(args.without_people, args.people_after_all, args.out)
    for photo in args.large:
        rows |= milliseconds(photo)
    for name, row in rows.items():
        print(f"{name:>40}  " + "  ".join(f"{key} {value}" for key, value in row.items()))
    if args.record:
        print(record("mattes", rows))


if __name__ == "__main__":
    main()
