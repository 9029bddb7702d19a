"""The faces of a photo: found once, and used for the hold, the goal of likeness, gain maps and the identity loss."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst import imaging
from portrait_nst.pipeline import gain_maps
from portrait_nst.pipeline.likeness import Meter
from portrait_nst.settings import Settings
from portrait_nst.types import Face, FloatArray, Likeness, Photo, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.transfer import EngineConfig, Portrait

LOOKED_AT = 1280  # longest side at which faces are measured
FACE_HOLD = {"painterly": 3.0, "gram": 0.5}  # where nothing else is said
SKIN = 0.5  # of the hold at a cheek: for hands, arms and necks
NO_FACE = "no face was found in what is painted"


def painted(faces: Sequence[Face], alpha: FloatArray) -> list[Face]:
    """Those of a photo's `faces` that are painted. alpha: (H, W), the matte."""
    from portrait_nst import segmentation

    return [face for face in faces if segmentation.covers(alpha, face)]


def hold(photo: Photo, alpha: FloatArray, faces: Sequence[Face], settings: Settings) -> FloatArray | None:
    """Where the photo is held more firmly: at its faces, eyes and mouths, and at what else has their skin.

    alpha: (H, W), the matte.
    """
    firmness = (
        FACE_HOLD["painterly" if settings.painterly else "gram"] if settings.face_hold is None else settings.face_hold
    )
    if not firmness or not faces:
        return None
    from portrait_nst import segmentation

    there = segmentation.face_map(photo.rgb.shape[:2], faces)
    if settings.painterly:  # strokes may run over a cheek as long as eyes and mouth are there
        firmness *= 1 + 3 * max(0.0, 2 * settings.strength - 1)  # of a content that is held the less
        there = np.maximum(there * there / 2, np.float32(SKIN) * segmentation.skin_map(photo.rgb, alpha, faces))
    return there * np.float32(firmness)


def meter(
    photo: Photo, alpha: FloatArray, faces: Sequence[Face], settings: Settings, encoder: Encoder, config: EngineConfig
) -> Meter | None:
    """What measures the likeness of the largest face; None without a face. Raises ModelError for --identity-weights."""
    from portrait_nst import encoders, transfer

    network = None if settings.identity_weights is None else encoders.recogniser(settings.identity_weights)
    if not faces:
        return None
    identity = None
    if network is not None:
        painted = config.sizes[-1]  # finer than it is painted the photo would be sampled too coarsely
        small = [face.scaled(painted[0] / photo.height, painted[1] / photo.width) for face in faces]
        identity = transfer.Identity(network, imaging.resize(photo.rgb, painted), small, config.device)
    layers = tuple(name for name, weight in config.weights.content_layers if weight) or encoder.content_layers
    factor = min(1.0, LOOKED_AT / max(photo.rgb.shape[:2]))
    size = max(1, round(photo.height * factor)), max(1, round(photo.width * factor))
    face = faces[0].scaled(size[0] / photo.height, size[1] / photo.width)
    looked_at = Photo(imaging.resize(photo.rgb, size))
    return Meter(looked_at, imaging.resize_mask(alpha, size), face, encoder, layers, config.device, identity)


def portrait(
    photo: Photo,
    content: UInt8Array,
    faces: Sequence[Face],
    settings: Settings,
    config: EngineConfig,
    styles: Iterable[Photo],
    measures: Meter | None,
) -> tuple[Portrait | None, list[str]]:
    """What the engine is told of the faces, None where nothing is wanted of them; and notes. Raises MaskError for --gain-maps.

    content: the photo as it is painted, (H, W, 3).
    """
    painting = gain_maps.find(styles) if settings.gain_maps else None
    if measures is None or not (settings.likeness or settings.gain_maps or measures.identity):
        return None, []
    from portrait_nst import segmentation, transfer

    laid, told = None, []
    if painting is not None:
        size = config.sizes[-1]
        there = [face.scaled(size[0] / photo.height, size[1] / photo.width) for face in faces]
        laid = gain_maps.lay_over(*painting, there, size)
        told = gain_maps.doubts(*painting)
    made = transfer.Portrait(
        face=np.minimum(segmentation.face_map(photo.rgb.shape[:2], faces), 1),
        goal=settings.likeness,
        measure=_measure(measures, content),
        sitter=laid,
        identity=measures.identity,
    )
    return made, told


def _measure(meter: Meter, content: UInt8Array) -> Callable[[UInt8Array], float]:
    """What tells the likeness of a painting in the making: of what would come out if it were finished now.

    It is carried to the size at which it is looked at, where it takes on the photo's fine structure, and laid over the photo.
    """
    from portrait_nst import transfer

    own = imaging.resize(content, (meter.photo.height, meter.photo.width))

    def measure(picture: UInt8Array) -> float:
        painted = transfer.transfer_detail(own, imaging.to_float(picture))
        return meter.of(imaging.composite(meter.photo.rgb, painted, meter.alpha)).value

    return measure


def alike(
    photo: Photo, alpha: FloatArray, measures: Meter | None, settings: Settings
) -> Callable[[UInt8Array], bool] | None:
    """What tells whether a painted picture (H, W, 3) is as like as `settings` ask for; None where nothing is asked."""
    if measures is None or not settings.likeness:
        return None
    return lambda painted: measures.of(imaging.composite(photo.rgb, painted, alpha)).value >= settings.likeness


def notes(settings: Settings, found: Likeness | None, firmness: float) -> list[str]:
    """What became of what was wanted of the face."""
    wanted = [
        name
        for name, given in (
            ("likeness", settings.likeness),
            ("gain-maps", settings.gain_maps),
            ("identity-weights", settings.identity_weights),
        )
        if given
    ]
    if found is None:
        return [f"{' and '.join(wanted)}: {NO_FACE}, so there was nothing to be alike"] if wanted else []
    if not settings.likeness:
        return []
    raised = f" after raising the face's hold to {firmness:.3g}x" if firmness > 1 else ""
    reached = f"likeness {found.value:.2f} of {settings.likeness:.2f}{raised}"
    if found.value >= settings.likeness - 0.005:
        return [reached]
    return [f"{reached}: the goal was missed; a lower --strength keeps more of the photo"]
