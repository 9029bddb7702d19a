"""The matte of the person, or people, of a photo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from portrait_nst.errors import InputError, MaskError
from portrait_nst.imaging import resize_mask
from portrait_nst.segmentation import people, rembg_model
from portrait_nst.segmentation.alone import alone
from portrait_nst.segmentation.bodies import bodies
from portrait_nst.segmentation.detection import faces, glimpses
from portrait_nst.segmentation.outlines import Outline, outlines
from portrait_nst.segmentation.refine import enlarge, refine
from portrait_nst.types import Face, FloatArray, Matte, Photo, UInt8Array

WORKING_PIXELS = 750_000  # the matte is made at this size at most, then enlarged along the photo's edges

MEDIAPIPE = "mediapipe"
_WAYS_OUT = (
    "Paint with a mask of your own (`--mask FILE`, in Python mask=FILE) or the whole picture (`--region all`, region='all'), "
    "or try another `--segmenter`."
)


def person(photo: Photo, *, person: str | int = "all", painted: bool = False, segmenter: str = MEDIAPIPE) -> Matte:
    """How much of each pixel is the person.

    person: "all" (everybody together), "largest" (who takes up most of the photo), or a number: 1 is the
    leftmost person, 2 the next to the right, and so on, by the middle of the face.
    painted: the picture is a painting that is known to show somebody: faces need not be as sure as in a photo.
    segmenter: "mediapipe", or "rembg:MODEL", as in `Settings`. What a model of rembg marks is shared out among the faces that it
    covers; where there are none, all of it is one person, and a note says so.

    The matte has the photo's size; it is exactly 0 in the background and exactly 1 inside the body.
    Raises MaskError where nobody is found, or fewer than `person`; InputError where `person` is none of these; ModelError where
    the segmenter's model is missing.
    Somebody is there where a face is, and the segmentation covers it: it marks dogs and shoes as gladly as people. People
    whose face is turned away are taken only where all its looks agree, see `heads`; a note of the matte says so.
    """
    choice = checked_person(person)
    return Group(photo, painted=painted, segmenter=segmenter).matte(choice)


class Group:
    """The people of a photo, found once, for who shows them and then asks for the matte of one or another.

    Raises what `person` raises where nobody is found.
    """

    def __init__(self, photo: Photo, *, painted: bool = False, segmenter: str = MEDIAPIPE) -> None:
        """See `person`."""
        self.photo, self.segmenter = photo, segmenter
        self._small = _working(photo.rgb)
        self._present, self._probability = _present(photo, self._small, painted, segmenter)
        self._mattes: dict[str | int, tuple[list[Face], FloatArray]] = {}

    @property
    def faces(self) -> list[Face]:
        """Their faces in pixels of the photo: the first is person 1. One that is turned away has no keypoints."""
        return [face.scaled(*self._scale) for face in self._present]

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the user on how they were found."""
        return _notes(self._present, self.segmenter)

    def outlines(self) -> list[list[Outline]]:
        """Closed lines around each person, in fractions of the photo's width and height."""
        return [outlines(self._owners == number) for number in range(len(self._present) or 1)]

    def matte(self, person: str | int = "all") -> Matte:
        """The matte of all or one of them, as `person` gives it. Raises InputError, and MaskError for a number too large."""
        present, small = self._refined(checked_person(person))
        count = len(present) or 1
        named = "selfie segmentation" if self.segmenter == MEDIAPIPE else self.segmenter
        source = f"{named}, {count} {'person' if count == 1 else 'people'}"
        full = _enlarged(self.photo, self._small, small)
        return Matte(full, people=count, source=source, notes=_notes(present, self.segmenter))

    def working_matte(self, person: str | int = "all") -> FloatArray:
        """The same matte, (h, w) float32, at the size at which it is made, of `WORKING_PIXELS` at most: half the work."""
        small = self._refined(checked_person(person))[1]
        if self.photo.alpha is None:
            return small
        return small * resize_mask((self.photo.alpha > 0).astype(np.float32), (small.shape[0], small.shape[1]))

    def _refined(self, choice: str | int) -> tuple[list[Face], FloatArray]:
        """Who is chosen, and their matte at the working size; those that were asked for are remembered."""
        if choice not in self._mattes:
            present, probability = self._present, self._probability
            if choice != "all":
                number = _chosen(choice, self._owners, len(present) or 1)
                probability = np.where(_around(self._owners, number), probability, np.float32(0))
                present = present[number : number + 1]
            elif self.segmenter == MEDIAPIPE:
                probability = np.where(people.strays(probability, present), np.float32(0), probability)
            self._mattes[choice] = present, refine(self._small, probability)
        return self._mattes[choice]

    @property
    def _scale(self) -> tuple[float, float]:
        return self.photo.height / self._small.shape[0], self.photo.width / self._small.shape[1]

    @cached_property
    def _owners(self) -> NDArray[np.int32]:
        return _owners(self._small, self._probability, self._present, self.segmenter)


