"""Do eyes and mouths survive in a painting? Measure them, and set them beside the photo's, enlarged.

    python -m tests.benchmarks.eyes --photo A.jpg --result before.png --result after.png --sheet eyes.png

For every face whose 478 points are found in the photo, of which `before.png` and `after.png` are paintings of the same size or
of another one:
lines:    correlation of the lightness with the photo's, in and around both eyes at the scale of an iris: lids, iris and white.
iris:     how much darker the iris is than the white, as a fraction of the same in the photo; 1 as much, 0 no iris.
light:    how much lighter the catchlight is than the rest of its iris, as a fraction of the same in the photo; "-" where the
          photo has none. A half can be seen.
mouth:    correlation of the lightness with the photo's at the lips.
corners:  how far the corners of the mouth, found anew in the painting, lie from the photo's, in distances between the eyes;
          "lost" where no face is found.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from portrait_nst import imaging, segmentation
from portrait_nst.faces import contour, eye_distance
from portrait_nst.types import Face, FloatArray, Photo, UInt8Array

EYES = 200.0  # pixels between the eyes at which they are compared, an iris being 38 wide
SOFT = 3.0  # pixels there: what is finer is paint or grain
AROUND = 16  # pixels there: lids and lashes
LIGHT = 12.0  # of 100: how much lighter than its iris a catchlight is at least
CORNERS = (61, 291)  # of the mouth


@dataclass(frozen=True)
class Seen:
    """The measures of a face; None for what is not to be measured."""

    lines: float
    iris: float
    light: float | None
    mouth: float
    corners: float | None

    def text(self) -> str:
        """In a row."""
        light = "    -" if self.light is None else f"{self.light:5.2f}"
        corners = " lost" if self.corners is None else f"{self.corners:5.3f}"
        return (
            f"lines {self.lines:5.2f}  iris {self.iris:5.2f}  light {light}  mouth {self.mouth:5.2f}  corners {corners}"
        )


def _part(rgb: UInt8Array, face: Face, middle: FloatArray, size: tuple[int, int]) -> FloatArray:
    """(h, w) the lightness around `middle` with `EYES` pixels between the eyes."""
    import cv2

    factor = EYES / eye_distance(face)
    to = np.array([[factor, 0, size[1] / 2 - factor * middle[0]], [0, factor, size[0] / 2 - factor * middle[1]]])
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    cut = cv2.warpAffine(rgb, to, size[::-1], flags=way, borderMode=cv2.BORDER_REPLICATE)
    lightness = cv2.cvtColor(cut.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)[..., 0]
    return np.asarray(cv2.GaussianBlur(lightness, (0, 0), SOFT), np.float32)


def _inside(face: Face, part: str, middle: FloatArray, size: tuple[int, int], around: int = 0) -> UInt8Array:
    import cv2

    points = (contour(face, part) - middle) * (EYES / eye_distance(face)) + (size[1] / 2, size[0] / 2)
    found = np.zeros(size, np.uint8)
    cv2.fillPoly(found, [np.round(points).astype(np.int32)], 1)
    return np.asarray(cv2.dilate(found, np.ones((2 * around + 1,) * 2, np.uint8)) if around else found, np.uint8)


def _alike(a: FloatArray, b: FloatArray) -> float:
    return float(np.corrcoef(a, b)[0, 1]) if a.std() > 1e-3 and b.std() > 1e-3 else 0.0


def _eye(photo: UInt8Array, painted: UInt8Array, face: Face, side: str) -> tuple[float, float, float, float | None]:
    """The lines of one eye, the iris' contrast in the photo and in the painting, and the catchlight."""
    middle, size = contour(face, f"{side} eye").mean(0), (120, 180)
    before, after = (_part(rgb, face, middle, size) for rgb in (photo, painted))
    eye, iris = (_inside(face, f"{side} {part}", middle, size) > 0 for part in ("eye", "iris"))
    white, disc = eye & ~(_inside(face, f"{side} iris", middle, size, 4) > 0), eye & iris
    lids = _inside(face, f"{side} eye", middle, size, AROUND) > 0
    lines = _alike(before[lids], after[lids])
    if disc.sum() < 50 or white.sum() < 50:  # closed
        return lines, 0.0, 0.0, None
    contrast = [float(np.median(x[white]) - np.median(x[disc])) for x in (before, after)]
    shining = disc & (before > np.median(before[disc]) + LIGHT)
    light = None
    if shining.sum() > 8:
        excess = [float(x[shining].mean() - np.median(x[disc & ~shining])) for x in (before, after)]
        light = excess[1] / excess[0]
    return lines, contrast[0], contrast[1], light


