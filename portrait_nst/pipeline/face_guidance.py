"""Guidance by the photo's faces: an additional weight of their content, and the measurement for a goal of likeness."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst import imaging
from portrait_nst.pipeline import gain_maps
from portrait_nst.pipeline.finishing import draughtsman
from portrait_nst.pipeline.likeness import Meter
from portrait_nst.pipeline.subject import Subject
from portrait_nst.settings import Settings
from portrait_nst.types import FloatArray, Likeness, Photo, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.transfer import EngineConfig, Identity, Portrait

FACE_HOLD = {"painterly": 3.0, "gram": 0.5}  # the default of the setting face_hold, for each method
NO_FACE = "no face was found in what is painted"


def content_weight_map(subject: Subject, settings: Settings) -> FloatArray | None:
    """(H, W) float32: the additional weight of the content, relative to 1, at faces, eyes, mouths and skin; None for none."""
    method = "painterly" if settings.painterly else "gram"
    added = FACE_HOLD[method] if settings.face_hold is None else settings.face_hold
    if not added or not subject.faces:
        return None
    if not settings.painterly:
        return subject.face_map * np.float32(added)
    added *= 1 + 3 * max(0.0, 2 * settings.strength - 1)  # since the weight of all content falls with the strength
    return subject.detail_map * np.float32(added)


def identity_loss(subject: Subject, settings: Settings, config: EngineConfig) -> Identity | None:
    """The loss that --identity-weights asks for; None without them, or without a face. Raises ModelError."""
    from portrait_nst import encoders, transfer

    if settings.identity_weights is None:
        return None
    network = encoders.recogniser(settings.identity_weights)
    if not subject.painted_faces:
        return None
    painted = config.sizes[-1]  # a finer photo would be sampled too coarsely by the network
    down, across = painted[0] / subject.size[0], painted[1] / subject.size[1]
    small = [face.scaled(down, across) for face in subject.painted_faces]
    return transfer.Identity(network, imaging.resize(subject.photo.rgb, painted), small, config.device)


def guidance(
    subject: Subject,
    content: UInt8Array,
    settings: Settings,
    config: EngineConfig,
    styles: Iterable[Photo],
    meter: Meter | None,
) -> tuple[Portrait | None, list[str]]:
    """The engine's information about the painted faces, which is None if no setting needs it, and notes.

    content: (H, W, 3) uint8, the photo as it is painted; styles: pictures among which gain maps search a sitter.
    Raises MaskError for --gain-maps if no style shows a face.
    """
    painting = gain_maps.find(styles) if settings.gain_maps else None
    identity = identity_loss(subject, settings, config)
    if meter is None or not (settings.likeness or settings.gain_maps or identity):
        return None, []
    from portrait_nst import transfer

    laid, notes = None, []
    if painting is not None:
        size = config.sizes[-1]
        down, across = size[0] / subject.photo.height, size[1] / subject.photo.width
        laid = gain_maps.lay_over(*painting, [face.scaled(down, across) for face in subject.painted_faces], size)
        notes = gain_maps.doubts(*painting)
    made = transfer.Portrait(
        face=subject.in_painted_faces,
        goal=settings.likeness,
        measure=_measure(meter, subject, content, settings),
        sitter=laid,
        identity=identity,
    )
    return made, notes


def _measure(meter: Meter, subject: Subject, content: UInt8Array, settings: Settings) -> Callable[[UInt8Array], float]:
    """A function that measures the likeness of an unfinished painting, as if it were finished now.

    The painting is enlarged to the size at which faces are measured, with the photo's fine structure and the features drawn
    into it, and laid over the photo.
    Brush work is left out, since it is added after the last step.
    """
    from portrait_nst import transfer

    own = imaging.resize(content, meter.photo.size)
    alpha = imaging.resize_mask(subject.matte.alpha, meter.photo.size)
    draw = draughtsman(subject, own, settings) or (lambda picture: picture)

    def measure(picture: UInt8Array) -> float:
        painted = draw(transfer.transfer_detail(own, imaging.to_float(picture)))
        return meter.of(imaging.composite(meter.photo.rgb, painted, alpha)).value

    return measure


def is_alike(subject: Subject, meter: Meter | None, settings: Settings) -> Callable[[UInt8Array], bool] | None:
    """A function that returns whether a painted picture (H, W, 3) reaches the goal of likeness; None without a goal."""
    if meter is None or not settings.likeness:
        return None
    rgb, alpha = subject.photo.rgb, subject.matte.alpha
    return lambda painted: meter.of(imaging.composite(rgb, painted, alpha)).value >= settings.likeness


def notes_on(settings: Settings, found: Likeness | None, factor: float) -> list[str]:
    """Notes on the effect of the face's settings. factor: the final factor on the content's weight at the face."""
    names = ("likeness", "gain_maps", "identity_weights")
    wanted = [name.replace("_", "-") for name in names if getattr(settings, name)]
    if found is None:
        return [f"{' and '.join(wanted)}: {NO_FACE}, so there was nothing to be alike"] if wanted else []
    if not settings.likeness:
        return []
    raised = f" after raising the face's hold to {factor:.3g}x" if factor > 1 else ""
    reached = f"likeness {found.value:.2f} of {settings.likeness:.2f}{raised}"
    if found.value >= settings.likeness - 0.005:
        return [reached]
    return [f"{reached}: the goal was missed; a lower --strength keeps more of the photo"]
