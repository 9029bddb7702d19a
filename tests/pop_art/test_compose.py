"""All of pop art: extreme input, the number of segments, backgrounds, determinism, and attempts to keep the face."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Literal

import numpy as np
import pytest

from portrait_nst.errors import InputError, MaskError
from portrait_nst.pop_art import PopartResult, PopartSettings, compose, compose_portrait, from_picture
from portrait_nst.types import Face, FloatArray, UInt8Array
from tests.pop_art.conftest import Portrait

EXTREMES = {
    "black": np.zeros((90, 70, 3), np.uint8),
    "white": np.full((90, 70, 3), 255, np.uint8),
    "noise": np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8),
    "wide": np.random.default_rng(1).integers(0, 256, (20, 800, 3), np.uint8),
    "blocks": np.kron(np.random.default_rng(2).integers(0, 256, (6, 5, 3), np.uint8), np.ones((20, 20, 1), np.uint8)),
}


@pytest.mark.parametrize(
    ("name", "mode"),
    [*((name, "ramp") for name in EXTREMES), *((name, "facets") for name in ("black", "wide", "blocks"))],
)
def test_extreme_pictures_give_a_valid_coverage(name: str, mode: Literal["ramp", "facets"]) -> None:
    rgb = EXTREMES[name]
    result = compose_portrait(rgb, np.ones(rgb.shape[:2], np.float32), settings=PopartSettings(mode=mode))
    assert result.measures["coverage_valid"]
    assert result.measures["gap_px"] == 0 and result.measures["overlap_px"] == 0
    assert result.measures["contrast_min"] >= 19
    assert "no face was found" in result.notes[0]


def test_a_tiny_photo_and_an_empty_mask_are_refused() -> None:
    with pytest.raises(InputError, match="at least 16 px"):
        compose_portrait(np.zeros((10, 30, 3), np.uint8), np.ones((10, 30), np.float32))
    with pytest.raises(MaskError, match="no person"):
        compose_portrait(np.zeros((50, 50, 3), np.uint8), np.zeros((50, 50), np.float32))
    with pytest.raises(InputError, match="mask must be"):
        compose_portrait(np.zeros((50, 50, 3), np.uint8), np.zeros((50, 40), np.float32))


@pytest.mark.parametrize("segments", [20, 70])
def test_the_number_of_segments_can_be_asked_for(grace: Portrait, segments: int) -> None:
    found = grace.compose(segments=segments).measures["segments"]
    assert abs(found - segments) <= max(2, 0.1 * segments)


@pytest.mark.parametrize("tones", [3, 8])
def test_other_numbers_of_tones(grace: Portrait, tones: int) -> None:
    result = grace.compose(tones=tones)
    assert len({s.tone for s in result.partition.segments}) == tones + 1
    assert result.measures["contrast_min"] >= 19


def test_the_same_photo_gives_the_same_picture(grace: Portrait, ramp: PopartResult) -> None:
    again = grace.compose()
    assert again.svg() == ramp.svg()
    assert again.sheet_svg() == ramp.sheet_svg()
    assert again.pdf() == ramp.pdf()


@pytest.mark.usefixtures("small_pop_art")
def test_a_kept_background_keeps_its_bytes(grace: Portrait) -> None:
    result = grace.compose(background="keep")
    rgb, alpha = result.render()
    assert alpha is None and rgb.shape == grace.rgb.shape
    outside = grace.alpha == 0
    assert np.array_equal(rgb[outside], grace.rgb[outside])
    assert (rgb[grace.alpha == 1] != grace.rgb[grace.alpha == 1]).any(axis=1).mean() > 0.9


@pytest.mark.usefixtures("small_pop_art")
def test_backgrounds_transparent_and_of_a_colour(grace: Portrait) -> None:
    rgb, alpha = grace.compose(background="transparent").render()
    assert alpha is not None and alpha[2, 2] == 0 and alpha[-2, alpha.shape[1] // 2] == 255
    rgb, alpha = grace.compose(background="#123456").render()
    assert alpha is None and tuple(rgb[2, 2]) == (0x12, 0x34, 0x56)


@pytest.mark.usefixtures("small_pop_art")
def test_a_palette_drawn_from_a_picture(grace: Portrait) -> None:
    palette = from_picture(grace.rgb, 5)
    result = compose_portrait(grace.rgb, grace.alpha, grace.face, palette=palette)
    assert set(result.colourings[0].colours) <= {*palette.ramp, palette.ground}


@pytest.mark.usefixtures("small_pop_art")
def test_a_lost_face_is_tried_again_and_said(grace: Portrait) -> None:
    calls = []

    def blind(rgb: UInt8Array) -> list[Face]:
        calls.append(rgb.shape)
        return []

    result = compose_portrait(grace.rgb, grace.alpha, grace.face, find_faces=blind)
    assert result.measures["face_score"] == 0 and result.measures["face_tries"] == 3
    # The photo at two sizes, and four divisions: fiesta is as tame as colours get.
    assert len(calls) == 2 + len(compose.ATTEMPTS)
    assert result.measures["faces_checked"] == 1 and result.measures["faces_kept"] == 0
    assert any("may not be recognised" in note for note in result.notes)


def finder(face: Face, lost: Callable[[UInt8Array], bool] = lambda rgb: False) -> Callable[[UInt8Array], list[Face]]:
    """A detector that sees `face` in every picture, at the size in which it is shown, but where `lost` says otherwise."""

    def find(rgb: UInt8Array) -> list[Face]:
        scale = (74 if rgb.shape[1] < 300 else 300) / face.box[2]
        points = tuple((x * scale, y * scale) for x, y in face.keypoints)
        return [] if lost(rgb) else [Face((0, 0, 300, 300), points, 0.9)]

    return find


@pytest.mark.usefixtures("small_pop_art")
def test_a_face_that_is_kept_needs_no_second_try(grace: Portrait) -> None:
    sure = finder(grace.face)
    result = compose_portrait(grace.rgb, grace.alpha, grace.face, find_faces=sure)
    assert result.measures["face_tries"] == 0 and result.measures["face_drift"] == 0
    assert not result.notes


def in_electric(rgb: UInt8Array) -> bool:
    """Whether a picture has electric's ground and its second colour."""
    near = [(abs(rgb.astype(int) - c).sum(axis=2) < 6).any() for c in ((0xFF, 0x2E, 0x63), (0x0A, 0x6C, 0xFF))]
    return all(near)


