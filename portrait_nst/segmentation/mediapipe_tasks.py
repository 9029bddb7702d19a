"""MediaPipe's tasks, made once per process and used from any thread.

A task takes milliseconds per picture and tenths of a second to make, so a batch must not
make it again for each photo. Models come in as bytes whose sha256 has been checked.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import os
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from portrait_nst.errors import ModelError
from portrait_nst.imaging.silence import MEDIAPIPE, silent_stderr
from portrait_nst.resources import model_bytes
from portrait_nst.segmentation.lazy_imports import lazy_imports
from portrait_nst.types import FloatArray, UInt8Array

SQUARE = "selfie_segmentation.tflite"
LANDSCAPE = "selfie_segmentation_landscape.tflite"
FACES = "face_detection_short_range.tflite"
LANDMARKS = "face_landmarker.task"

# (height, width) of each model's input. We resize ourselves, with area averaging: MediaPipe samples
# a large photo at points, and would hand back a mask of the photo's size (48 MB at 12 megapixels).
INPUT = {SQUARE: (256, 256), LANDSCAPE: (144, 256), FACES: (128, 128)}

LOWEST_SCORE = 0.3  # the least score of a face that is reported; callers choose their own threshold above it

Detection = tuple[tuple[float, float, float, float], list[tuple[float, float]], float]
_Found = TypeVar("_Found")

# MediaPipe imports these for a plot in three dimensions and for the microphone; they take most of its half a second.
UNUSED = ("matplotlib", "matplotlib.pyplot", "sounddevice")

_lock = threading.RLock()
_open: dict[str, Any] = {}
_orphans: list[dict[str, Any]] = []


def confidence(model: str, rgb: UInt8Array) -> FloatArray:
    """How sure the selfie model is of a person at each pixel.

    rgb: (h, w, 3) uint8 sRGB, of the size in `INPUT[model]`. Returns (h, w) float32 in [0, 1].
    """

    def infer(task: Any, image: Any) -> FloatArray:
        masks = task.segment(image).confidence_masks
        # The view dies with its mask: copy while `masks` is alive.
        return np.array(masks[0].numpy_view(), dtype=np.float32).reshape(rgb.shape[:2])

    return np.asarray(np.clip(_with_task(model, rgb, infer), 0.0, 1.0))


def detections(rgb: UInt8Array) -> list[Detection]:
    """Faces as (left, top, width, height), six (x, y) keypoints and score, in pixels of `rgb` (h, w, 3) uint8."""

    def infer(task: Any, image: Any) -> list[Detection]:
        found = []
        for item in task.detect(image).detections:
            box = item.bounding_box
            points = [(float(k.x) * rgb.shape[1], float(k.y) * rgb.shape[0]) for k in item.keypoints]
            score = float(item.categories[0].score)
            found.append(
                ((float(box.origin_x), float(box.origin_y), float(box.width), float(box.height)), points, score)
            )
        return found

    return _with_task(FACES, rgb, infer)


def landmarks(rgb: UInt8Array) -> FloatArray | None:
    """The 478 points of the one face in `rgb` (h, w, 3) uint8: (478, 2) float32, x and y in its pixels; None without one."""

    def infer(task: Any, image: Any) -> FloatArray | None:
        found = task.detect(image).face_landmarks
        if not found:
            return None
        return np.array([(p.x * rgb.shape[1], p.y * rgb.shape[0]) for p in found[0]], np.float32)

    return _with_task(LANDMARKS, rgb, infer)


def close() -> None:
    """Close all tasks. They are made again when they are next needed."""
    with _lock:
        for task in _open.values():
            with silent_stderr(MEDIAPIPE):
                try:
                    task.close()
                except Exception:  # at exit MediaPipe's own threads may be gone already
                    task._handle = None  # or its __del__ would try once more, and complain
        _open.clear()


def _mediapipe() -> Any:
    with contextlib.nullcontext() if "mediapipe" in sys.modules else lazy_imports(UNUSED):
        return importlib.import_module("mediapipe")


def _with_task(model: str, rgb: UInt8Array, infer: Callable[[Any, Any], _Found]) -> _Found:
    """`infer` of (the model's task, MediaPipe's image of `rgb`), while no other thread uses a task."""
    mp = _mediapipe()
    # Over an array that is not contiguous, mp.Image is silently wrong.
    image = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(rgb))
    # Notices come when a task is made, with its first picture, and now and then later (memory alignment).
    with _lock, silent_stderr(MEDIAPIPE):
        if model not in _open:
            _open[model] = _make(model)
        return infer(_open[model], image)


def _make(model: str) -> Any:
    vision = _mediapipe().tasks.vision
    base = _mediapipe().tasks.BaseOptions(model_asset_buffer=model_bytes(model))
    try:
        if model == FACES:
            return vision.FaceDetector.create_from_options(
                vision.FaceDetectorOptions(
                    base_options=base, running_mode=vision.RunningMode.IMAGE, min_detection_confidence=LOWEST_SCORE
                )
            )
        if model == LANDMARKS:
            return vision.FaceLandmarker.create_from_options(
                vision.FaceLandmarkerOptions(
                    base_options=base,
                    running_mode=vision.RunningMode.IMAGE,
                    num_faces=1,
                    min_face_detection_confidence=LOWEST_SCORE,
                    min_face_presence_confidence=LOWEST_SCORE,
                )
            )
        return vision.ImageSegmenter.create_from_options(
            vision.ImageSegmenterOptions(
                base_options=base,
                running_mode=vision.RunningMode.IMAGE,
                output_confidence_masks=True,
                output_category_mask=False,
            )
        )
    except (RuntimeError, ValueError) as error:
        raise ModelError(
            f"MediaPipe cannot load {model} ({error}). Reinstall mediapipe in a version that portrait-nst asks for."
        ) from error


def _after_fork() -> None:
    # The parent's tasks have threads that the child lacks: forget them without closing (closing would wait forever).
    global _lock, _open
    _orphans.append(_open)
    _open = {}
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
atexit.register(close)
