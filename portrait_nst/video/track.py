"""Frames with all that is known of them: one matte, the faces and the motion, through all shots of a clip."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from portrait_nst import segmentation
from portrait_nst.clips.frame import Frame
from portrait_nst.errors import InputError, MaskError
from portrait_nst.imaging import resize, size_within
from portrait_nst.motion import Motion, between
from portrait_nst.segmentation.glance import glance, snapped
from portrait_nst.settings import Settings
from portrait_nst.types import Face, FloatArray, Photo, UInt8Array
from portrait_nst.video.face_track import FaceTrack
from portrait_nst.video.given_mask import GivenMask
from portrait_nst.video.identity import Identity, Owners
from portrait_nst.video.matte_track import EVERY, MatteTrack, Seen
from portrait_nst.video.painter import State
from portrait_nst.video.seen import SeenFrame

CLOSE = 3.0  # face widths between two faces from which one may hide the other
OFTEN = 8  # frames from one key frame to the next while somebody is so close to the person who is followed


class Track:
    """Makes `SeenFrame`s of a clip's frames, which must come one after the other.

    person: "all"; or who is followed by place and by face, cuts or not: "largest", the one who is largest in the first frame in
            which anybody is seen, or a number, counted from the left in the first frame in which so many are seen.
    segmenter: who finds the person in key frames, as in `Settings`.
    mask:   instead of these, the mask of each frame.
    region: "person", or "all" for the whole picture.
    size:   the longest side, in pixels, at which frames are looked at and painted; smaller ones keep their size.
    quick:  for a camera: key frames, which take tenths of a second else, are seen at a glance like the others, as soon as there
            is a face. Not for one person among others, nor with a `segmenter` of the user's.

    In frames without anybody all of `alpha` is 0. Raises InputError for settings that make no sense.
    """

    def __init__(
        self,
        person: str | int = "all",
        segmenter: str = Settings.segmenter,
        mask: GivenMask | None = None,
        region: str = "person",
        size: int = 512,
        quick: bool = False,
    ) -> None:
        person = segmentation.checked_person(person)
        if region not in ("person", "all"):
            raise InputError(f"region must be 'person' or 'all' (the whole picture), not {region!r}.")
        if person != "all" and (mask is not None or region == "all"):
            raise InputError("With a mask, or the whole picture painted, `person` has nothing to choose; leave it out.")
        self._quick = quick and person == "all" and segmenter == Settings.segmenter
        self._mask, self._all, self._size, self._segmenter = mask, region == "all", size, segmenter
        self._identity = None if person == "all" else Identity(person)
        self._matte = MatteTrack(self._full)
        self._faces = FaceTrack(quick)
        self._last: UInt8Array | None = None
        self._shot = -1

    def follow(self, frame: Frame, shot: int) -> SeenFrame:
        """The next frame, of this shot. Raises MaskError for a mask that does not fit, ModelError for a missing model."""
        rgb = resize(frame.rgb, size_within(frame.size, self._size))
        motion = None if self._last is None or shot != self._shot else between(self._last, rgb)
        if motion is None:
            self._matte.forget()
        self._last, self._shot = rgb, shot
        found = self._faces.follow(rgb, motion)
        alpha = self._alpha(frame, rgb, motion)
        if frame.alpha is not None:
            alpha = alpha * (resize(frame.alpha, rgb.shape[:2]) > 0)
        return SeenFrame(frame, rgb, alpha, self._faces.faces or found, motion, shot)

    def _alpha(self, frame: Frame, rgb: UInt8Array, motion: Motion | None) -> FloatArray:
        if self._mask is not None:
            return self._mask.of(frame.number, (rgb.shape[0], rgb.shape[1]))
        if self._all:
            return np.ones(rgb.shape[:2], np.float32)
        wanted = 1 if self._faces.arrived else OFTEN if self._crowded() else EVERY
        return self._matte.follow(rgb, motion, wanted)

    def _crowded(self) -> bool:
        """Whether one person is followed while two faces are near each other."""
        if self._identity is None:
            return False
        boxes = [face.box for face in self._faces.faces]
        return any(
            abs(a[0] + a[2] / 2 - b[0] - b[2] / 2) < CLOSE * max(a[2], b[2])
            for i, a in enumerate(boxes)
            for b in boxes[i + 1 :]
        )

    def _full(self, rgb: UInt8Array, expected: FloatArray | None) -> Seen | None:
        """The matte of a key frame, and where a glance marks this person; None where nobody can be told, but was expected."""
        if self._quick:
            return (snapped(rgb, glance(rgb, expected)), None) if self._faces.faces else None
        photo = Photo(rgb)
        self._faces.add(segmentation.faces(photo))
        try:
            if self._identity is None:
                return segmentation.person(photo, segmenter=self._segmenter).alpha, None
            identity = self._identity

            def choose(people: list[Face], owners: Owners) -> int | None:
                return identity.choose(rgb, expected, people, owners)

            chosen = segmentation.followed(photo, choose, segmenter=self._segmenter)
        except MaskError:
            return None  # a face that is turned away for a while is no reason to lose a matte
        if chosen is None:  # others are there, who may be in their place
            return np.zeros(rgb.shape[:2], np.float32), None
        return chosen[0], chosen[1].astype(np.float32)

    def state(self) -> State:
        """What it remembers, as arrays, so that another process can go on."""
        parts = {"matte": self._matte.state(), "faces": self._faces.state()}
        if self._identity is not None:
            parts["identity"] = self._identity.state()
        found = {f"{part}/{name}": value for part, values in parts.items() for name, value in values.items()}
        found["shot"] = np.array(self._shot)
        if self._last is not None:
            found["last"] = self._last
        return found

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on from what `state` returned."""

        def part(name: str) -> State:
            return {key.removeprefix(f"{name}/"): value for key, value in state.items() if key.startswith(f"{name}/")}

        self._matte.restore(part("matte"))
        self._faces.restore(part("faces"))
        if self._identity is not None:
            self._identity.restore(part("identity"))
        self._shot = int(state["shot"])
        self._last = np.asarray(state["last"], np.uint8) if "last" in state else None
