"""Does a clip hold still? A pan and a zoom over a photo, painted with frozen statistics and with each frame's own.

    python -m tests.benchmarks.instant steady --portrait A.jpg --painting S.jpg=S.safetensors --frames 100 --out FOLDER

Frames are cut from the photo at whole pixels, a pixel to the side and one down in turn; the zoom goes from all of it to
--closest times as near. The network's ground stands still under them, or moves along with the pan; faces are not told from
the rest. A frame is compared with the one before, which is moved along first, away from the sides:

    flicker   mean over the frames of the rms difference
    jump      the greatest difference of mean colour of two frames, in grey levels of 255
    drift     the greatest difference of mean colour from the first frame, summed frame by frame; a clip that pumps has it
    photo's   flicker of the photo's own frames: 0 in the pan, in the zoom what scaling does

FOLDER gets ``rows.json``, ``table.md``, and for each movement and kind of statistics a strip (every tenth frame) and the greatest
difference of two frames, 8 times as strong.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from portrait_nst import imaging
from portrait_nst.types import FloatArray
from tests.benchmarks.instant.measures import EDGE, Paint, Place, rms
from tests.benchmarks.instant.scenes import Hand, Painting
from tests.benchmarks.speed.tables import machine, markdown

STRONG = 8  # times, of the difference picture
EVERY = 10  # frames of the strip
STRIP = 160  # pixels of its height
Carry = Callable[[FloatArray], FloatArray]
Frames = Iterator[
    tuple[FloatArray, Carry, Place]
]  # a frame, what carries the one before to where it is, its place in the photo
KINDS = ("frozen", "frozen, ground along", "own")


@dataclass
class Seen:
    """What a clip showed so far."""

    flicker: list[float] = field(default_factory=list)
    steps: list[NDArray[np.float64]] = field(default_factory=list)  # change of mean RGB, in grey levels
    strip: list[FloatArray] = field(default_factory=list)
    worst: FloatArray | None = None
    count: int = 0
    _last: FloatArray | None = None

    def add(self, frame: FloatArray, carry: Carry) -> None:
        if self.count % EVERY == 0:
            self.strip.append(frame)
        if self._last is not None:
            change = (frame - carry(self._last))[EDGE:-EDGE, EDGE:-EDGE]
            self.flicker.append(rms(change))
            self.steps.append(change.mean((0, 1), dtype=np.float64) * 255)
            if self.flicker[-1] == max(self.flicker):
                self.worst = np.abs(change)
        self._last, self.count = frame, self.count + 1

    def row(self) -> dict[str, float]:
        summed = np.cumsum(self.steps, axis=0)
        return {
            "flicker": float(np.mean(self.flicker)),
            "jump": float(np.linalg.norm(self.steps, axis=1).max()),
            "drift": float(np.linalg.norm(summed, axis=1).max()),
        }


def pan(photo: FloatArray, count: int) -> Frames:
    """As many frames as there is room for, at most `count`: each shows what all of them have room to show."""
    steps = min(count - 1, min(photo.shape[:2]))  # half of them in each direction, so that half of the photo is left
    height, width = photo.shape[0] - (steps + 1) // 2, photo.shape[1] - (steps + 1) // 2
    for step in range(steps + 1):
        top, left = step // 2, (step + 1) // 2
        moved = (0, -1) if step % 2 else (-1, 0)
        yield photo[top : top + height, left : left + width], _shift(moved), (top, left)


def _shift(moved: tuple[int, int]) -> Carry:
    return lambda before: np.roll(before, moved, (0, 1))  # what comes round lies within EDGE of the side


def zoom(photo: FloatArray, count: int, closest: float) -> Frames:
    """From all of the photo to `closest` times as near at its middle."""
    scales = np.linspace(1, closest, count)
    for scale, before in zip(scales, [1.0, *scales[:-1]]):
        yield nearer(photo, scale), _near(scale / before), (0, 0)


def _near(scale: float) -> Carry:
    return lambda before: nearer(before, scale)


def nearer(picture: FloatArray, scale: float) -> FloatArray:
    """`picture` enlarged by `scale` about its middle, at its size; cubic, since linear takes structure away each time."""
    import cv2

    height, width = picture.shape[:2]
    across, down = (width - 1) / 2 * (1 - scale), (height - 1) / 2 * (1 - scale)
    where = np.array([[scale, 0, across], [0, scale, down]], np.float32)
    return np.asarray(
        cv2.warpAffine(picture, where, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    )


def watch(settle: Callable[[FloatArray], Paint], frames: Frames, kind: str) -> tuple[Seen, Seen]:
    """The painted clip and the photo's own; `settle` gives what paints with the statistics of a picture, `kind` is of `KINDS`."""
    painted, own, paint = Seen(), Seen(), None
    for frame, carry, at in frames:
        if paint is None or kind == "own":
            paint = settle(frame)
        painted.add(paint(frame, at, kind == KINDS[1]), carry)
        own.add(frame, carry)
    return painted, own


def draw(out: Path, name: str, seen: Seen) -> None:
    """The strip and the difference picture."""
    small = []
    for frame in seen.strip:
        picture = Image.fromarray(imaging.to_uint8(frame))
        small.append(picture.resize((round(STRIP * picture.width / picture.height), STRIP), Image.Resampling.LANCZOS))
    Image.fromarray(np.hstack([np.asarray(picture) for picture in small])).save(out / f"strip-{name}.png")
    assert seen.worst is not None
    Image.fromarray(imaging.to_uint8(np.clip(STRONG * seen.worst, 0, 1))).save(out / f"difference-{name}.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portrait", type=Path, required=True)
    parser.add_argument("--painting", required=True, metavar="PICTURE[=NETWORK]")
    parser.add_argument("--frames", type=int, default=100, help="at least 2")
    parser.add_argument("--closest", type=float, default=1.5)
    parser.add_argument("--threads", type=int, help="default: all")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    photo = imaging.to_float(imaging.load(args.portrait).rgb)
    hand = Hand(Painting.of(args.painting), "whole")
    rows = []
    for movement in ("pan", "zoom"):
        for kind in KINDS if movement == "pan" else (KINDS[0], KINDS[2]):
            frames = pan(photo, args.frames) if movement == "pan" else zoom(photo, args.frames, args.closest)
            painted, own = watch(hand.settled, frames, kind)
            draw(args.out, f"{movement}-{kind.replace(', ', '-').replace(' ', '-')}", painted)
            row = {"movement": movement, "statistics": kind, "frames": painted.count, **painted.row()}
            rows.append({**row, "photo's": own.row()["flicker"]})
    (args.out / "rows.json").write_text(json.dumps(rows, indent=1) + "\n")
    text = f"{machine(args.threads)}\n\n" + markdown(list(rows[0]), [list(row.values()) for row in rows])
    (args.out / "table.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
