"""Worker processes that die."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from portrait_nst.batch import Manifest, Options, Order
from portrait_nst.batch.workers.local import LocalEngine
from portrait_nst.batch.workers.task import Conditions, Task
from portrait_nst.batch.workers.worker import PaintWorker
from portrait_nst.settings import Settings
from tests.batch.fake_workers import Deadly, photos
from tests.batch.runs import paint, pictures


def test_a_worker_that_dies_is_replaced_and_its_pictures_are_tried_again(tmp_path: Path) -> None:
    photos(tmp_path / "in", ["a.png", "accident.png", "b.png", "death.png", "e.png", "f.png"])
    out = tmp_path / "out"
    order = Order([tmp_path / "in"], [tmp_path / "in" / "a.png"], settings=Settings(device="cpu"))
    made, _ = paint(order, out, Options(workers=2), Deadly)
    assert {name for name, error in made.items() if error} == {"death.png"}
    assert "died 3 times (exit status 9)" in made["death.png"]
    assert {"accident.png", "b.png", "e.png", "f.png"} <= set(made)
    assert not [name for name in pictures(out) if name.endswith(".tmp")]
    with Manifest.read(out) as manifest:
        attempts = {Path(photo).name: n for photo, n in manifest.database.execute("SELECT photo, attempts FROM jobs")}
    # Who was in a worker that died is begun again; which of the others that befalls is a matter of time.
    assert attempts["death.png"] == 3 and attempts["accident.png"] >= 2 and max(attempts.values()) == 3


class Broken(PaintWorker):
    """Cannot be set up: its process ends with status 1."""

    def __init__(self, conditions: Conditions) -> None:
        raise SystemExit(1)


def test_the_exit_status_is_that_of_the_process_and_not_of_its_burial(tmp_path: Path) -> None:
    engine = LocalEngine(Conditions("cpu"), 1, Broken)
    task = Task(1, tmp_path / "a.png", None, None, "stylize", Settings(), None, tmp_path / "b.png")
    given: Iterator[Task] = iter([task])
    try:
        outcomes = list(engine.work(lambda: next(given, None)))
    finally:
        engine.close()
    assert len(outcomes) == 1 and "exit status 1). What it said" in outcomes[0].error
