"""A clip looked through once before it is painted: its frames, its shots, and whether anybody is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from portrait_nst.clips.frame import Frame
from portrait_nst.errors import InputError, MaskError
from portrait_nst.imaging import resize, size_within
from portrait_nst.types import Photo, UInt8Array

STRIDE = 8  # frames from one sample to the next
SAMPLES = 12  # of a shot at most
LOOKED_AT = 512  # px of the longest side at which people are looked for
LOOKED_CLOSELY = 1024  # px, where several are to be found, who are smaller


@dataclass(frozen=True)
class Survey:
    """What is known of a clip before its first frame is painted.

    times:   seconds at which each frame is shown, as the clip counts them; as many as there are frames.
    shots:   (first, last) numbers of the frames of each shot, in order, without gaps.
    samples: for each shot the numbers of the frames that stand for it: every `STRIDE`th, at most `SAMPLES`, over all of it.
    people:  how many were seen at once, counted until as many were as are wanted; None if nobody was looked for.
    """

    times: tuple[float, ...]
    shots: tuple[tuple[int, int], ...]
    samples: tuple[tuple[int, ...], ...]
    people: int | None = None

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return len(self.times)

    def shot_of(self, frame: int) -> int:
        """The number of the shot that a frame belongs to. Raises IndexError for a frame that is not there."""
        for number, (first, last) in enumerate(self.shots):
            if first <= frame <= last:
                return number
        raise IndexError(f"frame {frame} of {self.frames}")

    def require_people(self, name: str, wanted: int = 1) -> None:
        """Raise MaskError where fewer people than `wanted` were seen at once. name: what the message calls the clip."""
        if self.people is None or self.people >= wanted:
            return
        if self.people:
            seen = "1 is" if self.people == 1 else f"{self.people} are"
            raise MaskError(
                f"Person {wanted} was asked for, but at most {seen} seen at once in {name}, counted from the left; choose "
                "another `--person`, largest or all."
            )
        raise MaskError(
            f"No person was found in {name}: no face is seen in any of its shots. Paint with a mask of your own "
            "(`--mask FILE`, in Python mask=FILE) or the whole picture (`--region all`, region='all'), "
            "or try another `--segmenter`."
        )

    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it; see `of_dict`."""
        return {
            "times": list(self.times),
            "shots": [list(shot) for shot in self.shots],
            "samples": [list(numbers) for numbers in self.samples],
            "people": self.people,
        }

    @classmethod
    def of_dict(cls, values: Mapping[str, Any]) -> Survey:
        """What `as_dict` was made of."""
        return cls(
            tuple(float(time) for time in values["times"]),
            tuple((int(first), int(last)) for first, last in values["shots"]),
            tuple(tuple(int(number) for number in numbers) for numbers in values["samples"]),
            values["people"],
        )


def survey(frames: Iterable[Frame], longest: int = 160, *, people: int = 1, segmenter: str = "mediapipe") -> Survey:
    """Look through a clip once.

    frames:  all of it, from frame 0 on. One frame is held at a time, and small.
    longest: px of the longest side at which frames are compared.
    people:  how many people to look for too: in every `STRIDE`th frame until so many are seen at once, less and less often in a
             shot in which they are not. 0 for no look.

    Raises InputError where there is no frame.
    """
    from portrait_nst.motion import is_cut

    times: list[float] = []
    starts: list[int] = []
    last: UInt8Array | None = None
    seen = 0
    wait, tries = 0, 0
    for number, frame in enumerate(frames):
        times.append(float(frame.pts * frame.time_base))
        small = resize(frame.rgb, size_within(frame.size, longest))
        if last is None or last.shape != small.shape or is_cut(last, small):
            starts.append(number)
            wait, tries = 0, 0
        last = small
        if seen < people and wait == 0:
            seen = max(seen, _people_in(frame.rgb, segmenter, LOOKED_AT if people == 1 else LOOKED_CLOSELY))
            tries += 1
            wait = STRIDE * 2 ** (tries // SAMPLES)
        wait -= 1
    if not times:
        raise InputError("The clip has no frames; expected at least one.")
    ends = [start - 1 for start in starts[1:]] + [len(times) - 1]
    shots = tuple(zip(starts, ends))
    return Survey(tuple(times), shots, tuple(samples_of(*shot) for shot in shots), seen if people else None)


def samples_of(first: int, last: int) -> tuple[int, ...]:
    """Numbers of the frames that stand for a shot: every `STRIDE`th, spread evenly if these are more than `SAMPLES`."""
    count = min(SAMPLES, 1 + (last - first) // STRIDE)
    if count < SAMPLES:
        return tuple(range(first, last + 1, STRIDE))
    return tuple(int(number) for number in np.linspace(first, last, count).round())


def _people_in(rgb: UInt8Array, segmenter: str, longest: int) -> int:
    from portrait_nst import segmentation

    try:
        matte = segmentation.person(Photo(resize(rgb, size_within(rgb.shape[:2], longest))), segmenter=segmenter)
    except MaskError:
        return 0
    return matte.people or 1