def followed(
    photo: Photo, choose: Callable[[list[Face], NDArray[np.int32]], int | None], *, segmenter: str = MEDIAPIPE
) -> tuple[FloatArray, NDArray[np.bool_]] | None:
    """The matte of one person whom `choose` knows again, (H, W) float32, and where they are nearest, (H, W) bool.

    choose: gets the faces from left to right (without keypoints where they are turned away), and the number of the one whose each
    pixel is, (H, W) int32, -1 for the background and as many as faces for what is nobody's; says the person's number, or None.
    Returns None where `choose` does. Raises MaskError where nobody is found.
    """
    import cv2

    small = _working(photo.rgb)
    present, probability = _present(photo, small, False, segmenter)
    owners = _owners(small, probability, present, segmenter).astype(np.int32)
    at_full = np.asarray(cv2.resize(owners, photo.size[::-1], interpolation=cv2.INTER_NEAREST))
    scale = photo.height / small.shape[0], photo.width / small.shape[1]
    number = choose([face.scaled(*scale) for face in present], at_full)
    if number is None:
        return None
    alpha = _matte(photo, small, np.where(_around(owners, number), probability, np.float32(0)))
    return alpha, _around(at_full, number)


def counted(photo: Photo, *, painted: bool = False, segmenter: str = MEDIAPIPE) -> list[Face]:
    """The faces of the people that `person` knows, in pixels of the photo: the first is person 1. May be empty."""
    small = _working(photo.rgb)
    try:
        present, _ = _present(photo, small, painted, segmenter)
    except MaskError:
        return []
    return [face.scaled(photo.height / small.shape[0], photo.width / small.shape[1]) for face in present]


def _present(photo: Photo, small: UInt8Array, painted: bool, segmenter: str) -> tuple[list[Face], FloatArray]:
    """The faces of the people who are there, from left to right, in pixels of `small`; and where they are."""
    found = _scaled(faces(photo, painted=painted), photo, small)
    if segmenter != MEDIAPIPE:
        probability = rembg_model.infer(small, segmenter)
        if not (probability > 0.5).any():
            raise MaskError(f"{segmenter} marks nothing in this picture. {_WAYS_OUT}")
        return _from_left([face for face in found if people.covers(probability, face)]), probability
    there = bodies(small, found, _scaled(glimpses(photo, painted=painted), photo, small))
    if there is None and not found:
        raise MaskError(
            f"No person was found: no face is seen in this picture, and nobody from behind for sure. {_WAYS_OUT}"
        )
    if there is None:
        raise MaskError(f"A face was found, but no body that the segmentation is sure of. {_WAYS_OUT}")
    return _from_left(there[0]), there[1]


def _owners(small: UInt8Array, probability: FloatArray, present: Sequence[Face], segmenter: str) -> NDArray[np.int32]:
    """The number of the person whose each pixel is: (h, w), -1 for the background."""
    if not present:
        return np.where(probability > 0.5, np.int32(0), np.int32(-1))
    looks = alone(small, present) if segmenter == MEDIAPIPE else None  # another segmenter is taken at its word
    return people.split(small, probability, present, looks)


def _matte(photo: Photo, small: UInt8Array, probability: FloatArray) -> FloatArray:
    """The matte at the photo's own size."""
    return _enlarged(photo, small, refine(small, probability))


def _enlarged(photo: Photo, small: UInt8Array, alpha: FloatArray) -> FloatArray:
    """The matte at the photo's own size, from that of the working picture `small`."""
    full = enlarge(photo.rgb, small, alpha)
    if photo.alpha is not None:
        full[photo.alpha == 0] = 0
    return np.ascontiguousarray(full)


def _from_left(present: Sequence[Face]) -> list[Face]:
    return sorted(present, key=lambda face: face.box[0] + face.box[2] / 2)


def _notes(chosen: Sequence[Face], segmenter: str) -> tuple[str, ...]:
    if not chosen:
        return (f"no face was found: all that {segmenter} marks is taken for one person",)
    turned = sum(not face.keypoints for face in chosen)
    who = "one person is" if turned == 1 else f"{turned} people are"
    return (f"{who} taken without a face, which is turned away or hidden",) if turned else ()


def checked_person(person: str | int) -> str | int:
    """`person` as `person()` knows it: "all", "largest" or a number. Raises InputError where it is none of these."""
    if isinstance(person, str) and person.strip().lstrip("+").isdecimal():
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


def _chosen(choice: str | int, owners: NDArray[np.int32], count: int) -> int:
    """The number of one person out of `count`, from 0. What is nobody's, see `people.split`, does not count."""
    if choice == "largest":
        return int(np.bincount(owners[(owners >= 0) & (owners < count)], minlength=count).argmax())
    if int(choice) > count:
        there = "there is only one person" if count == 1 else f"there are {count} people"
        raise MaskError(f"Person {choice} was asked for, but {there} in this picture, counted from the left.")
    return int(choice) - 1


def _around(owners: NDArray[np.int32], chosen: int) -> NDArray[np.bool_]:
    """The pixels of one person, and those outside of the mask that are nearest to them: the soft rim."""
    import cv2

    inside = owners >= 0
    _, labels = cv2.distanceTransformWithLabels(
        (~inside).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    owner_of = np.full(int(labels.max()) + 1, -1, np.int32)
    owner_of[labels[inside]] = owners[inside]
    return np.asarray(np.where(inside, owners, owner_of[labels]) == chosen)
