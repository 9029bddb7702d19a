"""Wrong arguments in Python are refused in one line that says what was expected; several forms of right ones are taken."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from portrait_nst import InputError, PortraitError, Settings, Stylizer, WeightsError, stylize
from portrait_nst.pipeline import Subject, matte, popart, prepare
from portrait_nst.types import Photo

QUICK: dict[str, Any] = {"size": 64, "iterations": 2, "threads": 1, "precision": "float32"}
WRONG = cast("Any", None)  # so that calls of wrong types pass the type check


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return Stylizer()


@pytest.fixture(scope="module")
def subject(small_portrait: Path) -> Subject:
    return prepare(small_portrait, region="all")


def refused(call: Callable[[], object], said: str) -> None:
    with pytest.raises(PortraitError, match=said) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_another_region_than_the_two_is_refused(small_portrait: Path) -> None:
    for region in ("whole", "al", ""):
        for call in (prepare, matte, popart):
            refused(lambda call=call, region=region: call(small_portrait, region=region), "'person' or 'all'")  # type: ignore[misc]


def test_a_mask_or_labels_leave_region_and_person_nothing_to_choose(small_portrait: Path) -> None:
    mask = np.ones((160, 136), np.float32)
    labels = np.ones((160, 136), np.uint8)
    refused(lambda: prepare(small_portrait, mask=mask, region="all"), "nothing to choose")
    refused(lambda: prepare(small_portrait, mask=mask, person=1), "nothing to choose")
    refused(lambda: prepare(small_portrait, labels=labels, painted_labels=["1"], region="all"), "nothing to choose")


def test_a_settings_region_beside_a_mask_still_lets_the_mask_win(small_portrait: Path, small_style: Path) -> None:
    mask = np.zeros((160, 136), np.float32)
    mask[40:] = 1
    made = stylize(small_portrait, small_style, mask=mask, region="all", **QUICK)
    assert np.array_equal(made.matte.alpha, mask)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64])
@pytest.mark.parametrize("planes", [0, 1])
def test_a_grey_array_is_a_label_map(small_portrait: Path, dtype: type, planes: int) -> None:
    labels: np.ndarray = np.zeros((160, 136), dtype)
    labels[40:] = 200
    shaped = labels[..., None] if planes else labels
    found = prepare(small_portrait, labels=shaped, painted_labels=["200"])
    assert np.array_equal(found.matte.alpha, (labels == 200).astype(np.float32))
    refused(lambda: prepare(small_portrait, labels=(shaped.astype(int) * 2), painted_labels=["200"]), "0 to 400")


def test_a_label_map_of_another_form_names_all_forms(small_portrait: Path) -> None:
    labels = np.zeros((160, 136, 2), np.uint8)
    refused(lambda: prepare(small_portrait, labels=labels, painted_labels=["0"]), r"\(H, W\), \(H, W, 3\)")
    refused(lambda: matte(small_portrait, mask=labels), r"\(H, W\), \(H, W, 3\)")


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.bool_])
def test_a_mask_may_have_one_channel(small_portrait: Path, dtype: type) -> None:
    mask: np.ndarray = np.zeros((160, 136, 1), dtype)
    mask[40:] = 1
    assert np.array_equal(matte(small_portrait, mask=mask).alpha, mask[..., 0].astype(np.float32))


def test_labels_are_text_or_numbers(small_portrait: Path, small_style: Path, stylizer: Stylizer) -> None:
    labels = np.zeros((160, 136), np.uint8)
    labels[40:] = 10
    subject = prepare(small_portrait, labels=labels, painted_labels=[10])
    assert [region.label for region in subject.regions] == ["10"]
    assert [region.label for region in stylizer.plan(subject, {10: small_style}, **QUICK).regions] == ["10"]
    made = stylize(small_portrait, labels=labels, region_styles={10: small_style}, **QUICK)
    assert made.recipe["styles"][0]["label"] == "10"
    refused(lambda: prepare(small_portrait, labels=labels, painted_labels="10"), r"\['10'\]")
    refused(lambda: prepare(small_portrait, labels=labels, painted_labels=[WRONG]), "A label is")
    refused(lambda: stylizer.plan(subject, {WRONG: small_style}, **QUICK), "A label is")


def test_no_style_is_refused_with_and_without_a_label_map(stylizer: Stylizer, subject: Subject) -> None:
    nothing: list[Any] = [[], {}]
    for style in nothing:
        refused(lambda style=style: stylizer.plan(subject, style), "No style was given")  # type: ignore[misc]


def test_plan_and_paint_name_the_type_that_they_expect(
    stylizer: Stylizer, subject: Subject, small_portrait: Path, small_style: Path
) -> None:
    wrong: Any
    for wrong in (small_portrait, str(small_portrait), Photo(np.zeros((32, 32, 3), np.uint8)), None):
        refused(lambda wrong=wrong: stylizer.plan(wrong, small_style), r"a Subject, which prepare\(photo\) makes")  # type: ignore[misc]
    wrong = subject
    refused(lambda: stylizer.paint(wrong), "a PaintPlan, which plan")
    for wrong in ("draft", {"size": 96}):
        refused(lambda wrong=wrong: stylizer.plan(subject, small_style, wrong), "settings must be a Settings")  # type: ignore[misc]
        refused(lambda wrong=wrong: stylize(small_portrait, small_style, settings=wrong), "must be a Settings")  # type: ignore[misc]
        refused(lambda wrong=wrong: popart(small_portrait, settings=wrong), "must be a PopartSettings")  # type: ignore[misc]
    wrong = 5
    refused(lambda: stylize(small_portrait, small_style, stylizer=wrong), "stylizer must be a Stylizer, not int")
    refused(lambda: stylize(small_portrait, small_style, on_step=wrong), "on_step must be a function")


def test_plan_takes_a_preset(subject: Subject, small_style: Path) -> None:
    ours = {
        name: getattr(Settings(), name) for name in ("encoder", "pooling", "style_layers", "content_layers", "region")
    }
    plan = Stylizer().plan(subject, small_style, preset="omahony", **ours, **QUICK)
    assert plan.settings.optimizer == "rmsprop" and plan.settings.size == 64
    refused(lambda: Stylizer().plan(subject, small_style, preset="omahony"), "encoder 'vgg19'")
    refused(lambda: Stylizer().plan(subject, small_style, preset="nobody"), "There is no preset 'nobody'")
    refused(lambda: Stylizer().plan(subject, small_style, Settings(), preset="omahony"), "not both")
    refused(lambda: stylize(subject.photo, small_style, settings=Settings(), preset="omahony"), "not both")


def test_a_stylizer_checks_its_arguments(tmp_path: Path, subject: Subject, small_style: Path) -> None:
    wrong: Any
    for wrong in ("2GB", -1, 0, True, float("nan"), float("inf")):
        refused(lambda wrong=wrong: Stylizer(memory=wrong), "gigabytes over 0")  # type: ignore[misc]
    wrong = 5
    refused(lambda: Stylizer(store=wrong), "store must be a folder, a TargetStore or None")
    refused(lambda: Stylizer(weights_sha256="00"), "64 hexadecimal digits")
    stylizer = Stylizer(store=str(tmp_path / "kept"))
    stylizer.paint(stylizer.plan(subject, small_style, **QUICK)).result()
    assert any((tmp_path / "kept").iterdir())
    with pytest.raises(WeightsError, match="leave weights_sha256 out"):
        _ = Stylizer(weights_sha256="0" * 64).network


def test_memory_is_in_gigabytes(subject: Subject, small_style: Path) -> None:
    Stylizer(memory=4).plan(subject, small_style, **QUICK)
    refused(lambda: Stylizer(memory=0.1).plan(subject, small_style, **QUICK), "0.1 are left")
    with pytest.warns(DeprecationWarning):
        refused(lambda: stylize(subject.photo, small_style, memory=0.1e9, **QUICK), "0.1 are left")


def test_a_style_says_what_it_may_be(stylizer: Stylizer, subject: Subject) -> None:
    wrong: Any
    for wrong in (5.0, ""):
        refused(lambda wrong=wrong: stylizer.plan(subject, wrong), r"the name of a style.*\(picture, weight\)")  # type: ignore[misc]
    wrong = [("st.png", 1.0, 2.0)]
    refused(lambda: stylizer.plan(subject, wrong), r"\(picture, weight\), not a tuple of 3")


def test_a_style_may_be_an_array(stylizer: Stylizer, subject: Subject, small_style: Path) -> None:
    with Image.open(small_style) as image:
        pixels = np.asarray(image)
    styles: list[Any] = [pixels, [pixels], [(pixels, 1.0)]]
    for style in styles:
        ((found, weight),) = stylizer.plan(subject, style, **QUICK).regions[0].blend
        assert np.array_equal(found.rgb, pixels) and weight == 1


def test_an_empty_path_is_no_folder(small_portrait: Path) -> None:
    refused(lambda: prepare(""), "empty text")
    refused(lambda: prepare(small_portrait, mask=""), "empty text")


def test_messages_name_a_mask_once(small_portrait: Path) -> None:
    image = Image.new("L", (300, 100), 255)
    file = io.BytesIO()
    image.save(file, "PNG")
    for mask in (image, file.getvalue(), Photo(np.zeros((100, 300, 3), np.uint8))):
        refused(lambda mask=mask: matte(small_portrait, mask=mask), "^The mask is 300")  # type: ignore[misc]


def test_files_that_cannot_be_read_are_refused(small_portrait: Path) -> None:
    closed = small_portrait.open("rb")
    closed.close()
    refused(lambda: prepare(closed), "cannot be read.*closed")
    with small_portrait.open() as text:
        refused(lambda: prepare(cast("Any", text)), "opened as text")


def test_a_picture_is_saved_in_a_file_object_of_a_known_format(small_portrait: Path, small_style: Path) -> None:
    made = stylize(small_portrait, small_style, strength=0, **QUICK)
    refused(lambda: made.save(io.BytesIO()), "The format must be one of")
    buffer = io.BytesIO()
    made.save(buffer, format="png")
    assert buffer.getvalue().startswith(b"\x89PNG")
    with pytest.raises(InputError, match="not in a NoneType"):
        made.save(cast("Any", None))


def test_deprecated_arguments_beside_a_stylizer_are_refused(
    stylizer: Stylizer, small_portrait: Path, small_style: Path
) -> None:
    refused(lambda: stylize(small_portrait, small_style, stylizer=stylizer, memory=1e9), "to the Stylizer")
