"""Tones that are held from one drawing of a clip to the next, so that segments do not flicker with the sensor's noise.

A pixel keeps the tone that it had in the last finished division, unless its light has changed by a margin since that was decided,
or it cannot be followed. What is decided anew is quantised at the clip's thresholds. The finished division is held, not the
quantised light: slivers and small regions are gone from it, and whether they go does not hang on a few pixels each time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst.motion import Motion, scaled, warp
from portrait_nst.pop_art.partition import parts, regions, slivers, tones
from portrait_nst.pop_art.partition.framing import Frame
from portrait_nst.pop_art.partition.regions import BACKGROUND, Regions
from portrait_nst.pop_art.partition.tones import Thresholds
from portrait_nst.types import FloatArray

MARGIN = 0.03
"""In OKLab lightness: light that changes by less leaves a tone as it is. One of five spans about 0.1, smoothed noise 0.005."""
INSIDE = 0.15
"""Of the matte beside 1/2: by so much it must change for a pixel to come to the person or leave it."""
TRUSTED = 0.5
"""The trust in the motion from which a pixel counts as followed."""
SAME = 0.001
"""The share of pixels that may have other tones in a drawing that is kept."""
PART = 3.0
"""Pixels, where a face is 300 px wide: so far from where parts of a face are now their tones are no longer held; and of islands
that are no wider than twice that nothing is held."""
UNKNOWN = 255


@dataclass(frozen=True, eq=False)
class Held:
    """A finished division, pixel by pixel, and what it was made from; all are (h, w), of one frame size.

    tone:   uint8, the tone of the region that the pixel is in; UNKNOWN in the background, and where it cannot be followed.
    fixed:  bool, whether the pixel is in a part of a face that got a tone of its own.
    light:  float32, the frame's lightness, as it was when it last changed.
    smooth: float32, the smoothed lightness by which the tone was decided.
    matte:  float32, the smoothed matte by which it was decided who is the person.
    person: bool, where the person is.
    known:  bool, whether the pixel could be followed from the drawing before.
    """

    tone: NDArray[np.uint8]
    fixed: NDArray[np.bool_]
    light: FloatArray
    smooth: FloatArray
    matte: FloatArray
    person: NDArray[np.bool_]
    known: NDArray[np.bool_]

    def is_as(self, other: Held) -> bool:
        """Whether two divisions are one for the eye, and one drawing may stand for both: a pixel can turn straight borders."""
        return self.tone.shape == other.tone.shape and bool((self.tone != other.tone).mean() < SAME)

    def carried(self, motion: Motion) -> Held:
        """The division where its pixels are now, by whole pixels, so that none is blurred. What cannot be trusted is unknown."""
        move = scaled(motion, self.tone.shape)
        back = np.rint(move.back)
        planes = [plane.astype(np.float32) for plane in (self.tone, self.fixed, self.person, self.known)]
        tone, fixed, person, known = (warp(plane, back) for plane in planes)
        light, smooth, matte = (warp(plane, back) for plane in (self.light, self.smooth, self.matte))
        followed = (move.trust > TRUSTED) & (known > 0)
        tone = np.where(followed, tone, UNKNOWN)
        return Held(tone.astype(np.uint8), fixed > 0, light, smooth, matte, person > 0, followed)


def still(frame: Frame, matte: FloatArray, before: Held | None) -> Frame:
    """`frame` with the lightness and the person of the drawing `before`, wherever these have not changed by their margins.

    So what does not change is drawn the same again: straight borders too hang on the lightness beside them.
    """
    frame = replace(frame, light=_half(frame.light))
    if before is None:
        return frame
    change = np.abs(cv2.GaussianBlur(frame.light - before.light, (0, 0), 2 * frame.unit))
    light = np.where(before.known & (change < MARGIN), before.light, frame.light)
    person = np.where(before.known & (np.abs(matte - before.matte) < INSIDE), before.person, frame.person)
    return replace(frame, light=light, person=person)


def regions_of(
    frame: Frame,
    light: FloatArray,
    matte: FloatArray,
    tone_count: int,
    detail: float,
    thresholds: Thresholds,
    before: Held | None = None,
    segments: int | None = None,
) -> tuple[Regions, Held]:
    """The regions of a frame, and what the next one holds of them.

    light:  the smoothed lightness (h, w); `tones.smooth`.
    before: the last division, carried to where its pixels are now.
    """
    tone = tones.quantise(frame, light, tone_count, thresholds)
    tone, fixed = parts.mark_parts(frame, tone, tone_count)
    kept = np.zeros(tone.shape, np.bool_)
    smooth = light
    if before is not None:
        kept = (before.tone != UNKNOWN) & (np.abs(light - before.smooth) < MARGIN) & frame.person
        # What a mouth or a lid passed over would stay as dirt, its parts and the splinters that just look as they did.
        kept &= ~before.fixed | _near(fixed, PART * frame.unit)
        kept &= _opened(kept | ~frame.person, PART * frame.unit)
        tone, fixed = np.where(kept, before.tone, tone), np.where(kept, before.fixed, fixed)
        smooth = np.where(kept, before.smooth, light)
        matte = np.where(frame.person == before.person, before.matte, matte)
    tone = slivers.remove_slivers(frame, light, tone, tone_count, detail, fixed | kept)
    found = regions.find_regions(frame, tone, detail, segments, fixed)
    final = found.tones[found.labels]
    tone = np.where(final == BACKGROUND, UNKNOWN, final).astype(np.uint8)
    return found, Held(
        tone, fixed, frame.light, _half(smooth), _half(matte), frame.person, np.ones(tone.shape, np.bool_)
    )


def _near(mask: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """All that is so near to where `mask` is."""
    return np.asarray(cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5) <= radius)


def _opened(mask: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """What of a mask is in discs of this radius that lie in it."""
    return _near(~_near(~mask, radius), radius) if not mask.all() else mask


def _half(plane: FloatArray) -> FloatArray:
    """As exact as half precision is, in which it is kept on the disk."""
    return plane.astype(np.float16).astype(np.float32)
