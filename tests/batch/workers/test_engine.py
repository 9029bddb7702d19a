"""Tasks of processes that died are tried again, and then given up."""

from __future__ import annotations

from pathlib import Path

from portrait_nst.batch.workers.engine import MAX_TRIES, Retries
from portrait_nst.batch.workers.task import Task
from portrait_nst.settings import Settings


def test_a_task_is_given_up_after_its_last_try() -> None:
    task = Task(7, Path("a.png"), None, None, "popart", Settings(), None, Path("b.png"))
    retries = Retries()
    assert not retries.is_suspect(7)
    for _ in range(MAX_TRIES - 1):
        assert list(retries.record_death(task, "died {tries} times")) == []
        assert retries.waiting.pop() is task and retries.is_suspect(7) and retries.lost.pop() == 7
    for _ in range(2):  # also where its row is entered anew later on
        (outcome,) = retries.record_death(task, "died {tries} times (a {brace})")
        assert (outcome.number, outcome.died) == (7, True) and not retries.waiting
        assert outcome.error == f"died {MAX_TRIES} times (a {{brace}})"
