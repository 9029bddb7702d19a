"""Warp error, frozen texture, drift and sharpness of painted scenes.

    python -m tests.benchmarks.video errors --photo A.jpg --style impasto --scene pan-1 --painter frames --out FOLDER
    python -m tests.benchmarks.video errors ... --painter MODULE:FUNCTION --pictures magenta=FOLDER --clip CLIP.mp4

A --painter is "frames" (frame by frame, the baseline, always there), "frames:draft" for another quality, or a function of a
module that takes the style and returns a `FramePainter`. --pictures are of other programs (see `frames`). A --clip has no
known motion: DIS stands in for it, where it is trusted, and the person is found in each frame. For each painter and scene
FOLDER gets a strip of frames and of their differences, 8 times as strong, along the motion.
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from portrait_nst import imaging, segmentation
from portrait_nst.motion import Motion, between, warp
from portrait_nst.pipeline import prepare
from portrait_nst.types import FloatArray, Photo, UInt8Array
from portrait_nst.video.seen import SeenFrame
from tests.benchmarks.instant.measures import structure
from tests.benchmarks.speed.tables import machine, markdown
from tests.benchmarks.video.measures import Row, measure
from tests.benchmarks.video.painters import Pictures, made
from tests.benchmarks.video.scenes import SCENES, SIZE, View, seen_frames, views

STRONG = 8  # times, of differences
SHOWN = 6  # frames of a strip


def scene_of(name: str, photo: Path, count: int, size: int) -> list[View]:
    """The frames of a scene of a photo."""
    subject = prepare(photo)
    behind = imaging.to_uint8(imaging.to_float(subject.background)) if SCENES[name].layers else None
    return list(views(SCENES[name], subject.photo.rgb, subject.matte.alpha, count, behind, size))


def clip_of(path: Path, count: int) -> list[View]:
    """The first frames of a file; their motion is what DIS, with the finer grid, finds."""
    from portrait_nst.clips.reader import read

    found: list[View] = []
    with read(path) as reader:
        for frame in islice(reader, count):
            alpha = segmentation.person(Photo(frame.rgb)).alpha
            motion = between(found[-1].rgb, frame.rgb, fine=True) if found else None
            found.append(View(frame.rgb, alpha, motion))
    return found


def strip(painted: list[FloatArray], motions: list[Motion | None], mattes: list[FloatArray]) -> UInt8Array:
    """Consecutive frames from the middle, and below them how each differs from the one before, carried along."""
    start = max(1, len(painted) // 2 - SHOWN // 2)
    rows: tuple[list[FloatArray], list[FloatArray]] = ([], [])
    for t in range(start, min(start + SHOWN, len(painted))):
        motion = motions[t]
        assert motion is not None
        change = np.abs(warp(painted[t - 1], motion.back, sharp=True) - painted[t]) * mattes[t][..., None]
        rows[0].append(painted[t])
        rows[1].append(np.clip(STRONG * change, 0, 1).astype(np.float32))
    return imaging.to_uint8(np.vstack([np.hstack(row) for row in rows]))


def kept(found: list[View], painted: list[FloatArray], style: str | None) -> Row:
    """What `structure` says of the middle frame, with the style picture where there is one."""
    middle = len(painted) // 2
    photo = imaging.to_float(found[middle].rgb)
    picture = photo
    if style is not None:
        from portrait_nst import named_styles

        picture = imaging.to_float(imaging.load(Path(named_styles.path_of(style))).rgb)
    told = structure(photo, painted[middle], picture, found[middle].alpha)
    return {"kept": told.kept, "brush": told.brush if style is not None else None}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photo", type=Path, action="append", default=[])
    parser.add_argument("--clip", type=Path, action="append", default=[])
    parser.add_argument("--style", required=True)
    parser.add_argument("--scene", choices=SCENES, action="append", default=[])
    parser.add_argument("--painter", action="append", default=[])
    parser.add_argument("--pictures", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    todo = [(f"{photo.stem}-{name}", name, photo) for photo in args.photo for name in args.scene]
    todo += [(clip.stem, "", clip) for clip in args.clip]
    rows = []
    for label, name, path in todo:
        found = scene_of(name, path, args.frames, args.size) if name else clip_of(path, args.frames)
        faces = [tuple(segmentation.faces(Photo(view.rgb))) for view in found]
        seen: list[SeenFrame] = seen_frames(found, faces)
        motions = [view.motion for view in found]
        baseline = 0.0
        painters = [(spec, made(spec, args.style)) for spec in dict.fromkeys(["frames", *args.painter])]
        painters += [(n, Pictures(Path(f) / label)) for n, _, f in (text.partition("=") for text in args.pictures)]
        for spec, painter in painters:
            began = time.process_time()
            row, painted = measure(painter, seen, motions)
            spent = (time.process_time() - began) / len(seen)
            fine = row.pop("fine")
            baseline = baseline or fine
            row["sharp"] = fine / baseline
            rows.append({"scene": label, "painter": spec, **row, **kept(found, painted, args.style), "seconds": spent})
            name_of = f"{label}-{spec.replace(':', '-')}.png"
            Image.fromarray(strip(painted, motions, [view.alpha for view in found])).save(args.out / name_of)
    (args.out / "rows.json").write_text(json.dumps(rows, indent=1) + "\n")
    text = f"{machine(args.threads)}\n\n" + markdown(list(rows[0]), [list(row.values()) for row in rows])
    (args.out / "table.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
