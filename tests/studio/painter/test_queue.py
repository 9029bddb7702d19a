"""The queue: order, stopping, cancelling, and what the death of the painter or of the studio leaves."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portrait_nst.errors import InputError, ResourceError
from portrait_nst.studio.keeping.keeping import Keeping, Missing
from portrait_nst.studio.painter import queue as queues
from portrait_nst.studio.painter.line import Full
from portrait_nst.studio.painter.queue import Queue
from tests.studio.painter.standins import bring, finished, opened, request, running, until

Pair = tuple[Keeping, Queue]
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Pair]:
    with opened(tmp_path / "home") as pair:
        yield pair


def test_jobs_are_made_one_after_the_other_in_their_order_by_one_process(studio: Pair) -> None:
    keeping, queue = studio
    photo = bring(keeping, "me.jpg")
    ids = [queue.submit(request(photo, settings={"seed": n})).id for n in range(3)]
    made = [finished(keeping, queue, id) for id in ids]
    assert [job.state for job in made] == ["done"] * 3
    assert [job.began for job in made] == sorted(job.began for job in made)
    notes = [job.result.notes[0] for job in made if job.result]
    assert [note.split(" of ")[0] for note in notes] == ["job 1", "job 2", "job 3"]  # what is loaded is kept
    assert keeping.aside(ids[2], "result.png").read_bytes() == b"me.jpg 2"
    assert made[0].title == "me in impasto"


def test_a_job_tells_its_place_its_start_its_forecast_and_its_progress(studio: Pair) -> None:
    keeping, queue = studio
    quick, slow = bring(keeping, "me.jpg"), bring(keeping, "slow.jpg")
    finished(keeping, queue, queue.submit(request(quick)).id)
    first = queue.submit(request(slow)).id
    job = running(keeping, queue, first)
    assert job.state == "running" and job.place == 0
    assert job.progress and job.progress.phase == "Painting" and job.progress.note == "a remark"
    assert job.forecast and job.forecast.memory == 1e9
    assert job.forecast.seconds == 0.5  # 3 were foretold, and 3 of the quick one, which took 0.5
    second, third = queue.submit(request(quick)), queue.submit(request(quick))
    assert (second.place, third.place) == (1, 2)
    assert second.starts_in == 60  # what the one in work has left
    assert third.starts_in == 60.5 and third.forecast and third.forecast.seconds == 0.5  # as such a job took before
    assert keeping.aside(first, "preview.jpg").read_bytes() == b"JPEG"
    queue.cancel(first)
    finished(keeping, queue, third.id)


def test_a_stopped_job_keeps_the_picture_so_far(studio: Pair) -> None:
    keeping, queue = studio
    id = queue.submit(request(bring(keeping, "slow.jpg"))).id
    running(keeping, queue, id)
    queue.stop(id)
    job = finished(keeping, queue, id)
    assert job.state == "done" and job.result and job.result.interrupted
    assert queue.stop(id).state == "done"  # nothing more to stop


def test_one_that_waits_cannot_be_stopped_but_cancelled(studio: Pair) -> None:
    keeping, queue = studio
    slow = bring(keeping, "slow.jpg")
    first, second, third = (queue.submit(request(slow)).id for _ in range(3))
    running(keeping, queue, first)
    with pytest.raises(InputError, match="cancel it instead"):
        queue.stop(second)
    assert queue.cancel(second)[0].state == "cancelled"
    assert queue.model(keeping.job(third)).place == 1
    assert queue.cancel(second)[0].state == "cancelled"


def test_a_job_in_work_is_cancelled_at_its_next_step_and_the_process_stays(studio: Pair) -> None:
    keeping, queue = studio
    id = queue.submit(request(bring(keeping, "slow.jpg"))).id
    running(keeping, queue, id)
    process = queue.process.pid
    queue.cancel(id)
    assert finished(keeping, queue, id).state == "cancelled"
    assert queue.process.pid == process
    assert not keeping.aside(id, "preview.jpg").exists()


def test_a_painter_that_does_not_hear_is_killed(studio: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    keeping, queue = studio
    monkeypatch.setattr("portrait_nst.studio.painter.turn.PATIENCE", 0.3)
    id = queue.submit(request(bring(keeping, "deaf.jpg"))).id
    until(lambda: queue.model(keeping.job(id)).forecast)
    queue.cancel(id)
    assert finished(keeping, queue, id, 10).state == "cancelled"
    assert finished(keeping, queue, queue.submit(request(bring(keeping, "me.jpg"))).id).state == "done"


def test_a_job_that_is_removed_is_gone_at_once_whatever_it_was(studio: Pair) -> None:
    keeping, queue = studio
    deaf = bring(keeping, "deaf.jpg")
    working, waiting = queue.submit(request(deaf)).id, queue.submit(request(deaf)).id
    until(lambda: queue.model(keeping.job(working)).forecast)
    for id in (waiting, working):
        queue.forget(id)
        with pytest.raises(Missing):
            keeping.job(id)
    assert len(queue._line) == 0


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("full.jpg", "The disk is full: the result could not be kept. Make room, then paint it again."),
        ("nobody.jpg", "Nobody was found in nobody.jpg; draw a mask."),
        ("wrong.jpg", "Something went wrong in the painter: a secret of this machine"),
    ],
)
def test_a_failure_is_a_line_and_the_other_jobs_go_on(studio: Pair, name: str, line: str) -> None:
    keeping, queue = studio
    bad = queue.submit(request(bring(keeping, name))).id
    good = queue.submit(request(bring(keeping, "me.jpg"))).id
    failed = finished(keeping, queue, bad)
    assert (failed.state, failed.error) == ("failed", line)
    assert finished(keeping, queue, good).state == "done"


def test_a_painter_that_is_killed_begins_the_job_again(studio: Pair) -> None:
    keeping, queue = studio
    id = queue.submit(request(bring(keeping, "slow.jpg"))).id
    running(keeping, queue, id)
    first = queue.process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until(lambda: keeping.job(id).attempts == 2 and queue.process.pid not in (None, first))
    running(keeping, queue, id)
    queue.stop(id)
    assert finished(keeping, queue, id).state == "done"


def test_a_job_that_kills_its_painter_three_times_fails_and_the_others_go_on(studio: Pair) -> None:
    keeping, queue = studio
    bad = queue.submit(request(bring(keeping, "die.jpg"))).id
    good = queue.submit(request(bring(keeping, "me.jpg"))).id
    failed = finished(keeping, queue, bad)
    assert failed.state == "failed" and "3 times" in failed.error and "ran out of memory" in failed.error
    assert keeping.job(bad).attempts == 3
    assert finished(keeping, queue, good).state == "done"


def test_what_was_in_work_when_the_studio_ended_waits_and_is_made_at_the_next_start(tmp_path: Path) -> None:
    with opened(tmp_path) as (keeping, queue):
        slow = queue.submit(request(bring(keeping, "slow.jpg"))).id
        other = queue.submit(request(bring(keeping, "me.jpg"))).id
        running(keeping, queue, slow)
        queue.close()
        assert [keeping.job(id).state for id in (slow, other)] == ["waiting"] * 2
        assert keeping.job(slow).attempts == 0  # who ends the studio often does not use up a job
    with opened(tmp_path) as (keeping, queue):
        running(keeping, queue, slow)
        queue.stop(slow)
        made = [finished(keeping, queue, id) for id in (slow, other)]
        assert [job.state for job in made] == ["done"] * 2
        assert made[0].began < made[1].began


SERVER = """
import sys, time
from pathlib import Path
from tests.studio.painter.standins import bring, opened, request, running
if __name__ == "__main__":
    with opened(Path(sys.argv[1])) as (keeping, queue):
        ids = [queue.submit(request(bring(keeping, name))).id for name in ("slow.jpg", "a.jpg", "b.jpg")]
        running(keeping, queue, ids[0])
        print(*ids, queue.process.pid, flush=True)
        time.sleep(60)
