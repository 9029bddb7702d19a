"""Paint photos in styles with the default settings, and measure what came out beside a plain run.

    python -m tests.benchmarks.results --photo A.jpg --photo B.jpg --style S.png --style T.png --out FOLDER

Per picture: seconds, the greatest difference outside the matte (must be 0), the lattice at periods of 2 and 4 pixels
beside that of a plain run (same encoder and weights, one scale, plain pixels, no moving grid, no total variation: what
well-known tools do) and of the photo itself, whether MediaPipe still finds the face, and how far its keypoints moved
over the distance between the eyes.
FOLDER gets the pictures and ``sheet.png``, all of them side by side.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from pathlib import Path

import numpy as np
from PIL import Image

from portrait_nst import Settings, encoders, imaging, pipeline, segmentation
from portrait_nst.transfer import StyleOptimizer, StylePart, StyleSource, build_config, colour
from portrait_nst.types import Photo
from tests.benchmarks.measures import FloatArray, lattice


def drift(photo: Photo, rgb: np.ndarray) -> str:
    """Greatest movement of a keypoint of the largest face, over the distance between the eyes."""
    before, after = segmentation.faces(photo), segmentation.faces(Photo(rgb))
    if not before:
        return "no face in photo"
    if not after:
        return "lost"
    a, b = np.array(before[0].keypoints[:4]), np.array(after[0].keypoints[:4])
    return f"{after[0].score:.2f} {np.linalg.norm(a - b, axis=1).max() / np.linalg.norm(a[0] - a[1]):.1%}"


def plain(photo: Photo, matte: FloatArray, style: FloatArray, settings: Settings, steps: int) -> FloatArray:
    encoder = encoders.get(settings.encoder, settings.weights)
    config = build_config(settings, encoder, photo.height, photo.width)
    weights = dataclasses.replace(config.weights, tv=0.0)
    config = dataclasses.replace(
        config,
        sizes=config.sizes[-1:],
        iterations=(steps,),
        tolerance=0.0,
        weights=weights,
        pyramid_levels=1,
        jitter_every=10**9,
    )
    painter = StyleOptimizer(encoder, imaging.to_float(photo.rgb), [StyleSource((StylePart(style),), matte)], config)
    for _ in painter.steps():
        pass
    return painter.finish()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--photo", type=Path, action="append", required=True)
    parser.add_argument("--style", type=Path, action="append", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--quality", default="standard")
    parser.add_argument("--strength", type=float, default=Settings.strength)
    parser.add_argument("--embedded", type=Path, help="weights instead of the shipped ones")
    parser.add_argument("--no-plain", action="store_true")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    weights = None if args.embedded is None else str(args.embedded)
    settings = Settings(quality=args.quality, strength=args.strength, weights=weights)

    sheet: list[list[Image.Image]] = []
    print(f"{'picture':>34} {'seconds':>8} {'outside':>8} | lattice 2 / 4: ours   plain        photo      | face")
    for photo_path in args.photo:
        photo, row = imaging.load(photo_path), []
        for style_path in args.style:
            began = time.perf_counter()
            result = pipeline.stylize(photo, style_path, settings=settings)
            seconds = time.perf_counter() - began
            path = args.out / f"{photo_path.stem}-{style_path.stem}.png"
            result.save(path, overwrite=True)
            back = np.asarray(Image.open(path).convert("RGB")).astype(int)
            outside = int(np.abs(back - photo.rgb)[result.matte.alpha == 0].max(initial=0))
            longest = 512 / max(photo.rgb.shape[:2])
            small = (round(photo.height * longest), round(photo.width * longest))
            matte = colour.resize(result.matte.alpha, small)
            pictures = [colour.resize(imaging.to_float(result.rgb), small)]
            if not args.no_plain:
                style = imaging.to_float(imaging.load(style_path).rgb)
                pictures.append(plain(photo, result.matte.alpha, style, settings, len(result.losses)))
            pictures.append(colour.resize(imaging.to_float(photo.rgb), small))
            numbers = [lattice(p, matte) for p in pictures]
            cells = "   ".join(f"{n[2]:5.2f} {n[4]:5.2f}" for n in numbers)
            print(f"{path.stem:>34} {seconds:8.1f} {outside:8d} | {cells} | {drift(photo, result.rgb)}", flush=True)
            tile = Image.fromarray(result.rgb)
            tile.thumbnail((420, 420))
            row.append(tile)
        sheet.append(row)
    height = [max(t.height for t in row) for row in sheet]
    canvas = Image.new("RGB", (max(sum(t.width for t in row) for row in sheet), sum(height)), "white")
    for i, row in enumerate(sheet):
        left = 0
        for tile in row:
            canvas.paste(tile, (left, sum(height[:i])))
            left += tile.width
    canvas.save(args.out / "sheet.png")


if __name__ == "__main__":
    main()