def seen(photo: UInt8Array, painted: UInt8Array, face: Face) -> Seen:
    """The measures of a `face` of `photo` (H, W, 3), whose points are known, in its painting of the same size."""
    eyes = [_eye(photo, painted, face, side) for side in ("right", "left")]
    lights = [eye[3] for eye in eyes if eye[3] is not None]
    middle, size = contour(face, "lips").mean(0), (160, 300)
    lips = _inside(face, "lips", middle, size, AROUND) > 0
    mouth = _alike(*(_part(rgb, face, middle, size)[lips] for rgb in (photo, painted)))
    again = segmentation.redetect(Photo(painted), face)
    corners = None
    if again is not None and again.landmarks is not None and face.landmarks is not None:
        apart = again.landmarks[list(CORNERS)] - face.landmarks[list(CORNERS)]
        corners = float(np.linalg.norm(apart, axis=1).mean()) / eye_distance(face)
    return Seen(
        float(np.mean([eye[0] for eye in eyes])),
        sum(eye[2] for eye in eyes) / max(sum(eye[1] for eye in eyes), 1.0),
        float(np.mean(lights)) if lights else None,
        mouth,
        corners,
    )


def crops(rgb: UInt8Array, face: Face, enlarged: float) -> Image.Image:
    """Both eyes above the mouth, `enlarged` times."""
    width, tiles = eye_distance(face), []
    for parts, wide, high in ((("right eye", "left eye"), 2.0, 0.8), (("lips",), 1.4, 0.56)):
        x, y = np.mean([contour(face, part).mean(0) for part in parts], 0)
        box = (x - wide * width / 2, y - high * width / 2, x + wide * width / 2, y + high * width / 2)
        size = (round(2 * width * enlarged), round(0.8 * width * enlarged))
        tiles.append(Image.fromarray(rgb).resize(size, Image.Resampling.BICUBIC, box=_within(box, rgb.shape)))
    both = Image.new("RGB", (tiles[0].width, tiles[0].height + tiles[1].height))
    both.paste(tiles[0], (0, 0))
    both.paste(tiles[1], (0, tiles[0].height))
    return both


def _within(box: tuple[float, float, float, float], shape: tuple[int, ...]) -> tuple[float, float, float, float]:
    return max(0.0, box[0]), max(0.0, box[1]), min(float(shape[1]), box[2]), min(float(shape[0]), box[3])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--photo", type=Path, required=True)
    parser.add_argument("--result", type=Path, action="append", required=True)
    parser.add_argument("--sheet", type=Path, help="a row for each face: photo and results, at 400 %%")
    args = parser.parse_args()
    photo = imaging.load(args.photo)
    faces = [face for face in segmentation.faces(photo) if face.landmarks is not None]
    rows = []
    for number, face in enumerate(faces, 1):
        print(f"face {number}, {face.box[2]:.0f} pixels wide")
        row = [crops(photo.rgb, face, 4.0)]
        for path in args.result:
            painted = imaging.resize(imaging.load(path).rgb, photo.size)
            print(f"  {path.name:>36}  {seen(photo.rgb, painted, face).text()}", flush=True)
            row.append(crops(painted, face, 4.0))
        rows.append(row)
    if args.sheet and rows:
        wide = sum(tile.width for tile in rows[0])
        sheet = Image.new("RGB", (wide, sum(row[0].height for row in rows)), "white")
        top = 0
        for row in rows:
            for at, tile in enumerate(row):
                sheet.paste(tile, (at * row[0].width, top))
            top += row[0].height
        sheet.save(args.sheet)


if __name__ == "__main__":
    main()
