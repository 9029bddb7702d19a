"""People, their outlines and mattes, and masks that correct them."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from portrait_nst import imaging
from portrait_nst.errors import InputError, MaskError
from portrait_nst.segmentation import Group, person
from portrait_nst.segmentation.outlines import MOST, outlines
from portrait_nst.studio.desk import masks, mattes, people


@pytest.fixture(scope="module")
def astronaut(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """192 px high."""
    path = tmp_path_factory.mktemp("photo") / "file"
    with Image.open(samples / "astronaut.jpg") as image:
        image.convert("RGB").resize((192, 192), Image.Resampling.LANCZOS).save(path, "PNG")
    return path


@pytest.fixture(scope="module")
def two(astronaut: Path) -> Path:
    """Twice the astronaut, side by side."""
    path = astronaut.parent / "two"
    with Image.open(astronaut) as image:
        both = Image.new("RGB", (384, 192))
        both.paste(image, (0, 0))
        both.paste(image, (192, 0))
        both.save(path, "PNG")
    return path


def png(path: Path, pixels: np.ndarray) -> Path:
    Image.fromarray(pixels).save(path, "PNG")
    return path


def test_people_are_numbered_from_the_left(two: Path, tmp_path: Path) -> None:
    found = people.people(two, tmp_path / "people.json")
    assert json.loads((tmp_path / "people.json").read_text()) == json.loads(json.dumps(found))
    assert [one["number"] for one in found["people"]] == [1, 2] and found["notes"] == []
    photo = imaging.load(two)
    for one in found["people"]:
        left, _, width, _ = one["box"]
        assert (left + width / 2 < 0.5) == (one["number"] == 1)
        lines = [np.rint(np.array(line) * (383, 191)).astype(np.int32) for line in one["outline"]]
        assert 20 < sum(map(len, lines)) <= MOST
        drawn = cv2.fillPoly(np.zeros(photo.size, np.uint8), lines, 1) > 0
        there = person(photo, person=one["number"]).alpha > 0.5
        assert (drawn & there).sum() / (drawn | there).sum() > 0.9  # the outline of the person that the setting means


def test_nobody_is_an_answer(tmp_path: Path) -> None:
    sky = png(tmp_path / "sky", np.full((64, 96, 3), (120, 160, 230), np.uint8))
    found = people.people(sky, tmp_path / "people.json")
    assert found["people"] == [] and "Nobody was found" in found["notes"][0]
    with pytest.raises(MaskError, match="Nobody was found"):
        mattes.matte(sky, tmp_path / "matte.png")


def test_outlines_of_parts_and_holes() -> None:
    mask = np.zeros((100, 200), bool)
    mask[20:80, 20:80] = True
    mask[40:60, 40:60] = False
    mask[20:80, 150:] = True  # it goes on beyond the picture
    mask[5:8, 5:8] = True  # a crumb
    lines = outlines(mask)
    assert len(lines) == 3
    assert max(x for line in lines for x, _ in line) == 1
    assert not outlines(np.zeros((10, 10), bool))


def test_a_group_gives_the_mattes_that_person_gives(two: Path) -> None:
    photo = imaging.load(two)
    group = Group(photo)
    for who in ("all", "largest", 2):
        assert np.array_equal(group.matte(who).alpha, person(photo, person=who).alpha)
    with pytest.raises(MaskError, match="Person 3"):
        group.matte(3)


def test_the_matte_is_kept(astronaut: Path, tmp_path: Path) -> None:
    kept = tmp_path / "matte.png"
    first = mattes.found(astronaut, kept)
    assert np.array_equal(first, mattes.found(astronaut, kept)) and kept.is_file()
    assert np.abs(first - person(imaging.load(astronaut)).alpha).max() <= 0.5001 / 65535
    kept.write_bytes(kept.read_bytes()[:200])  # damaged: it is found anew
    assert np.array_equal(first, mattes.found(astronaut, kept))
    shown = cv2.imdecode(np.frombuffer(mattes.matte(astronaut, kept, longest=96), np.uint8), cv2.IMREAD_UNCHANGED)
    assert shown is not None and shown.shape == (96, 96) and shown.dtype == np.uint8


def test_a_correction_leaves_the_rest_exactly_as_it_was(astronaut: Path, tmp_path: Path) -> None:
    before = mattes.found(astronaut, tmp_path / "matte.png")
    drawn = np.zeros((96, 96, 4), np.uint8)  # half the photo's size
    drawn[:10, :10] = 255  # add
    drawn[50:60, 50:60, 3] = 255  # remove
    drawn[80:90, 80:90] = (255, 255, 255, 128)  # half
    brought = png(tmp_path / "drawn", drawn)
    size = masks.make(astronaut, tmp_path / "matte.png", brought, "m.png", tmp_path / "out", 10**6)
    assert size == {"width": 192, "height": 192}
    after = mattes.of_mask(tmp_path / "out", (192, 192))
    touched = cv2.dilate(cv2.resize(drawn[..., 3], (192, 192), interpolation=cv2.INTER_NEAREST), np.ones((9, 9))) > 0
    assert np.array_equal(after[~touched], before[~touched]) and 0.1 < before[~touched].mean() < 0.9
    assert (after[2:16, 2:16] == 1).all() and (after[104:116, 104:116] == 0).all()
    middle = slice(166, 174)
    assert np.abs(after[middle, middle] - (before[middle, middle] * 127 + 128) / 255).max() < 1e-4


def test_a_correction_of_a_correction(astronaut: Path, tmp_path: Path) -> None:
    base = png(tmp_path / "base", np.full((192, 192), 200, np.uint8))
    drawn = np.zeros((192, 192, 4), np.uint8)
    drawn[:, :96, 3] = 255
    brought = png(tmp_path / "drawn", drawn)
    masks.make(astronaut, tmp_path / "none", brought, "m.png", tmp_path / "out", 10**6, base=base)
    with Image.open(tmp_path / "out") as image:
        assert image.mode == "L"  # eight bits are enough
        pixels = np.asarray(image)
    assert (pixels[:, :90] == 0).all() and (pixels[:, 100:] == 200).all()


def test_where_nobody_is_found_a_mask_is_drawn_on_nothing(tmp_path: Path) -> None:
    sky = png(tmp_path / "sky", np.full((64, 96, 3), (120, 160, 230), np.uint8))
    drawn = np.zeros((64, 96, 4), np.uint8)
    empty = png(tmp_path / "empty", drawn)
    with pytest.raises(MaskError, match="black everywhere"):
        masks.make(sky, tmp_path / "matte.png", empty, "m.png", tmp_path / "out", 10**6)
    drawn[10:20] = 255
    masks.make(sky, tmp_path / "matte.png", png(tmp_path / "drawn", drawn), "m.png", tmp_path / "out", 10**6)
    assert mattes.of_mask(tmp_path / "out", (64, 96)).mean() == pytest.approx(10 / 64)


def test_whole_masks(astronaut: Path, tmp_path: Path) -> None:
    def made(pixels: np.ndarray) -> np.ndarray:
        brought = png(tmp_path / "whole", pixels)
        masks.make(astronaut, tmp_path / "none", brought, "m.png", tmp_path / "out", 10**6)
        return mattes.of_mask(tmp_path / "out", (192, 192))

    half = np.zeros((96, 96), np.uint8)
    half[:48] = 255
    assert made(half)[:90].min() == 1 and made(half)[102:].max() == 0
    cut_out = np.full((192, 192, 4), (200, 30, 30, 255), np.uint8)
    cut_out[:96, :, 3] = 0
    assert made(cut_out)[:96].max() == 0 and made(cut_out)[96:].min() == 1
    with pytest.raises(InputError, match="expected the same proportions"):
        made(np.full((96, 192), 255, np.uint8))
