"""Runs that are stopped: by Ctrl-C in the body of a loop, from another thread, and what their recipe says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from portrait_nst import ResourceError, Stylizer, rerun, stylize
from portrait_nst.pipeline.api import CONTINUED
from portrait_nst.pipeline.paint_plan import PaintPlan
from portrait_nst.recipe import read_job
from portrait_nst.types import Step

QUICK: dict[str, Any] = {"size": 96, "iterations": 2, "threads": 1, "precision": "float32"}


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return Stylizer()


@pytest.fixture(scope="module")
def plan(stylizer: Stylizer, small_portrait: Path, small_style: Path) -> PaintPlan:
    plan = stylizer.plan(stylizer.prepare(small_portrait), small_style, **QUICK)
    assert isinstance(plan, PaintPlan)
    return plan


def in_a_thread(work: Callable[[], object]) -> list[BaseException]:
    """What `work` raises in a thread of its own."""
    raised: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    thread.join()
    return raised


def test_ctrl_c_in_the_body_of_a_loop_gives_the_picture_so_far(stylizer: Stylizer, plan: PaintPlan) -> None:
    run = stylizer.paint(plan)
    try:
        for _ in run:
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        result = run.result()
    assert result.status == "interrupted" and len(result.losses) == 1


def test_ctrl_c_after_the_last_step_leaves_a_whole_picture_whole(stylizer: Stylizer, plan: PaintPlan) -> None:
    run = stylizer.paint(plan)
    list(run)
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        assert run.result().status == "complete"


def test_the_recipe_says_that_a_picture_was_interrupted_and_rerun_too(
    small_portrait: Path, small_style: Path, tmp_path: Path
) -> None:
    def interrupt(step: Step) -> None:
        raise KeyboardInterrupt

    stopped = stylize(small_portrait, small_style, on_step=interrupt, **QUICK)
    whole = stylize(small_portrait, small_style, **QUICK)
    assert stopped.recipe["status"] == "interrupted" and "status" not in whole.recipe
    path = stopped.save(tmp_path / "stopped.png")
    where: dict[str, Any] = {"photo": small_portrait, "style": small_style}
    assert read_job(path, **where).interrupted
    assert not read_job(whole.save(tmp_path / "whole.png"), **where).interrupted
    again = rerun(path, **where)
    assert np.array_equal(again.rgb, whole.rgb) and again.status == "complete" and again.recipe == whole.recipe
    assert CONTINUED in again.notes and CONTINUED not in rerun(tmp_path / "whole.png", **where).notes


def test_a_second_thread_is_refused_within_a_step_but_may_stop_the_run(
    stylizer: Stylizer, plan: PaintPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portrait_nst.transfer import StyleOptimizer

    run = stylizer.paint(plan)
    next(run)
    original = StyleOptimizer._paint_canvas
    raised: list[BaseException] = []

    def meddled(painter: StyleOptimizer, scale: int) -> Any:
        raised.extend(in_a_thread(lambda: next(run)))
        raised.extend(in_a_thread(run.result))
        raised.extend(in_a_thread(run.stop))
        return original(painter, scale)

    monkeypatch.setattr(StyleOptimizer, "_paint_canvas", meddled)
    taken = 1 + len(list(run))
    assert [type(error) for error in raised] == [ResourceError, ResourceError]
    assert all("another thread" in str(error) for error in raised)
    result = run.result()
    assert result.status == "interrupted" and len(result.losses) == taken
    assert taken < sum(plan.config.iterations)


def test_stop_from_another_thread_between_steps_ends_the_run(stylizer: Stylizer, plan: PaintPlan) -> None:
    run = stylizer.paint(plan)
    next(run)
    assert in_a_thread(run.stop) == []
    assert not list(run) and run.result().status == "interrupted"
