"""One object paints many pictures: what is shared, what is refused, and that each picture is as `stylize` paints it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from portrait_nst import InputError, ResourceError, Settings, Stylizer, encoders, segmentation, stylize
from portrait_nst.pipeline import Subject, prepare
from portrait_nst.pipeline import subject as subject_module
from portrait_nst.types import FloatArray, Step

QUICK: dict[str, Any] = {"size": 64, "iterations": 2, "threads": 1, "precision": "float32"}


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return Stylizer()


@pytest.fixture(scope="module")
def subject(stylizer: Stylizer, small_portrait: Path) -> Subject:
    return stylizer.prepare(small_portrait)


@pytest.mark.slow
def test_each_picture_is_the_one_that_stylize_paints(
    stylizer: Stylizer, subject: Subject, small_portrait: Path, small_style: Path
) -> None:
    asked: list[dict[str, Any]] = [{}, {"strength": 0.8, "method": "gram"}, {"background": "#102030", "likeness": 0.9}]
    for changes in asked:
        made = stylizer.paint(stylizer.plan(subject, small_style, **changes, **QUICK)).result()
        alone = stylize(small_portrait, small_style, **changes, **QUICK)
        assert np.array_equal(made.rgb, alone.rgb) and made.recipe == alone.recipe
        assert made.losses == alone.losses and made.notes == alone.notes


def test_a_photo_is_looked_at_once_for_many_styles(
    small_portrait: Path, small_style: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for module, name in (
        (segmentation, "person"),
        (segmentation, "faces"),
        (subject_module, "face_map"),
        (encoders, "get"),
    ):
        original = getattr(module, name)

        def counted(*args: Any, name: str = name, original: Any = original, **how: Any) -> Any:
            calls.append(name)
            return original(*args, **how)

        monkeypatch.setattr(module, name, counted)
    stylizer = Stylizer()
    subject = stylizer.prepare(small_portrait)
    for strength in (0.4, 0.6, 0.8):
        stylizer.paint(stylizer.plan(subject, small_style, strength=strength, likeness=0.1, **QUICK)).result()
    assert sorted(calls) == ["face_map", "faces", "get", "person"]


def test_equal_styles_share_their_targets(
    small_portrait: Path, half_mask: FloatArray, small_style: Path, subject: Subject
) -> None:
    stylizer = Stylizer()
    for strength in (0.4, 0.6):
        stylizer.paint(stylizer.plan(subject, small_style, strength=strength, **QUICK)).result()
        computed = stylizer.store.computed
    assert computed == stylizer.store.computed > 0
    stylizer.paint(stylizer.plan(stylizer.prepare(small_portrait, mask=half_mask), small_style, **QUICK)).result()
    assert stylizer.store.computed == computed


def test_a_run_is_iterated_and_its_first_step_foretells(
    stylizer: Stylizer, subject: Subject, small_style: Path
) -> None:
    run = stylizer.paint(stylizer.plan(subject, small_style, **QUICK))
    steps: list[Step] = list(run)
    assert steps[0].forecast is not None and all(step.forecast is None for step in steps[1:])
    assert steps[-1].image().shape == (*steps[-1].size, 3)
    result = run.result()
    assert result.status == "complete" and len(result.losses) == len(steps)
    assert result.image.mode == "RGB" and np.array_equal(np.asarray(result.image), result.rgb)
    assert run.result() is result


def test_a_loop_that_is_left_is_gone_on_with(stylizer: Stylizer, subject: Subject, small_style: Path) -> None:
    plan = stylizer.plan(subject, small_style, **QUICK)
    whole = stylizer.paint(plan).result()
    run = stylizer.paint(plan)
    for step in run:
        if step.iteration == 1:
            break
    assert len(run.progress.losses) == 2
    assert np.array_equal(run.result().rgb, whole.rgb)


def test_a_run_that_is_stopped_gives_the_picture_so_far(
    stylizer: Stylizer, subject: Subject, small_style: Path
) -> None:
    plan = stylizer.plan(subject, small_style, **QUICK)
    run = stylizer.paint(plan)
    with pytest.raises(InputError, match="Nothing is painted yet"):
        run.stop()
    next(run)
    run.stop()
    result = run.result()
    assert result.status == "interrupted" and len(result.losses) == 1
    assert not np.array_equal(result.rgb, stylizer.paint(plan).result().rgb)
    assert not list(run)


def test_ctrl_c_within_a_step_ends_the_loop(
    stylizer: Stylizer, subject: Subject, small_style: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portrait_nst.transfer import StyleOptimizer

    original = StyleOptimizer._paint_canvas
    scales: list[int] = []

    def interrupted(painter: StyleOptimizer, scale: int) -> Any:
        scales.append(scale)
        if len(scales) == 2:
            raise KeyboardInterrupt
        return original(painter, scale)

    monkeypatch.setattr(StyleOptimizer, "_paint_canvas", interrupted)
    run = stylizer.paint(stylizer.plan(subject, small_style, **{**QUICK, "size": 96}))
    assert {step.scale for step in run} == {0}
    assert run.result().status == "interrupted"
    scales[:] = [9]
    with pytest.raises(KeyboardInterrupt):  # nothing is painted yet
        stylizer.paint(stylizer.plan(subject, small_style, **{**QUICK, "size": 96})).result()


def test_a_run_that_failed_has_no_result(
    stylizer: Stylizer, subject: Subject, small_style: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portrait_nst.transfer import functional

    run = stylizer.paint(stylizer.plan(subject, small_style, **QUICK))
    with monkeypatch.context() as changed:
        changed.setattr(functional, "range_penalty", lambda image: image.sum()[None] * float("nan"))
        with pytest.raises(InputError, match="not finite"):
            list(run)
    with pytest.raises(RuntimeError, match="ended in an error"):
        run.result()
    stylizer.paint(
        stylizer.plan(subject, small_style, **QUICK)
    ).result()  # which the failed one does not stand in the way of


def test_a_second_thread_is_refused_while_one_paints(stylizer: Stylizer, subject: Subject, small_style: Path) -> None:
    plan = stylizer.plan(subject, small_style, **QUICK)
    run = stylizer.paint(plan)
    next(run)
    said: list[str] = []

    def other() -> None:
        for work in (lambda: stylizer.plan(subject, small_style, **QUICK), lambda: stylizer.paint(plan).result()):
            try:
                work()
                said.append("")
            except ResourceError as error:
                said.append(str(error))

    def try_it() -> list[str]:
        said.clear()
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        return list(said)

    assert all("another thread" in text for text in try_it())
    del run  # a run that is given up stands in nobody's way
    assert try_it() == ["", ""]


def test_settings_that_contradict_what_is_loaded_are_refused(
    stylizer: Stylizer, subject: Subject, small_style: Path
) -> None:
    for changes, said in (
        ({"encoder": "vgg19"}, r"encoder 'vgg19'.*'embedded'.*Stylizer\.of"),
        ({"region": "all"}, "region 'all'.*'person'"),
        ({"person": 2}, "person 2"),
    ):
        with pytest.raises(InputError, match=said):
            stylizer.plan(subject, small_style, Settings(**changes))
    everything = stylizer.prepare(subject.photo, region="all")
    assert stylizer.plan(everything, small_style, **QUICK).settings.region == "all"


def test_a_matte_tells_how_it_is_found_again(small_portrait: Path, small_style: Path, half_mask: FloatArray) -> None:
    matte = prepare(small_portrait, person="largest").matte
    made = stylize(small_portrait, small_style, mask=matte, **QUICK)
    assert made.recipe["settings"]["person"] == "largest" and "mask" not in made.recipe["inputs"]
    given = stylize(small_portrait, small_style, mask=half_mask, person="largest", **QUICK)
    assert given.recipe["inputs"]["mask"]["file"] is None and given.recipe["settings"]["person"] == "largest"


def test_store_network_and_memory_of_stylize_are_deprecated_aliases(
    small_portrait: Path, small_style: Path, stylizer: Stylizer
) -> None:
    with pytest.warns(DeprecationWarning, match="Stylizer"):
        made = stylize(small_portrait, small_style, network=stylizer.network, store=stylizer.store, **QUICK)
    assert np.array_equal(made.rgb, stylize(small_portrait, small_style, stylizer=stylizer, **QUICK).rgb)


def test_labels_and_their_styles_go_together(small_portrait: Path, small_style: Path, stylizer: Stylizer) -> None:
    labels = np.zeros((160, 136, 3), np.uint8)
    labels[40:] = 200
    subject = stylizer.prepare(small_portrait, labels=labels, painted_labels=["200"])
    with pytest.raises(InputError, match="each of its painted labels"):
        stylizer.plan(subject, small_style, **QUICK)
    with pytest.raises(InputError, match="labels 0; the subject was prepared with 200"):
        stylizer.plan(subject, {"0": small_style}, **QUICK)
    made = stylizer.paint(stylizer.plan(subject, {"200": small_style}, **QUICK)).result()
    assert made.recipe["inputs"]["labels"]["file"] is None and made.recipe["matte"] == "label map"
    with pytest.raises(InputError, match="Give a mask, or a label map"):
        stylizer.prepare(small_portrait, labels=labels)
