"""What a network is learned on: squares of photographs, from the package or from a folder, with maps of their faces."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from portrait_nst import imaging, resources
from portrait_nst.errors import InputError, ResourceError
from portrait_nst.faces import face_map
from portrait_nst.instant.learning.scenes import scenes
from portrait_nst.types import FloatArray, Photo, UInt8Array

SIDE = 256  # pixels of a square
PERCENT = 100  # of a face map's 1, as which it is kept
OF_PORTRAIT, ON_FACE, OF_STYLE, SCENES = 40, 14, 4, 80  # squares of the package's material
PIECES = (110, 512)  # pixels a side of a piece that a square shows
NEAR = (1.1, 2.6)  # sides of a piece that shows a face, in sides of the face
SHOWS = 0.04  # least mean of a face map of a square that counts as showing a face
SQUARES = 400  # of a folder, together with those of faces about 120 MB
MOST = 24  # squares of one photo
SEARCHED = 512  # longest side at which photos of a folder are looked at, and their faces are found
PIXELS = 64_000_000  # of a photo of a folder; a greater one would take seconds to read
PATIENCE = 20.0  # seconds after which no further photo of a folder is read


@dataclass(frozen=True, eq=False)
class Material:
    """Squares of `SIDE` pixels.

    squares: (n, SIDE, SIDE, 3) uint8 sRGB without faces, or whose faces are not known.
    faces:   (m, SIDE, SIDE, 3) uint8, those that show a face; maps: (m, SIDE, SIDE) uint8, their `faces.face_map` in percent.
    key:     says what they were made of: runs on other material are other runs.
    notes:   remarks for the user, on files that were left aside.
    """

    squares: UInt8Array
    faces: UInt8Array
    maps: UInt8Array
    key: str
    notes: tuple[str, ...] = ()


class _Squares:
    """Collects squares."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.plain: list[UInt8Array] = []
        self.faces: list[tuple[UInt8Array, UInt8Array]] = []

    def pieces(self, rgb: UInt8Array, face: FloatArray | None, count: int) -> None:
        """Pieces of a picture (H, W, 3), anywhere, with its face map (H, W)."""
        height, width = rgb.shape[:2]
        for _ in range(count):
            side = int(self.rng.uniform(min(PIECES[0], height, width), min(PIECES[1], height, width) + 1))
            top, left = (int(self.rng.integers(whole - side + 1)) for whole in (height, width))
            self._add(rgb, face, top, left, side)

    def portraits(self, rgb: UInt8Array, face: FloatArray, count: int) -> None:
        """Pieces around the face of a picture (H, W, 3) with one face."""
        height, width = face.shape
        rows, columns = np.nonzero(face > 1)
        if not len(rows):
            return
        middle, size = (rows.mean(), columns.mean()), max(int(np.ptp(rows)), int(np.ptp(columns)), 16)
        for _ in range(count):
            side = int(min(self.rng.uniform(*NEAR) * size, height, width))
            beside = self.rng.uniform(-0.2, 0.2, 2) * side
            top, left = (
                int(np.clip(m - side / 2 + b, 0, whole - side)) for m, b, whole in zip(middle, beside, (height, width))
            )
            self._add(rgb, face, top, left, side)

    def _add(self, rgb: UInt8Array, face: FloatArray | None, top: int, left: int, side: int) -> None:
        place = slice(top, top + side), slice(left, left + side)
        square = imaging.resize(np.ascontiguousarray(rgb[place]), (SIDE, SIDE))
        if face is None or face[place].mean() < SHOWS:
            self.plain.append(square)
            return
        own = imaging.resize(np.rint(face[place] * PERCENT).astype(np.uint8), (SIDE, SIDE))
        self.faces.append((square, own))

    def material(self, key: str, notes: tuple[str, ...] = ()) -> Material:
        none = np.zeros((0, SIDE, SIDE, 3), np.uint8)
        faces = np.stack([square for square, _ in self.faces]) if self.faces else none
        maps = np.stack([own for _, own in self.faces]) if self.faces else none[..., 0]
        return Material(np.stack(self.plain) if self.plain else none, faces, maps, key, notes)


