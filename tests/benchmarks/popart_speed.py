"""Seconds of computing and peak memory of pop art on a 12-megapixel photo, to PNG and SVG, without imports.

    python -m tests.benchmarks.popart_speed samples/astronaut.jpg

The photo is enlarged to 12 megapixels. Reading the file, the matte and the faces are timed apart: they are not pop art.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path

import cv2
import numpy as np

from portrait_nst import imaging, pipeline, segmentation
from portrait_nst.pop_art import PopartSettings, compose_portrait
from portrait_nst.types import Photo
from tests.benchmarks.history import record

MEGAPIXELS = 12.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    parser.add_argument("--mode", default="ramp")
    parser.add_argument("--background", default="colour")
    parser.add_argument("--segments", type=int)
    parser.add_argument("--record", action="store_true", help="keep the result among those of this version")
    options = parser.parse_args()
    small = imaging.load(options.photo).rgb
    grow = (MEGAPIXELS * 1e6 / (small.shape[0] * small.shape[1])) ** 0.5
    photo = Photo(np.ascontiguousarray(cv2.resize(small, None, fx=grow, fy=grow, interpolation=cv2.INTER_CUBIC)))
    seconds: dict[str, float] = {}
    began = time.monotonic(), time.process_time()

    def lap(name: str) -> None:
        nonlocal began
        seconds[name] = round(time.monotonic() - began[0], 3)
        seconds[f"{name}_cpu"] = round(time.process_time() - began[1], 3)
        began = time.monotonic(), time.process_time()

    matte = pipeline.matte(photo)
    faces = segmentation.faces(photo)
    lap("matte_and_faces")
    settings = PopartSettings(mode=options.mode, background=options.background, segments=options.segments)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic(), time.process_time()
    result = compose_portrait(photo.rgb, matte.alpha, faces[0] if faces else None, settings)
    lap("divide_and_colour")
    rgb, alpha = result.render()
    lap("raster")
    text = result.svg()
    lap("svg")
    data = imaging.encode(Photo(rgb, alpha), ".png")
    lap("png")
    mine = ("divide_and_colour", "raster", "svg", "png")
    facts = {
        "megapixels": round(photo.rgb.shape[0] * photo.rgb.shape[1] / 1e6, 1),
        "output": list(rgb.shape[:2]),
        "segments": result.measures["segments"],
        "svg_bytes": len(text),
        "png_bytes": len(data),
        **seconds,
        "total": round(sum(seconds[n] for n in mine), 3),
        "total_cpu": round(sum(seconds[f"{n}_cpu"] for n in mine), 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "peak_mb_before": round(before / 1024),
    }
    print(json.dumps(facts, indent=2))
    if options.record:
        row = {"seconds": facts["total"], "megabytes": facts["peak_mb"]}
        row |= {key: facts[key] for key in ("megapixels", "segments", *mine)}
        record("popart_speed", {f"{options.mode}, {options.photo.stem}": row})


if __name__ == "__main__":
    main()