@pytest.mark.slow
def test_every_panel_of_a_grid_is_checked_and_keeps_its_palette(grace: Portrait) -> None:
    settings = PopartSettings(mode="grid", palette="fiesta;electric", grid=(2, 1))
    found = finder(grace.face, in_electric)
    result = compose_portrait(grace.rgb, grace.alpha, grace.face, settings, find_faces=found)
    plain = grace.compose(mode="grid", palette="fiesta;electric", grid=(2, 1), likeness=False)
    assert result.measures["faces_checked"] == 2 and result.measures["faces_kept"] == 1
    assert result.measures["face_tame"] == 0 and result.measures["face_tries"] == 3
    assert [set(c.colours) for c in result.colourings] == [set(c.colours) for c in plain.colourings]


@pytest.mark.usefixtures("small_pop_art")
def test_colours_are_tamed_only_as_far_as_a_face_needs(grace: Portrait) -> None:
    settings = PopartSettings(palette="electric")
    result = compose_portrait(grace.rgb, grace.alpha, grace.face, settings, find_faces=finder(grace.face, in_electric))
    assert result.measures["face_tame"] == 0.35 and result.measures["face_tries"] == 0
    assert result.measures["faces_kept"] == 1 and any("tamer colours" in note for note in result.notes)


@pytest.mark.slow
def test_every_face_of_a_group_is_checked(grace: Portrait) -> None:
    rgb, alpha, second = pair(grace)
    settings = PopartSettings(frame="photo")
    result = compose_portrait(rgb, alpha, grace.face, settings, find_faces=finder(grace.face), others=[second])
    assert result.measures["faces_checked"] == result.measures["faces_kept"] == 2

    def blind_to_pop_art(picture: UInt8Array) -> list[Face]:
        """Nothing is found where one colour covers a tenth of the picture."""
        counts = np.unique(picture.reshape(-1, 3), axis=0, return_counts=True)[1]
        return [] if counts.max() > 0.1 * counts.sum() else finder(grace.face)(picture)

    lost = compose_portrait(rgb, alpha, grace.face, settings, find_faces=blind_to_pop_art, others=[second])
    assert lost.measures["faces_checked"] == 2 and lost.measures["faces_kept"] == 0


def pair(grace: Portrait) -> tuple[UInt8Array, FloatArray, Face]:
    """The portrait twice, side by side, its matte, and the second face."""
    rgb, alpha = np.hstack([grace.rgb] * 2), np.hstack([grace.alpha] * 2)
    width = grace.rgb.shape[1]
    box, points = grace.face.box, tuple((x + width, y) for x, y in grace.face.keypoints)
    return rgb, alpha, dataclasses.replace(grace.face, box=(box[0] + width, *box[1:]), keypoints=points)


def test_the_faces_of_a_group_all_get_fine_segments(grace: Portrait) -> None:
    rgb, alpha, second = pair(grace)
    box = grace.face.box

    def fine(others: list[Face]) -> int:
        """The number of segments whose middle is in the second face."""
        made = compose_portrait(rgb, alpha, grace.face, PopartSettings(frame="photo"), others=others)
        middles = np.array([s.polygon.representative_point().coords[0] for s in made.partition.segments])
        x, y = (middles / made.partition.frame.scale).T
        inside = (abs(x - second.box[0] - box[2] / 2) < box[2] / 2) & (abs(y - box[1] - box[3] / 2) < box[3] / 2)
        return int(inside.sum())

    assert fine([second]) >= 1.5 * fine([])
