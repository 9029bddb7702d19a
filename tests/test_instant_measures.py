"""The measures of networks learned for a painting see what they are named for, and rank what is known to be a photo as one."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from portrait_nst.types import FloatArray
from tests.benchmarks.instant import __main__ as command
from tests.benchmarks.instant import measures, steady, tables
from tests.benchmarks.instant.scenes import MATTE, portraits

SIDE = 128


def cloud(seed: int, finest: float = 0.7, side: int = SIDE) -> FloatArray:
    """(side, side, 3) float32 about .5: noise of many sizes, from `finest` pixels on."""
    rng = np.random.default_rng(seed)
    total = np.zeros((side, side, 3), np.float32)
    for sigma in (finest, 2 * finest, 4 * finest):
        layer = cv2.GaussianBlur(rng.normal(size=(side, side, 3)).astype(np.float32), (0, 0), sigma)
        total += 0.05 * layer / layer.std()
    return np.asarray(np.clip(0.5 + total, 0, 1), np.float32)


@pytest.fixture(scope="module")
def photo() -> FloatArray:
    return cloud(0)


EVERYWHERE = np.ones((SIDE, SIDE), np.float32)


def kept(photo: FloatArray, painted: FloatArray) -> float:
    return measures.structure(photo, painted, cloud(9), EVERYWHERE).kept


def test_the_photo_in_other_colours_keeps_its_structure_and_has_no_brush_work(photo: FloatArray) -> None:
    mixed = np.clip(photo @ np.array([[0.6, 0.1, 0.0], [0.1, 0.5, 0.2], [0.0, 0.1, 0.3]], np.float32) + 0.1, 0, 1)
    found = measures.structure(photo, mixed, cloud(9), EVERYWHERE)
    assert found.kept > 0.9 and min(found.kept_by_band) > 0.9
    assert found.brush < 0.25


def test_another_picture_keeps_nothing_and_has_its_own_brush_work(photo: FloatArray) -> None:
    found = measures.structure(photo, cloud(1), cloud(9), EVERYWHERE)
    assert abs(found.kept) < 0.1
    assert found.brush == pytest.approx(1, abs=0.15)


def test_more_of_a_painting_keeps_less_of_the_photo(photo: FloatArray) -> None:
    shares = (0.0, 0.25, 0.5, 0.75, 1.0)
    found = [kept(photo, (1 - share) * photo + share * cloud(1)) for share in shares]
    assert found == sorted(found, reverse=True)
    assert found[0] == pytest.approx(1, abs=1e-3)


def test_contrast_and_blur_make_no_painting_of_a_photo(photo: FloatArray) -> None:
    assert kept(photo, 0.5 + 0.2 * (photo - 0.5)) > 0.95
    assert kept(photo, cv2.GaussianBlur(photo, (0, 0), 1.5)) > 0.75


def test_structure_is_compared_only_where_it_is_asked(photo: FloatArray) -> None:
    painted = photo.copy()
    painted[:, : SIDE // 2] = cloud(1)[:, : SIDE // 2]
    right = np.zeros((SIDE, SIDE), np.float32)
    right[:, SIDE // 2 + 12 :] = 1
    assert measures.structure(photo, painted, cloud(9), right).kept == pytest.approx(1, abs=0.01)
    assert np.isnan(measures.structure(photo, painted, cloud(9), 0 * right).kept)


def test_what_moves_along_has_no_pan_and_what_stands_still_has(photo: FloatArray) -> None:
    assert measures.pan(still(photo), photo) == pytest.approx(0, abs=1e-6)
    ground = cloud(1)

    def on_ground(picture: FloatArray, at: measures.Place = (0, 0), along: bool = False) -> FloatArray:
        top, left = at if along else (0, 0)
        return picture + ground[top : top + len(picture), left : left + picture.shape[1]]

    expected = [measures.rms(np.diff(ground[16:-16, 16:-16], axis=axis)) for axis in (0, 1)]
    assert measures.pan(on_ground, photo) == pytest.approx(np.mean(expected), rel=0.1)
    assert measures.pan(on_ground, photo, along=True) == pytest.approx(0, abs=1e-6)


def test_noise_is_told_as_often_as_it_is_multiplied(photo: FloatArray) -> None:
    for factor in (0.0, 1.0, 3.0):
        found = measures.noise(times(factor), photo)
        assert found == pytest.approx(factor * 2 / 255, rel=0.02)


def test_a_bright_rim_is_a_halo_on_the_side_that_is_asked(photo: FloatArray) -> None:
    yy, xx = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    radius = np.hypot(yy, xx).astype(np.float32)
    matte = (radius < 36).astype(np.float32)
    outside = photo + 0.2 * ((radius > 36) & (radius < 41))[..., None]
    inside = photo + 0.2 * ((radius < 36) & (radius > 31))[..., None]
    for painted, within in ((outside, False), (inside, True)):
        assert measures.halo(photo, painted, matte, within=within) > 0.1
        assert measures.halo(photo, painted, matte, within=not within) < 0.05
        assert measures.halo(photo, photo, matte, within=within) == 0


def test_upright_lines_in_dark_flats_are_seen() -> None:
    dark = np.full((SIDE, SIDE, 3), 0.1, np.float32)
    upright = dark + 0.05 * (np.arange(SIDE) // 4 % 2)[None, :, None].astype(np.float32)
    level = np.ascontiguousarray(upright.transpose(1, 0, 2))
    both = [measures.lines(dark, picture, EVERYWHERE) for picture in (upright, level)]
    assert both[0] is not None and both[1] is not None and both[0] > 10 > 0.1 > both[1]
    assert measures.lines(dark + 0.5, upright, EVERYWHERE) is None


def times(factor: float, plus: float = 0.0) -> measures.Paint:
    def paint(picture: FloatArray, at: measures.Place = (0, 0), along: bool = False) -> FloatArray:
        return np.float32(factor) * picture + np.float32(plus)

    return paint


def still(photo: FloatArray) -> measures.Paint:
    return times(-1, 1)


def pumping(first: FloatArray) -> measures.Paint:
    """What lifts each frame by a hundred times its own mean's distance from .5."""
    return times(1, 100 * (float(first.mean()) - 0.5))


