"""The types of the values that pass between rooms.

Arrays are numpy, C-contiguous and row-major: (height, width[, channels]). Colours are sRGB.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

UInt8Array = NDArray[np.uint8]
FloatArray = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Samples:
    """A picture's own samples, before they were converted to 8-bit sRGB, or those of a result in the space of its photo.

    values:  (H, W, 1) grey or (H, W, 3) RGB, upright; uint8 for 8 bits a channel, else uint16 with codes from 0 to 2**bits - 1.
    bits:    of a channel in the file: 8, 10, 12 or 16.
    profile: the ICC profile of the values, or None for sRGB.
    alpha:   (H, W) of the same type and bits, or None.
    """

    values: NDArray[np.uint8] | NDArray[np.uint16]
    bits: int = 8
    profile: bytes | None = None
    alpha: NDArray[np.uint8] | NDArray[np.uint16] | None = None

    def __post_init__(self) -> None:
        """Refuse arrays of another form. Raises ValueError."""
        kind = np.uint8 if self.bits == 8 else np.uint16
        if self.values.ndim != 3 or self.values.shape[2] not in (1, 3) or self.values.dtype != kind:
            raise ValueError(
                f"values must be (H, W, 1 or 3) {kind.__name__}, not {self.values.shape} {self.values.dtype}"
            )
        if self.alpha is not None and (self.alpha.shape != self.values.shape[:2] or self.alpha.dtype != kind):
            raise ValueError(f"alpha must be (H, W) {kind.__name__}, not {self.alpha.shape} {self.alpha.dtype}")


@dataclass(frozen=True, eq=False)
class GainMap:
    """The gain map of an Ultra HDR picture: how much brighter than the picture a bright screen shows each pixel.

    codes:      (h, w, 1 or 3) uint8, upright, as a rule smaller than the picture.
    metadata:   what its file says about it, by the names of Adobe's gain map namespace ("GainMapMin", "GainMapMax", "Gamma",
                "OffsetSDR", "OffsetHDR", "HDRCapacityMin", "HDRCapacityMax"): one value, or one for each channel; logarithms are
                to base 2. All seven are there.
    base_space: whether the gains are of the picture's own primaries, as in Adobe's specification; else of those of `icc`.
    icc:        the ICC profile of the gain map's image where `base_space` is false, or None.
    """

    codes: UInt8Array
    metadata: dict[str, tuple[float, ...]]
    base_space: bool = True
    icc: bytes | None = None

    def __post_init__(self) -> None:
        """Refuse codes of another form. Raises ValueError."""
        if self.codes.ndim != 3 or self.codes.shape[2] not in (1, 3) or self.codes.dtype != np.uint8:
            raise ValueError(f"codes must be (H, W, 1 or 3) uint8, not {self.codes.shape} {self.codes.dtype}")


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded picture: upright, in sRGB, 8 bits a channel.

    rgb:    (H, W, 3) uint8, sRGB.
    alpha:  (H, W) uint8, or None where the file has no transparency.
    path:   the file it came from, or None for an array.
    sha256: hexadecimal, of the file's bytes, or of the pixels of an array.
    exif:   the file's EXIF block with the orientation removed, or None.
    native: the file's own samples where they are not `rgb` (another colour space, grey, or more bits); else None.
    gain_map: the gain map of an Ultra HDR picture with its metadata, as `imaging.gain_maps` keeps it; else None.
    notes:  remarks for the user on how it was read.
    """

    rgb: UInt8Array
    alpha: UInt8Array | None = None
    path: Path | None = None
    sha256: str = ""
    exif: bytes | None = None
    native: Samples | None = None
    gain_map: GainMap | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse arrays of another form. Raises ValueError."""
        if self.rgb.ndim != 3 or self.rgb.shape[2] != 3 or self.rgb.dtype != np.uint8:
            raise ValueError(f"rgb must be (H, W, 3) uint8, not {self.rgb.shape} {self.rgb.dtype}")
        if self.alpha is not None and (self.alpha.shape != self.rgb.shape[:2] or self.alpha.dtype != np.uint8):
            raise ValueError(f"alpha must be {self.rgb.shape[:2]} uint8, not {self.alpha.shape} {self.alpha.dtype}")

    @property
    def height(self) -> int:
        """Rows of pixels."""
        return int(self.rgb.shape[0])

    @property
    def width(self) -> int:
        """Columns of pixels."""
        return int(self.rgb.shape[1])

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.height, self.width

    @property
    def digest(self) -> str:
        """`sha256`, or that of the pixels where it was not told."""
        return self.sha256 or hashlib.sha256(np.ascontiguousarray(self.rgb).tobytes()).hexdigest()


@dataclass(frozen=True)
class Origin:
    """Where a mask or a label map was read from, as a recipe names it.

    path:   the file's absolute path or its URL; None for an array, a PIL image or bytes, which are in no file.
    sha256: hexadecimal, of the file's bytes, or of the array's.
    """

    path: str | None
    sha256: str


@dataclass(frozen=True, eq=False)
class Matte:
    """How much of each pixel belongs to the region that is painted.

    alpha:  (H, W) float32 in [0, 1] at the photo's resolution; exactly 0 where nothing is painted.
    people: the number of people that it covers; None for a mask that the user gave.
    source: a description of where it came from ("selfie segmentation, 1 person", a file's name, "all").
    origin: the mask that it was read from; None if it was found in the photo.
    region, person, segmenter: the settings with which it was found in the photo, as in `Settings`; None for a mask.
    notes:  remarks for the user on how it was found.
    """

    alpha: FloatArray
    people: int | None = None
    source: str = ""
    origin: Origin | None = None
    region: str | None = None
    person: str | int | None = None
    segmenter: str | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an array of another form. Raises ValueError."""
        if self.alpha.ndim != 2 or self.alpha.dtype != np.float32:
            raise ValueError(f"alpha must be (H, W) float32, not {self.alpha.shape} {self.alpha.dtype}")


@dataclass(frozen=True)
class Face:
    """A face as MediaPipe's detector reports it, in pixels of the photo.

    box:       (left, top, width, height).
    keypoints: (x, y) of right eye, left eye, nose tip, mouth, right ear, left ear ("right" as seen by the person).
    score:     confidence in [0, 1].
    landmarks: (478, 2) float32, x and y of the points of MediaPipe's FaceLandmarker; None where it does not see the face (see
               `portrait_nst.faces` for what they mean). Two faces are equal whatever their landmarks.
    """

    box: tuple[float, float, float, float]
    keypoints: tuple[tuple[float, float], ...]
    score: float
    landmarks: FloatArray | None = field(default=None, compare=False, repr=False)

    def scaled(self, down: float, across: float) -> Face:
        """The face in the same picture made `down` times as high and `across` times as wide."""
        left, top, width, height = self.box
        points = tuple((x * across, y * down) for x, y in self.keypoints)
        dense = None if self.landmarks is None else self.landmarks * np.array([across, down], np.float32)
        return Face((left * across, top * down, width * across, height * down), points, self.score, dense)


@dataclass(frozen=True)
class Likeness:
    """How similar the painted face that is least alike is to the photo's; see `portrait_nst.pipeline.likeness` for the measures.

    value:    the likeness as one number, from 0 (no face is detected) to 1 (the photo's own face). Two photos of one person have
              about 0.65 to 0.8; below 0.5 it is another person, or eyes, nose or mouth are lost.
    found:    whether the detector finds the face at its place.
    score:    the confidence of the detector, in [0, 1].
    distance: of the descriptors of dlib's face recognition network; 0 to about 1.4, 0.6 or more for two people.
    drift:    how far eyes, brows, nose or lips moved, whichever moved most, divided by the distance between the eyes; None if no
              face is found.
    kept:     how much is left of an eye, nose or mouth, whichever lost most: the correlation of its lightness, in [-1, 1].
    """

    value: float
    found: bool
    score: float
    distance: float
    drift: float | None
    kept: float

    def as_dict(self) -> dict[str, bool | float | None]:
        """The values as JSON can hold them, rounded to four digits."""
        return {k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(self).items()}


@dataclass(frozen=True)
class Forecast:
    """The time and memory that a painting will take, as far as they are known before its first step.

    seconds: from the call until the picture is saved; the seconds that have passed already are included.
    memory:  bytes at most; None on a device with its own memory.
    longest: seconds if a goal of likeness takes all steps that it may take; without a goal, the same as `seconds`.
    """

    seconds: float
    memory: float | None = None
    longest: float = 0.0

    def __post_init__(self) -> None:
        """Make `longest` at least `seconds`."""
        object.__setattr__(self, "longest", max(self.longest, self.seconds))


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a painting run, as the engine yields it.

    scale, scales:       number of this scale (from 0, coarse to fine), and the number of scales.
    iteration, iterations: number of this step within the scale, and the number of planned steps of the scale.
    losses:              weighted terms: "content", "style", "tv", with an identity loss "identity", and their sum "total".
    seconds:             since the run began.
    seconds_left:        estimated seconds until the last step.
    size:                (height, width) that this scale is painted at.
    image:               () -> (h, w, 3) uint8, the painting so far; computed only when called.
    note:                a message for the user (a retry, a region that fell back to `soft`), or "".
    forecast:            that of the whole run, on its first step; None on later steps, and if there is no forecast.
    """

    scale: int
    scales: int
    iteration: int
    iterations: int
    losses: dict[str, float]
    seconds: float
    seconds_left: float
    size: tuple[int, int]
    image: Callable[[], UInt8Array]
    note: str = ""
    forecast: Forecast | None = None
