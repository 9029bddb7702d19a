"""Seconds and memory of painting large pictures instantly, and how far windows are from the whole.

    python -m tests.benchmarks.instant.large --megapixels 1 3 12 24 --threads 1

A photo of the samples, enlarged to each size, is painted at its own size with random weights, which cost what learned ones do:
with strokes as broad as at 512 px (coarse to fine) and with native ones (one pass). Each size runs in a process of its own;
seconds are those of the painting alone, memory is the peak of the process, with torch. The last column is the greatest
difference, at 1.5 megapixels in float32 and with the same maps, between painting by windows and in one piece.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

import cv2
import numpy as np
import torch

from portrait_nst import encoders, imaging
from portrait_nst.instant import Painter, paint_large, windows
from portrait_nst.transfer.configuration import has_fast_bf16
from tests.benchmarks.speed.tables import markdown
from tests.instant.networks import network

PHOTO = "samples/grace_hopper.jpg"


def measured(megapixels: float, stroke: float, threads: int) -> dict[str, float]:
    """Seconds, CPU seconds and peak gigabytes of painting a photo of so many `megapixels`."""
    torch.set_num_threads(threads)
    photo = imaging.load(PHOTO).rgb
    factor = (megapixels * 1e6 / photo.shape[0] / photo.shape[1]) ** 0.5
    photo = np.asarray(cv2.resize(photo, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC))
    painter = Painter(
        encoders.get("embedded"), network(), dtype=torch.bfloat16 if has_fast_bf16("cpu") else torch.float32
    )
    paint_large(painter, photo[:256, :256])  # the first picture sets up
    begun, cpu = time.perf_counter(), time.process_time()
    paint_large(painter, photo, size="full", stroke=stroke)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {"seconds": time.perf_counter() - begun, "cpu": time.process_time() - cpu, "gigabytes": peak}


def seam(megapixels: float = 1.5) -> float:
    """The greatest difference of any pixel between painting by windows and in one piece."""
    side = int((megapixels * 1e6) ** 0.5)
    generator = torch.Generator().manual_seed(0)
    picture = torch.nn.functional.interpolate(torch.rand(1, 3, side // 8, side // 8, generator=generator), (side, side))
    painter = Painter(encoders.get("embedded"), network())
    whole = painter.see(picture)
    maps = painter.maps(painter.statistics(whole))
    parts = windows.paint(
        painter, windows.see(painter, picture, largest=250_000), maps, picture.clone(), largest=250_000
    )
    return float((painter.paint(whole, maps) - parts).abs().max())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megapixels", type=float, nargs="+", default=[1, 3, 12, 24])
    parser.add_argument(
        "--strokes", type=float, nargs="+", default=[1.0, 0.125], help="1: coarse to fine; 0.125: native at 4096 px"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--one", action="store_true", help="measure the first size and strokes in this process")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measured(options.megapixels[0], options.strokes[0], options.threads)))
        return
    rows = []
    for megapixels in options.megapixels:
        for stroke in options.strokes:
            arguments = ["--megapixels", str(megapixels), "--strokes", str(stroke), "--threads", str(options.threads)]
            command = [sys.executable, "-m", "tests.benchmarks.instant.large", "--one", *arguments]
            found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
            rows.append([megapixels, stroke, *(round(found[key], 2) for key in ("seconds", "cpu", "gigabytes"))])
    print(markdown(["megapixels", "strokes", "seconds", "CPU seconds", "gigabytes"], rows))
    print(f"greatest difference of windows and whole: {seam():.1e}")


if __name__ == "__main__":
    main()
