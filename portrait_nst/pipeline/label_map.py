"""Label maps: pictures in which each region of a photo has a grey value or a colour of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from portrait_nst import imaging
from portrait_nst.errors import InputError, MaskError
from portrait_nst.pipeline.inputs import Picture, load
from portrait_nst.settings import hex_colour
from portrait_nst.types import FloatArray, Matte, Origin, Photo, UInt8Array


@dataclass(frozen=True, eq=False)
class Region:
    """A region of a label map: its label ("0" to "255", or "#rrggbb") and its mask, (H, W) float32 in [0, 1]."""

    label: str
    alpha: FloatArray


def load_label_map(labels: Picture) -> Photo:
    """The label map in any form that `load` takes, or as a grey array (H, W) or (H, W, 1) of integers from 0 to 255."""
    if isinstance(labels, np.ndarray) and labels.ndim == 3 and labels.shape[2] == 1:
        labels = labels[..., 0]
    if isinstance(labels, np.ndarray) and labels.ndim == 2 and labels.dtype.kind in "iu":
        if labels.size and not 0 <= labels.min() <= labels.max() <= 255:
            raise InputError(
                f"The labels of a label map are 0 to 255, and the array has {labels.min()} to {labels.max()}; number them anew."
            )
        labels = np.repeat(labels.astype(np.uint8)[..., None], 3, 2)
    return load(labels, "label map")


def label_text(label: object) -> str:
    """A label as text: "10" of 10 and of "10". Raises InputError for anything else than text or an integer."""
    if isinstance(label, (str, int, np.integer)) and not isinstance(label, bool):
        return str(label)
    raise InputError(f"A label is a grey value from 0 to 255 or a colour '#rrggbb', not {label!r}.")


def regions_of(label_map: Photo, photo: Photo, labels: Iterable[str]) -> tuple[Region, ...]:
    """The regions of `photo` that have one of the `labels` in the `label_map`.

    Raises InputError for a map of other proportions, for text that is not a label, and for a label that no pixel has.
    """
    name = "The label map" if label_map.path is None else f"The label map {label_map.path}"
    imaging.check_proportions(name, label_map.size, "the photo", photo.size)
    regions = []
    for label in labels:
        where = (label_map.rgb == np.array(_colour(label), np.uint8)).all(2)
        if not where.any():
            values, counts = np.unique(label_map.rgb.reshape(-1, 3), axis=0, return_counts=True)
            most = [_label(values[i]) for i in np.argsort(-counts)[:6]]
            described = name[0].lower() + name[1:]
            raise InputError(f"No pixel of {described} has the label {label}. It has: {', '.join(most)}.")
        regions.append(Region(label, imaging.resize_mask(where.astype(np.float32), photo.size)))
    return tuple(regions)


def union(regions: Sequence[Region], origin: Origin) -> Matte:
    """The matte of all `regions` together. Raises MaskError if they are empty."""
    alpha = np.clip(np.sum([region.alpha for region in regions], 0), 0, 1).astype(np.float32)
    if not alpha.any():
        raise MaskError("The regions of the label map are empty: nothing in the photo would be painted.")
    return Matte(alpha, None, "label map", origin)


def _colour(label: str) -> tuple[int, int, int]:
    if label.startswith("#"):
        return hex_colour(label)
    if not label.isdecimal() or len(label) > 3 or int(label) > 255:
        raise InputError(f"A label is a grey value from 0 to 255 or a colour '#rrggbb', not {label!r}.")
    return (int(label),) * 3


def _label(colour: UInt8Array) -> str:
    red, green, blue = (int(c) for c in colour)
    return str(red) if red == green == blue else f"#{red:02x}{green:02x}{blue:02x}"
