"""A warm loop: all photos of a folder painted by `pipeline.stylize` in one process, a line of JSON for each.

    python -m tests.benchmarks.speed.warm PHOTOS STYLE OUT --quality draft --size 256

`--kept` keeps the encoder and the style's targets from one call to the next, as a batch does.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from portrait_nst import Settings, imaging, pipeline


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("style", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--quality", default=Settings.quality)
    parser.add_argument("--size", type=int)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--kept", action="store_true")
    args = parser.parse_args()
    settings = Settings(quality=args.quality, size=args.size, threads=args.threads)
    kept = pipeline.Stylizer.of(settings) if args.kept else None
    args.out.mkdir(parents=True, exist_ok=True)
    for path in sorted(args.photos.iterdir()):
        began = time.perf_counter()
        photo = imaging.load(path)
        result = pipeline.stylize(photo, args.style, settings=settings, stylizer=kept)
        result.save(args.out / f"{path.stem}-{args.style.stem}.png", exif=photo.exif)
        print(json.dumps({"photo": path.name, "seconds": time.perf_counter() - began}), flush=True)


if __name__ == "__main__":
    main()
