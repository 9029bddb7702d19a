"""Another segmenter: what rembg's models mark becomes people, and what is missing is told in a line."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from portrait_nst import segmentation
from portrait_nst.errors import MaskError, ModelError
from portrait_nst.segmentation import rembg_model
from portrait_nst.types import Photo
from tests.rembg_stand_in import StandIn, install

U2NET = "rembg:u2net"
PLAIN = Photo(np.full((120, 160, 3), 128, np.uint8))
BLOCK = (0.25, 0.75, 0.25, 0.5)  # top, bottom, left, right


@pytest.fixture
def rembg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> StandIn:
    return install(monkeypatch, tmp_path)


def test_a_mask_at_the_picture_s_size_from_one_quiet_session(rembg: StandIn, capfd: pytest.CaptureFixture[str]) -> None:
    rembg.marked = [BLOCK]
    for _ in range(2):
        found = rembg_model.infer(PLAIN.rgb, U2NET)
    expected = np.zeros((120, 160), np.float32)
    expected[30:90, 40:80] = 1
    assert np.array_equal(found, expected) and found.dtype == np.float32
    assert (rembg.made, rembg.bars) == (["u2net"], [False])
    assert capfd.readouterr() == ("", "")
    rembg_model.infer(PLAIN.rgb, "rembg:silueta")
    rembg_model.infer(PLAIN.rgb, U2NET)  # one session is held at a time
    assert rembg.made == ["u2net", "silueta", "u2net"]


@pytest.mark.parametrize("library", ["rembg", "onnxruntime"])
def test_without_the_library_a_line_says_what_to_install(
    library: str, rembg: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == library else sys.modules[name].__spec__
    )
    for call in (lambda: rembg_model.infer(PLAIN.rgb, U2NET), lambda: segmentation.download_note(U2NET)):
        with pytest.raises(ModelError, match=r"--segmenter rembg:u2net needs .* `pip install 'portrait-nst\[rembg\]'`"):
            call()
    assert segmentation.download_note("mediapipe") == ""


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(ConnectionError("a chain\nof causes"), "there is no connection"), (ValueError("wrong md5\nmore"), "wrong md5")],
)
def test_without_a_network_a_line_says_what_to_do(rembg: StandIn, fault: Exception, reason: str) -> None:
    rembg.fault = fault
    with pytest.raises(
        ModelError, match=rf"^rembg could not load its model u2net: {reason}\. .*copy u2net.onnx into "
    ) as e:
        segmentation.person(PLAIN, segmenter=U2NET)
    assert "\n" not in str(e.value) and "--segmenter mediapipe" in str(e.value)
    assert vars(sys.modules["pooch"])["retrieve"].__name__ == "<lambda>"  # as it was


def test_a_picture_that_the_model_fails_on(rembg: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rembg_model, "_open", {"u2net": object()})
    with pytest.raises(ModelError, match="rembg's model u2net failed"):
        rembg_model.infer(PLAIN.rgb, U2NET)


def test_a_download_is_told_of_before_it_is_made_and_only_then(rembg: StandIn, tmp_path: Path) -> None:
    assert segmentation.download_note(U2NET).startswith("rembg fetches its model u2net once")
    assert str(tmp_path) in segmentation.download_note(U2NET)
    rembg_model.infer(PLAIN.rgb, U2NET)
    rembg_model._open.clear()
    assert segmentation.download_note(U2NET) == ""


@pytest.mark.parametrize("choice", ["all", "largest", 1])
def test_without_a_face_all_that_is_marked_is_one_person(rembg: StandIn, choice: str | int) -> None:
    rembg.marked = [BLOCK]
    matte = segmentation.person(PLAIN, person=choice, segmenter=U2NET)
    assert (matte.people, matte.source) == (1, "rembg:u2net, 1 person")
    assert matte.notes == ("no face was found: all that rembg:u2net marks is taken for one person",)
    assert matte.alpha[34:86, 44:76].min() == 1 and matte.alpha[:, 100:].max() == 0
    with pytest.raises(MaskError, match="Person 2 was asked for, but there is only one"):
        segmentation.person(PLAIN, person=2, segmenter=U2NET)


def test_a_model_that_marks_nothing(rembg: StandIn) -> None:
    with pytest.raises(MaskError, match=r"rembg:u2net marks nothing in this picture.*--mask FILE"):
        segmentation.person(PLAIN, segmenter=U2NET)


def test_what_is_marked_is_shared_out_among_faces(rembg: StandIn, pair: Photo) -> None:
    rembg.marked = [(0.1, 1, 0, 1)]
    one, two = (segmentation.person(pair, person=n, segmenter=U2NET) for n in (1, 2))
    assert one.people == two.people == 1 and one.notes == ()
    assert one.alpha[200:, :300].mean() > 0.95 and two.alpha[200:, -300:].mean() > 0.95
    assert np.abs(one.alpha[100:] + two.alpha[100:] - 1).mean() < 0.02
