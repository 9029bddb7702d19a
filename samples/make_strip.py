"""Put pictures side by side at one height, as in README.

python samples/make_strip.py PHOTO MASK STYLE RESULT -o samples/strip.jpg
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image


def main() -> None:
    """Read the command line and write the strip."""
    parser = argparse.ArgumentParser(description="Put pictures side by side at one height.")
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--height", type=int, default=420)
    parser.add_argument("--gap", type=int, default=8)
    args = parser.parse_args()
    tiles = []
    for path in args.pictures:
        with Image.open(path) as image:
            width = round(image.width * args.height / image.height)
            tiles.append(image.convert("RGB").resize((width, args.height), Image.Resampling.LANCZOS))
    strip = Image.new("RGB", (sum(t.width for t in tiles) + args.gap * (len(tiles) - 1), args.height), "white")
    left = 0
    for tile in tiles:
        strip.paste(tile, (left, 0))
        left += tile.width + args.gap
    strip.save(args.output, quality=92)


if __name__ == "__main__":
    main()
