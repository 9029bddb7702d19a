"""Draw the style pictures in samples/styles.

    python samples/draw_styles.py                 all of them, as they are kept here
    python samples/draw_styles.py mosaic woodcut  only these
    python samples/draw_styles.py --seed 7 --size 1024 --output my-styles

The same style, size and seed give the same file.
"""

from __future__ import annotations

import argparse
import importlib
import io
import sys
from pathlib import Path

import cv2
import numpy as np
from drawing.canvas import LONG_SIDE, OVERSAMPLING, Sheet
from numpy.typing import NDArray
from PIL import Image

HERE = Path(__file__).parent
STYLES = (
    "mosaic", "impasto", "cubist", "pointillism", "ink_wash", "woodcut",
    "palette_knife", "oil", "ukiyo_e", "pastel",
    "watercolour", "charcoal", "pen_and_ink", "stained_glass",
)  # fmt: skip


def draw(style: str, size: int = LONG_SIDE, seed: int = 1) -> NDArray[np.uint8]:
    """One style as (H, W, 3) uint8 sRGB, `size` pixels on its long side."""
    module = importlib.import_module(f"drawing.{style}")
    picture = np.asarray(module.draw(Sheet(module.SIZE, size, seed)), np.float32)
    rows, cols = (side // OVERSAMPLING for side in picture.shape[:2])
    small: NDArray[np.float32] = cv2.resize(picture, (cols, rows), interpolation=cv2.INTER_AREA)
    return np.round(np.clip(small, 0, 1) * 255).astype(np.uint8)


def png(picture: NDArray[np.uint8]) -> bytes:
    """The bytes of a PNG file, without metadata, of `picture` (H, W, 3) uint8 RGB."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def main(argv: list[str] | None = None) -> None:
    """Read the command line and write one PNG for each style asked for."""
    parser = argparse.ArgumentParser(description="Draw the style pictures.")
    parser.add_argument("styles", nargs="*", metavar="STYLE", help=f"any of: {', '.join(STYLES)} (default: all)")
    parser.add_argument("--size", type=int, default=LONG_SIDE, help="pixels on the long side (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another drawing (default: %(default)s)")
    parser.add_argument("--output", type=Path, default=HERE / "styles", help="the folder to write to")
    asked = parser.parse_args(argv)
    if unknown := sorted(set(asked.styles) - set(STYLES)):
        parser.error(f"no such style: {', '.join(unknown)}; choose from {', '.join(STYLES)}")
    if asked.size < 16:
        parser.error(f"--size is {asked.size}; at least 16 pixels are needed")
    asked.output.mkdir(parents=True, exist_ok=True)
    for style in asked.styles or STYLES:
        path = asked.output / f"{style}.png"
        path.write_bytes(png(draw(style, asked.size, asked.seed)))
        print(path, file=sys.stdout)


if __name__ == "__main__":
    main()
