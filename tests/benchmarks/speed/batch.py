"""Many pictures by each way that there is: seconds a picture, memory, and whether the pixels are the same.

    python -m tests.benchmarks.speed.batch --photos FOLDER --style S --count 50 --quality draft --size 256 --out DIR

The photos are those of FOLDER on which a person is found, and crops of them until there are enough files. The ways: a warm
loop of `pipeline.stylize` in one process; the same with encoder and style targets kept; `portrait-nst stylize` for a few of
them, each in a process of its own; `portrait-nst batch` with its defaults, with one worker, with two; the same by Ray (a
local cluster of its own), where Ray is installed. Each starts with an empty cache of style targets. "Steady" is the mean
from a fifth of the pictures on; memory is sampled ten times a second. Pixels are compared with those of the first way.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from portrait_nst import imaging, pipeline
from portrait_nst.errors import PortraitError
from portrait_nst.imaging.formats import READABLE_SUFFIXES
from portrait_nst.types import Photo
from tests.benchmarks.speed.processes import Usage, checked, cores, python, watched
from tests.benchmarks.speed.tables import gigabytes, machine, markdown, sources

HEAD = ("way", "workers", "pictures", "s/picture, whole", "s/picture, steady", "first after s", "peak GB, all",
        "peak GB, one process", "processes", "cores busy", "same pixels", "greatest difference")  # fmt: skip


@dataclass
class Way:
    """One row: `commands` are run one after the other; each writes its pictures into `out`."""

    name: str
    workers: int | None
    commands: list[list[str]]
    out: Path


def with_person(folder: Path) -> Iterator[Photo]:
    """The photos of `folder` on which a person is found, sorted by name."""
    for path in sorted(p for p in folder.iterdir() if p.suffix.lower() in READABLE_SUFFIXES):
        photo = imaging.load(path)
        if _person(photo.rgb):
            yield photo


def _person(rgb: np.ndarray) -> bool:
    try:
        return bool(pipeline.matte(Photo(np.ascontiguousarray(rgb))).alpha.mean() > 0.05)
    except PortraitError:
        return False


def make_photos(folder: Path, into: Path, count: int, seed: int = 0) -> list[Path]:
    """`count` different JPEGs with a person on each: the photos of `folder`, then crops of them, some mirrored."""
    into.mkdir(parents=True)
    sources: list[Photo] = []
    made: list[Path] = []

    def write(rgb: np.ndarray) -> None:
        made.append(into / f"{len(made):04d}.jpg")
        Image.fromarray(rgb).save(made[-1], quality=92)

    for photo in with_person(folder):
        sources.append(photo)
        write(photo.rgb)
        if len(made) == count:
            return made
    if not sources:
        raise SystemExit(f"There is no photo of a person in {folder}.")
    rng = np.random.default_rng(seed)
    for number in range(20 * count):
        rgb = sources[number % len(sources)].rgb
        share = rng.uniform(0.75, 0.97)
        height, width = (int(side * share) for side in rgb.shape[:2])
        top, left = rng.integers(rgb.shape[0] - height + 1), rng.integers(rgb.shape[1] - width + 1)
        crop = np.ascontiguousarray(rgb[top : top + height, left : left + width][:, :: int(rng.choice([1, -1]))])
        if _person(crop):
            write(crop)
        if len(made) == count:
            return made
    raise SystemExit(f"Only {len(made)} crops of {folder} show a person.")


def ways(photos: list[Path], style: Path, options: list[str], work: Path, cold: int) -> list[Way]:
    """All ways to paint `photos` in `style`, each into a folder of its own below `work`; see the module."""
    folder = photos[0].parent
    warm, program = "tests.benchmarks.speed.warm", "portrait_nst"
    found = [
        Way("warm loop of stylize", None, [python(warm, folder, style, work / "warm", *options)], work / "warm"),
        Way(
            "the same, all kept", None, [python(warm, folder, style, work / "kept", *options, "--kept")], work / "kept"
        ),
    ]
    outputs = [(photo, work / "cold" / f"{photo.stem}-{style.stem}.png") for photo in photos[:cold]]
    commands = [python(program, "stylize", photo, style, "-o", target, "-q", *options) for photo, target in outputs]
    found.append(Way("portrait-nst stylize, each", None, commands, work / "cold"))
    batches: list[tuple[str, int | None, list[str]]] = [("batch, defaults", None, [])]
    batches += [(f"batch --workers {n}", n, []) for n in (1, 2)]
    if importlib.util.find_spec("ray") is not None:
        extra = ["--engine", "ray", "--address", "local"]
        batches += [(f"batch --engine ray --workers {n}", n, extra) for n in (1, 2)]
    for number, (name, workers, extra) in enumerate(batches):
        out = work / f"batch-{number}"
        given = [] if workers is None else ["--workers", str(workers)]
        command = python(program, "batch", folder, style, "--out", out, "--json", *options, *given, *extra)
        found.append(Way(name, workers, [command], out))
    return found


def row(way: Way, runs: list[Usage], count: int, reference: dict[str, np.ndarray]) -> dict[str, object]:
    """The numbers of one way; `reference` holds the pixels of the first, by file name."""
    same, greatest, compared = 0, 0, 0
    for path in sorted(way.out.glob("*.png")):
        pixels = _pixels(path)
        if reference.get(path.name) is not None and reference[path.name].shape == pixels.shape:
            compared += 1
            difference = int(np.abs(reference[path.name].astype(int) - pixels).max())
            same, greatest = same + (difference == 0), max(greatest, difference)
    seconds = sum(run.seconds for run in runs)
    steady, first = seconds / count, runs[0].seconds
    if len(runs) == 1:
        times = [at for at, line in runs[0].lines if line.startswith("{")]
        after = max(1, len(times) // 5)
        steady = (times[-1] - times[after - 1]) / (len(times) - after) if len(times) > after else float("nan")
        first = times[0]
    cpu = sum(run.cpu for run in runs)
    return {
        "way": way.name,
        "workers": way.workers,
        "pictures": count,
        "s/picture, whole": seconds / count,
        "s/picture, steady": steady,
        "first after s": first,
        "peak GB, all": gigabytes(max(run.peak_sum for run in runs)),
        "peak GB, one process": gigabytes(max(run.peak_greatest for run in runs)),
        "processes": max(run.processes for run in runs),
        "cores busy": round(cpu / max(seconds, 1e-9), 2),
        "same pixels": f"{same}/{compared}",
        "greatest difference": greatest,
    }


def _pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGBA"))


def main() -> None:
    """Run the ways and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--style", type=Path, required=True)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--cold", type=int, default=3, help="how many of them by `portrait-nst stylize`")
    parser.add_argument("--quality", default="draft")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--threads", type=int, help="for each process; default: its own choice")
    parser.add_argument("--only", action="append", help="ways whose names hold this; repeat")
    parser.add_argument("--out", type=Path, required=True, help="gets batch.md and batch.json")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    options = ["--quality", args.quality, "--size", str(args.size)]
    options += [] if args.threads is None else ["--threads", str(args.threads)]
    rows: list[dict[str, object]] = []
    known, about = sources(), machine(args.threads)
    reference: dict[str, np.ndarray] = {}
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "cold").mkdir()
        photos = make_photos(args.photos, work / "photos", args.count)
        for number, way in enumerate(ways(photos, args.style.resolve(), options, work, args.cold)):
            if args.only and not any(part in way.name for part in args.only):
                continue
            home = {"PORTRAIT_NST_HOME": str(work / f"home-{number}")}
            runs = [checked(watched(command, env=home), way.name) for command in way.commands]
            if not reference:
                reference = {path.name: _pixels(path) for path in way.out.glob("*.png")}
            if sources() != known:
                print("The program was changed meanwhile: rows cannot be compared.", file=sys.stderr, flush=True)
            rows.append(row(way, runs, len(photos) if len(runs) == 1 else len(runs), reference))
            print(json.dumps(rows[-1]), flush=True)
            text = f"{about}; {args.quality}, {args.size} px, {len(photos)} pictures\n\n"
            text += markdown(HEAD, [[line[key] for key in HEAD] for line in rows])
            (args.out / "batch.md").write_text(text)
            facts = {"machine": about, "changed meanwhile": sources() != known, "cores": cores(), "rows": rows}
            (args.out / "batch.json").write_text(json.dumps(facts, indent=2) + "\n")
    print(text)


if __name__ == "__main__":
    main()
