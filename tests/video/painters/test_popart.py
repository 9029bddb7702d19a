"""Pop art frame by frame: held on threes, still where nothing moves, the same after it was interrupted."""

from __future__ import annotations

import io
import itertools
from typing import Any

import numpy as np
import pytest

from portrait_nst.errors import InputError
from portrait_nst.pop_art import PopartSettings
from portrait_nst.types import FloatArray
from portrait_nst.video.painters.popart import PopartFrames, popart_frames
from tests.video.sitter import frames


def painter(background: str = "colour", hold: int = 3, **settings: object) -> PopartFrames:
    chosen = PopartSettings(background=background, likeness=False, **settings)  # type: ignore[arg-type]
    return popart_frames(chosen, hold, lambda rgb: [])


def differ(a: FloatArray, b: FloatArray) -> float:
    """The share of pixels that differ by more than 16 levels."""
    return float((np.abs(a - b).max(axis=2) > 16 / 255).mean())


def test_drawings_are_held_and_dance_on_purpose() -> None:
    seen, paints = frames(9, step=1), painter()
    paints.begin(seen[::8])
    painted = [paints.paint(frame) for frame in seen]
    steps = [differ(a, b) for a, b in itertools.pairwise(painted)]
    assert [step > 0 for step in steps] == [False, False, True] * 2 + [False, False]
    assert painted[0].shape == seen[0].rgb.shape and painted[0].dtype == np.float32


def test_a_still_sitter_under_noise_stays_as_it_is() -> None:
    seen, paints = frames(7, noise=2), painter()
    paints.begin(seen[::3])
    painted = [paints.paint(frame) for frame in seen]
    assert np.array_equal(painted[0], painted[3])
    assert np.array_equal(painted[3], painted[6])


def test_it_goes_on_as_if_it_had_not_been_interrupted() -> None:
    seen, whole = frames(6, noise=2, step=1), painter()
    whole.begin(seen[::5])
    painted = [whole.paint(frame) for frame in seen]
    first = painter()
    first.begin(seen[::5])
    for frame in seen[:2]:
        first.paint(frame)
    kept = io.BytesIO()
    np.savez(kept, **dict[str, Any](first.state()))
    kept.seek(0)
    second = painter()
    second.restore(dict(np.load(kept, allow_pickle=False)))
    for frame, expected in zip(seen[2:], painted[2:], strict=True):
        assert np.array_equal(second.paint(frame), expected)


def test_over_a_kept_place_the_matte_cuts_the_drawing() -> None:
    seen, paints = frames(1), painter("keep")
    paints.begin(seen)
    painted = paints.paint(seen[0])
    assert not paints.whole and paints.opacity is None
    inside = seen[0].alpha > 0.02
    colours = {tuple(c) for c in np.rint(painted[inside] * 255).astype(int).tolist()}
    solid = {tuple(c) for c in np.rint(painted[seen[0].alpha == 1] * 255).astype(int).tolist()}
    assert (np.array(list(colours - solid)).size / 3) < 0.2 * len(solid) + 8  # no ground shows at the rim


def test_a_whole_drawing_replaces_the_frame() -> None:
    seen = frames(1)
    for background, opaque in (("#00ff00", True), ("transparent", False)):
        paints = painter(background)
        paints.begin(seen)
        painted = paints.paint(seen[0])
        assert paints.whole
        assert (paints.opacity is None) == opaque
        corner = paints.laid(seen[0], painted).rgb[2, 2]
        assert not opaque or tuple(corner) == (0, 255, 0)
        if paints.opacity is not None:
            assert paints.opacity[2, 2] == 0 and paints.opacity[70, 64] == 1


def test_a_frame_without_anybody_is_ground_or_the_frame_itself() -> None:
    seen = frames(2, nobody=True)
    for background in ("#00ff00", "transparent", "keep"):
        paints = painter(background)
        paints.begin(seen)
        painted = paints.paint(seen[0])
        assert paints.drawing is None
        if background == "#00ff00":
            assert np.array_equal(painted[5, 5], np.array([0, 1, 0], np.float32))


def test_what_would_change_the_clip_s_shape_is_refused() -> None:
    with pytest.raises(InputError, match="frame photo"):
        painter(frame="bust")
    with pytest.raises(InputError, match="as many columns as rows"):
        painter(mode="grid", grid=(3, 2))
