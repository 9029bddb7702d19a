"""The painter and a full disk: jobs wait for room, and do not fail one after the other."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path

import pytest

from portrait_nst.studio.painter import turn
from tests.studio.painter.standins import bring, finished, opened, request, until

Usage = namedtuple("Usage", ["total", "used", "free"])


class Disk:
    """A disk that has as much room as it is told."""

    free = 0

    def disk_usage(self, folder: Path) -> Usage:
        return Usage(10**9, 10**9 - self.free, self.free)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The disk that the queue sees."""
    found = Disk()
    monkeypatch.setattr(turn, "shutil", found)
    return found


def test_jobs_wait_until_the_disk_has_room_and_say_so(tmp_path: Path, disk: Disk) -> None:
    with opened(tmp_path) as (keeping, queue):
        photo = bring(keeping, "me.jpg")
        first, second = queue.submit(request(photo)).id, queue.submit(request(photo)).id
        until(lambda: (model := queue.model(keeping.job(first))).progress and model.progress.phase == turn.NO_ROOM)
        assert keeping.job(first).state == "waiting" and keeping.job(first).attempts == 0
        assert queue.process.pid is None
        disk.free = 10**9
        assert [finished(keeping, queue, id).state for id in (first, second)] == ["done"] * 2


def test_one_that_waits_for_room_can_be_cancelled_and_outlives_the_studio(tmp_path: Path, disk: Disk) -> None:
    with opened(tmp_path) as (keeping, queue):
        photo = bring(keeping, "me.jpg")
        first, second = queue.submit(request(photo)).id, queue.submit(request(photo)).id
        until(lambda: queue.model(keeping.job(first)).progress)
        queue.cancel(first)
        assert finished(keeping, queue, first).state == "cancelled"
        until(lambda: queue.model(keeping.job(second)).progress)
    disk.free = 10**9
    with opened(tmp_path) as (keeping, queue):
        assert finished(keeping, queue, second).state == "done"
        assert keeping.job(second).attempts == 1


def test_a_result_that_does_not_fit_is_tried_again_and_then_fails_in_words(tmp_path: Path) -> None:
    with opened(tmp_path) as (keeping, queue):
        bad = queue.submit(request(bring(keeping, "full.jpg"))).id
        good = queue.submit(request(bring(keeping, "me.jpg"))).id
        failed = finished(keeping, queue, bad)
        assert failed.state == "failed" and failed.error.startswith("The disk is full")
        assert keeping.job(bad).attempts == 3
        assert finished(keeping, queue, good).state == "done"


def test_a_job_with_a_title_is_checked_before_it_is_taken(tmp_path: Path) -> None:
    with opened(tmp_path) as (keeping, queue):
        wrong = request(bring(keeping, "me.jpg"), settings={"seed": "many"}, title="mine")
        with pytest.raises(Exception, match="seed"):
            queue.submit(wrong)
        assert keeping.jobs() == []