"""


def test_the_studio_killed_loses_nothing_and_its_painter_ends_with_it(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(
        [sys.executable, script, tmp_path / "home"], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert server.stdout is not None
    *ids, painter = server.stdout.readline().split()
    server.send_signal(signal.SIGKILL)
    server.wait()
    until(lambda: not _runs(int(painter)), 10)
    with opened(tmp_path / "home") as (keeping, queue):
        assert keeping.job(ids[0]).attempts >= 1
        running(keeping, queue, ids[0])
        queue.stop(ids[0])
        assert [finished(keeping, queue, id).state for id in ids] == ["done"] * 3
        assert keeping.aside(ids[1], "result.png").read_bytes() == b"a.jpg 0"


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_job_during_which_the_studio_was_killed_three_times_is_not_tried_again(tmp_path: Path) -> None:
    with Keeping.open(tmp_path, 10**9) as keeping:
        photo = bring(keeping, "me.jpg")
    with opened(tmp_path) as (keeping, queue):
        id = queue.submit(request(photo)).id
        finished(keeping, queue, id)
        keeping.change(id, state="running", attempts=3, result={})
    with opened(tmp_path) as (keeping, queue):
        job = queue.model(keeping.job(id))
        assert job.state == "failed" and "ended 3 times" in job.error


def test_a_full_disk_of_the_database_is_waited_for(studio: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    keeping, queue = studio
    monkeypatch.setattr(queues, "RETRY", 0.05)
    change, refused = keeping.change, list[str]()

    def full(id: str, **values: object) -> object:
        if values.get("state") == "done" and len(refused) < 3:
            refused.append(id)
            raise ResourceError("The disk is full.")
        return change(id, **values)

    monkeypatch.setattr(keeping, "change", full)
    assert finished(keeping, queue, queue.submit(request(bring(keeping, "me.jpg"))).id).state == "done"
    assert len(refused) == 3


def test_too_many_are_refused_and_none_of_them_is_kept(studio: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    keeping, queue = studio
    monkeypatch.setattr(queues, "MOST", 2)
    photo = bring(keeping, "slow.jpg")
    with pytest.raises(Full, match="0 jobs wait already, of 2"):
        queue.submit_all([request(photo)] * 3, "0" * 16)
    with pytest.raises(InputError, match="no style 'impastoo'"):
        queue.submit_all([request(photo), request(photo, style=[{"style": "impastoo"}])])
    assert keeping.jobs() == []


def test_every_change_is_told_and_a_removal_too(studio: Pair) -> None:
    keeping, queue = studio

    async def listens() -> list[tuple[str, str]]:
        listener = queue.events.listen()
        id = await asyncio.to_thread(lambda: queue.submit(request(bring(keeping, "me.jpg"))).id)
        found: list[tuple[str, str]] = []
        async for event, data in listener:
            values = json.loads(data)
            found.append((event, values.get("state", "")))
            if values.get("state") == "done" and event == "job" and not values["starred"]:
                await asyncio.to_thread(queue.change, id, starred=True)
            elif values.get("starred"):
                await asyncio.to_thread(queue.forget, id)
            elif event == "gone":
                return found
        return found

    found = asyncio.run(asyncio.wait_for(listens(), 30))
    assert found[-3:] == [("job", "done"), ("job", "done"), ("gone", "")]
    assert ("job", "running") in found


def test_the_bookkeeping_of_two_hundred_jobs_is_flat(studio: Pair) -> None:
    keeping, queue = studio
    slow = bring(keeping, "slow.jpg")
    running(keeping, queue, queue.submit(request(slow)).id)
    queue.submit_all([request(slow, title=f"number {n}") for n in range(200)], "f" * 16)
    jobs = keeping.jobs(batch="f" * 16)
    began = time.process_time()
    models = [queue.model(job) for job in jobs]
    assert time.process_time() - began < 0.5
    assert [job.place for job in models] == list(range(200, 0, -1))
    began = time.process_time()
    queue.cancel(*(job.id for job in jobs[:50]))
    assert time.process_time() - began < 2
    assert len(queue._line) == 150