@pytest.mark.parametrize("movement", ["pan", "zoom"])
def test_a_clip_with_frozen_statistics_does_not_drift_and_one_that_pumps_does(movement: str, photo: FloatArray) -> None:
    def frames() -> steady.Frames:
        return steady.pan(photo, 12) if movement == "pan" else steady.zoom(photo, 12, 1.3)

    calm, own = (seen.row() for seen in steady.watch(still, frames(), "frozen"))
    assert calm["flicker"] == pytest.approx(own["flicker"], abs=1e-6)
    if movement == "pan":
        assert own["flicker"] == pytest.approx(0, abs=1e-6)
    wild = steady.watch(pumping, frames(), "own")[0].row()
    assert wild["drift"] > 5 * calm["drift"] + 1 and wild["jump"] > calm["jump"]
    assert steady.watch(pumping, frames(), "frozen")[0].row()["drift"] == pytest.approx(calm["drift"], abs=0.1)


def row(**changes: Any) -> dict[str, Any]:
    base = {"program": "a", "painting": "p", "portrait": "q", "photo_nn": 0.3, "nn": 0.2, "fall": 1 / 3, "cfsd": 0.005}
    base |= {"identity": 0.4, "face": "found", "pan": 0.01, "noise": 0.01, "kept": 0.5, "brush": 1.0, "palette": 5.0}
    return {**base, "halo": 0.01, "lines": None, "seconds": 0.1, **changes}


def test_the_table_says_which_goals_are_met() -> None:
    assert all(said.startswith("yes") for said in tables.goals([row()]))
    rows = [row(fall=0.1), row(identity=0.6, portrait="r", face="lost"), row(face="none", identity=None)]
    said = tables.goals(rows)
    assert said[0].startswith("yes: 25.6%")
    assert said[2].startswith("no: 0.50") and said[-1] == "no: r in p"
    assert tables.faces(rows) == "1/2"
    text = tables.table(rows, "here")
    assert "MicroAST" in text and "| a " in text


def test_goals_that_were_not_measured_are_not_met() -> None:
    said = tables.goals([row(pan=None, noise=None, identity=None, face="unknown")])
    assert [found[0] for found in said] == ["y", "y", "-", "-", "-", "-"]


def test_mattes_that_lie_beside_portraits_are_no_portraits(tmp_path: Path) -> None:
    for name in ("b.png", "a.jpg", f"a{MATTE}.png"):
        Image.new("RGB", (32, 32)).save(tmp_path / name)
    (tmp_path / "faces.json").write_text(json.dumps({}))
    assert [portrait.name for portrait in portraits([tmp_path])] == ["a", "b"]


@pytest.mark.parametrize("name", command.COMMANDS)
def test_every_measure_tells_what_it_takes(name: str, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    module = importlib.import_module(f"tests.benchmarks.instant.{name}")
    monkeypatch.setattr("sys.argv", [name, "--help"])
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == 0 and "--out" in capsys.readouterr().out
