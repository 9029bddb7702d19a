"""The matte of the person, or people, of a photo."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from portrait_nst.errors import InputError, MaskError
from portrait_nst.segmentation import people
from portrait_nst.segmentation.bodies import bodies
from portrait_nst.segmentation.detection import faces, glimpses
from portrait_nst.segmentation.refine import enlarge, refine
from portrait_nst.types import Face, FloatArray, Matte, Photo, UInt8Array

WORKING_PIXELS = 750_000  # the matte is made at this size at most, then enlarged along the photo's edges

_WAYS_OUT = "Give a mask of your own with `--mask FILE`, or paint the whole picture with `--region all`."


def person(photo: Photo, *, person: str | int = "all", painted: bool = False) -> Matte:
    """How much of each pixel is the person.

    person: "all" (everybody together), "largest" (who takes up most of the photo), or a number: 1 is the
    leftmost person, 2 the next to the right, and so on, by the middle of the face.
    painted: the picture is a painting that is known to show somebody: faces need not be as sure as in a photo.

    The matte has the photo's size; it is exactly 0 in the background and exactly 1 inside the body.
    Raises MaskError where nobody is found, or fewer than `person`; InputError where `person` is none of these.
    Somebody is there where a face is, and the segmentation covers it: it marks dogs and shoes as gladly as people. People
    whose face is turned away are taken only where all its looks agree, see `heads`; a note of the matte says so.
    """
    choice = _choice(person)
    small = _working(photo.rgb)
    present, probability = _present(photo, small, painted)
    owners = people.split(small, probability, present)
    chosen = _chosen(choice, owners, len(present))
    alpha = refine(small, np.where(np.isin(owners, chosen) | ~(owners >= 0) & _beside(owners, chosen), probability, 0))
    count = len(chosen)
    source = f"selfie segmentation, {count} {'person' if count == 1 else 'people'}"
    full = enlarge(photo.rgb, small, alpha)
    if photo.alpha is not None:
        full[photo.alpha == 0] = 0
    notes = _notes([present[i] for i in chosen])
    return Matte(np.ascontiguousarray(full), people=count, source=source, notes=notes)


def counted(photo: Photo, *, painted: bool = False) -> list[Face]:
    """The faces of the people that `person` knows, in pixels of the photo: the first is person 1. May be empty."""
    small = _working(photo.rgb)
    try:
        present, _ = _present(photo, small, painted)
    except MaskError:
        return []
    return [face.scaled(photo.height / small.shape[0], photo.width / small.shape[1]) for face in present]


def _present(photo: Photo, small: UInt8Array, painted: bool) -> tuple[list[Face], FloatArray]:
    """The faces of the people who are there, from left to right, in pixels of `small`; and where they are."""
    found = _scaled(faces(photo, painted=painted), photo, small)
    there = bodies(small, found, _scaled(glimpses(photo, painted=painted), photo, small))
    if there is None and not found:
        raise MaskError(f"No person was found: there is no face in this picture. {_WAYS_OUT}")
    if there is None:
        raise MaskError(f"A face was found, but no body that the segmentation is sure of. {_WAYS_OUT}")
    present, probability = there
    return sorted(present, key=lambda face: face.box[0] + face.box[2] / 2), probability


def _notes(chosen: Sequence[Face]) -> tuple[str, ...]:
    turned = sum(not face.keypoints for face in chosen)
    who = "one person is" if turned == 1 else f"{turned} people are"
    return (f"{who} taken without a face, which is turned away or hidden",) if turned else ()


def _choice(person: str | int) -> str | int:
    if isinstance(person, str) and person.strip().lstrip("+").isdigit():
        person = int(person)
    if person in ("all", "largest") or (isinstance(person, int) and not isinstance(person, bool) and person >= 1):
        return person
    raise InputError(f"`person` must be all, largest or a number from 1 (the leftmost person), not {person!r}.")


def _working(rgb: UInt8Array) -> UInt8Array:
    import cv2

    height, width = rgb.shape[:2]
    scale = (WORKING_PIXELS / (height * width)) ** 0.5
    if scale >= 1:
        return np.ascontiguousarray(rgb)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA))


def _scaled(found: Sequence[Face], photo: Photo, small: UInt8Array) -> list[Face]:
    """Faces in pixels of the working picture."""
    return [face.scaled(small.shape[0] / photo.height, small.shape[1] / photo.width) for face in found]


def _chosen(choice: str | int, owners: NDArray[np.int32], count: int) -> list[int]:
    if choice == "all":
        return list(range(count))
    if choice == "largest":
        return [int(np.bincount(owners[owners >= 0], minlength=count).argmax())]
    if int(choice) > count:
        there = "there is only one person" if count == 1 else f"there are {count} people"
        raise MaskError(f"Person {choice} was asked for, but {there} in this picture, counted from the left.")
    return [int(choice) - 1]


def _beside(owners: NDArray[np.int32], chosen: Sequence[int]) -> NDArray[np.bool_]:
    """Pixels that are nobody's, but nearest to somebody chosen: the soft rim of the mask."""
    import cv2

    _, labels = cv2.distanceTransformWithLabels(
        (owners < 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    owner_of = np.full(int(labels.max()) + 1, -1, np.int32)
    inside = owners >= 0
    owner_of[labels[inside]] = owners[inside]
    return np.isin(owner_of[labels], chosen)