def package_material(seed: int = 0) -> Material:
    """Squares of what the package has: its two portraits, its style pictures, and synthetic scenes. The same for the same seed.

    Raises ModelError where the package's files are missing.
    """
    found = _Squares(np.random.default_rng(seed))
    _add_portraits(found, OF_PORTRAIT)
    for path in sorted(resources.styles_folder().glob("*.png")):
        found.pieces(imaging.load(path).rgb, None, OF_STYLE)
    found.plain += list(scenes(SCENES, SIDE, found.rng))
    return found.material(f"package {seed}")


def _add_portraits(found: _Squares, anywhere: int) -> None:
    """Pieces of the package's portraits, with the face maps that are kept beside them."""
    folder = resources.models_folder() / "instant"
    for path in sorted(folder.glob("portrait*.jpg")):
        rgb = imaging.load(path).rgb
        percent = imaging.load(path.with_suffix(".png")).rgb[..., 0]
        face = np.asarray(percent, np.float32) / np.float32(PERCENT)
        found.pieces(rgb, face, anywhere)
        found.portraits(rgb, face, ON_FACE)


def folder_material(folder: str | Path, seed: int = 0, patience: float = PATIENCE) -> Material:
    """Squares of photographs in `folder` and below it, with the faces that are found in them, and the package's portraits.

    A random sample of many is read, the same for the same seed, for at most `patience` seconds. What cannot be read is left out
    with a note. Raises InputError where the folder holds no photograph that can be read.
    """
    place, began = Path(folder), time.monotonic()
    files = _photographs(place)
    rng = np.random.default_rng(seed)
    key = json.dumps([[str(f.relative_to(place)), f.stat().st_size, f.stat().st_mtime_ns] for f in files])
    each = min(MOST, max(2, -(-SQUARES // len(files))))
    found, notes, read = _Squares(rng), [], 0
    for index in rng.permutation(len(files)):
        if len(found.plain) + len(found.faces) >= SQUARES or (read and time.monotonic() - began > patience):
            break
        try:
            photo = imaging.load(files[index], max_pixels=PIXELS)
        except (InputError, ResourceError) as error:
            notes.append(f"left out: {error}")
            continue
        _add_photo(found, photo.rgb, each)
        read += 1
    if not read:
        why = notes[0] if notes else "it is empty"
        raise InputError(
            f"None of the {len(files)} photographs in {place} can be read ({why}). Give a folder with some."
        )
    _add_portraits(found, ON_FACE)
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    notes.insert(0, f"learning on {read} of the {len(files)} photographs in {place}")
    return found.material(f"folder {digest} {seed}", tuple(notes))


def _photographs(folder: Path) -> list[Path]:
    """The picture files in `folder` and below it, hidden ones left out. Raises InputError where there are none."""
    if not folder.is_dir():
        raise InputError(
            f"The folder of photographs {folder} is not there. Give a folder with at least one photograph."
        )
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in imaging.READABLE_SUFFIXES and not path.name.startswith(".") and path.is_file()
    )
    if not files:
        raise InputError(
            f"The folder {folder} holds no photographs; expected at least one ({', '.join(sorted(imaging.READABLE_SUFFIXES))}). "
            "Give another folder, or leave --photos out."
        )
    return files


def _add_photo(found: _Squares, rgb: UInt8Array, count: int) -> None:
    """Pieces of a photo as it is seen at `SEARCHED` pixels."""
    from portrait_nst import segmentation

    small = imaging.resize(rgb, imaging.size_within((rgb.shape[0], rgb.shape[1]), SEARCHED))
    faces = segmentation.faces(Photo(small))
    face = face_map((small.shape[0], small.shape[1]), faces)
    found.pieces(small, face, count)
    if len(faces) >= 1:
        found.portraits(small, face_map((small.shape[0], small.shape[1]), faces[:1]), max(1, count // 4))
