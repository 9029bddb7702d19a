"""Seconds of a frame, of the command and of a batch, and memory.

    python -m tests.benchmarks.instant speed --portrait A.jpg --painting S.jpg=S.safetensors --out FOLDER
    python -m tests.benchmarks.instant speed ... --selfies 60 --only batch

Frames of 512 and 320 px on 1 and 2 threads in bfloat16 and float32: CPU and wall seconds of a frame (network on frozen
statistics, compositing; the matte given) and of the statistics, the least of --repeat. The command: `stylize ... --quality
instant` in a process of its own, wall seconds with imports and matte, and the greatest resident memory. The batch: `batch` on
--selfies copies of the photo at 1024 px, pictures a minute. Wall seconds are a user's on an idle machine only; CPU seconds
count on a busy one too.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from portrait_nst import Settings, imaging, resources
from portrait_nst.instant import store
from portrait_nst.pipeline.instant.strength import local_strength, share_of
from portrait_nst.types import FloatArray, UInt8Array
from tests.benchmarks.instant.measures import Paint
from tests.benchmarks.instant.scenes import Hand, Painting, Portrait
from tests.benchmarks.speed.processes import Usage, checked, python, watched
from tests.benchmarks.speed.tables import gigabytes, machine, markdown

Row = dict[str, Any]
SIZES, THREADS, KINDS = (512, 320), (1, 2), (torch.bfloat16, torch.float32)
SELFIE = 1024  # pixels along the longer side
GOALS = {(512, 1): 0.25, (512, 2): 0.15, (320, 2): 0.06}  # wall seconds a frame
COMMAND, PEAK, PACE = 4.5, 1.1, 60.0  # seconds; GB; pictures a minute


def least(work: Callable[[], object], repeat: int) -> tuple[float, float]:
    """(wall, CPU) seconds, the least of each, after one call to warm up."""
    work()
    walls, cpus = [], []
    for _ in range(repeat):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return min(walls), min(cpus)


def frame(paint: Paint, content: FloatArray, photo: UInt8Array, matte: FloatArray) -> Callable[[], UInt8Array]:
    """What is done for each frame of a clip."""
    return lambda: imaging.composite(photo, imaging.to_uint8(paint(content)), matte)


def frames(portrait: Portrait, painting: Painting, repeat: int) -> Iterator[Row]:
    for kind in KINDS:
        hand = Hand(painting, "person", kind)
        for size in SIZES:
            photo, content = (_fitted(picture, size) for picture in (portrait.rgb, portrait.subject.foreground))
            maps = [portrait.matte, portrait.subject.in_faces, share_of(local_strength(portrait.subject, Settings()))]
            maps = [imaging.resize_mask(values, photo.shape[:2]) for values in maps]
            for threads in THREADS:
                torch.set_num_threads(threads)
                given = imaging.to_float(content)
                settle = partial(hand.settled, given, *maps)
                wall, cpu = least(frame(settle(), given, photo, maps[0]), repeat)
                first, first_cpu = least(settle, repeat)
                goal = GOALS.get((size, threads)) if kind == torch.bfloat16 else None
                row = {"size": size, "threads": threads, "kind": str(kind).removeprefix("torch.")}
                row |= {"wall": wall, "cpu": cpu, "statistics": first, "statistics cpu": first_cpu, "goal": goal}
                yield row | {"met": None if goal is None else "yes" if wall <= goal else "no"}


def _fitted(picture: UInt8Array, size: int) -> UInt8Array:
    scale = size / max(picture.shape[:2])
    height, width = (round(side * scale) for side in picture.shape[:2])
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS))


def style_of(painting: Painting) -> Path:
    """What is given to a command as the style: the file of the network, if there is one."""
    return painting.network or painting.path


@contextmanager
def kept(painting: Painting, folder: Path) -> Iterator[dict[str, str]]:
    """The environment in which the painting's network, if a file was given, is found as `learn` keeps it: a cache of its own."""
    if painting.network is None:
        yield {}
        return
    before = os.environ.get(resources.HOME)
    os.environ[resources.HOME] = str(folder)
    try:
        store.keep(painting.learned)
        yield {resources.HOME: str(folder)}
    finally:
        os.environ.pop(resources.HOME)
        os.environ.update({} if before is None else {resources.HOME: before})


def command(portrait: Portrait, painting: Painting) -> Row:
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "out.png"
        given = [portrait.path, style_of(painting), "--quality", "instant", "-o", out]
        usage = checked(watched(python("portrait_nst", "stylize", *given)), "stylize")
    return _row("stylize", 1, usage)


def batch(portrait: Portrait, painting: Painting, count: int) -> Row:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        selfie = Image.fromarray(_fitted(portrait.rgb, SELFIE))
        for number in range(count):
            selfie.save(folder / "in" / f"{number:03d}.jpg", quality=92)
        given = [folder / "in", painting.path, "--quality", "instant", "--out", folder / "out"]
        with kept(painting, folder / "cache") as cache:
            usage = checked(watched(python("portrait_nst", "batch", *given), env=cache), "batch")
        made = len(list((folder / "out").rglob("*.jpg"))) + len(list((folder / "out").rglob("*.png")))
    if made < count:
        sys.exit(f"batch made {made} of {count} pictures")
    return _row("batch", count, usage)


def _row(what: str, count: int, usage: Usage) -> Row:
    row: Row = {"what": what, "pictures": count, "wall": usage.seconds, "cpu": usage.cpu}
    row |= {"peak GB, one process": gigabytes(usage.peak_greatest), "peak GB, all": gigabytes(usage.peak_sum)}
    pace = 60 * count / usage.seconds
    met = pace >= PACE if what == "batch" else usage.seconds <= COMMAND
    met &= usage.peak_greatest / 1e9 <= PEAK
    goal = f"{PACE:g} a minute" if what == "batch" else f"{COMMAND:g} s"
    return row | {"a minute": pace, "goal": f"{goal}, {PEAK:g} GB", "met": "yes" if met else "no"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portrait", type=Path, required=True)
    parser.add_argument("--painting", required=True, metavar="PICTURE[=NETWORK]")
    parser.add_argument("--only", choices=("frames", "command", "batch"), action="append")
    parser.add_argument("--selfies", type=int, default=60)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    only = args.only or ["frames", "command", "batch"]
    portrait, painting = Portrait(args.portrait), Painting.of(args.painting)
    each = list(frames(portrait, painting, args.repeat)) if "frames" in only else []
    whole = [command(portrait, painting)] if "command" in only else []
    whole += [batch(portrait, painting, args.selfies)] if "batch" in only else []
    tables = [markdown(list(rows[0]), [list(row.values()) for row in rows]) for rows in (each, whole) if rows]
    text = "\n".join([f"{machine()}\n", *tables])
    (args.out / "rows.json").write_text(json.dumps({"frames": each, "commands": whole}, indent=1) + "\n")
    (args.out / "table.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
