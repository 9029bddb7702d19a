"""Parts are painted once, whatever happens, and the clip is the same as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from portrait_nst.errors import InputError, ResourceError
from portrait_nst.types import FloatArray
from portrait_nst.video import parts
from portrait_nst.video.job import Outcome, VideoJob
from portrait_nst.video.plan import runs_of
from portrait_nst.video.progress import VideoStep
from tests.video import stand_ins

FRAMES, CUT, KEY = 23, 12, "0123456789abcdef" * 4
ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import sys, time
import numpy as np
from pathlib import Path
from portrait_nst.video import parts
from portrait_nst.video.job import VideoJob
from tests.video import stand_ins
out, log = Path(sys.argv[1]), Path(sys.argv[2])
shots, cut = stand_ins.shots_and_parts({frames}, {cut})
with parts.opened(out, {key!r}) as kept:
    tools = stand_ins.tools({frames}, log=log)
    VideoJob(shots, cut, np.arange({frames}), tools, kept, lambda step: time.sleep(0.02)).run(time.monotonic())
"""


def run(
    out: Path, stop_at: int | None = None, log: Path | None = None, chained: bool = True
) -> tuple[Outcome, bytes, list[VideoStep]]:
    """The job of 23 frames; with `stop_at` it is interrupted after so many frames. Returns what all segments hold, too."""
    steps: list[VideoStep] = []

    def on_progress(step: VideoStep) -> None:
        steps.append(step)
        if step.frame == stop_at:
            raise KeyboardInterrupt

    shots, cut = stand_ins.shots_and_parts(FRAMES, CUT)
    with parts.opened(out, KEY) as kept:
        tools = stand_ins.tools(FRAMES, log=log)
        outcome = VideoJob(shots, cut, np.arange(FRAMES), tools, kept, on_progress, chained=chained).run(
            time.monotonic()
        )
        return outcome, b"".join(path.read_bytes() for path in outcome.segments), steps


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    outcome, data, steps = run(tmp_path_factory.mktemp("whole") / "out.mp4")
    assert outcome.whole and outcome.frames == outcome.painted == FRAMES
    assert [step.frame for step in steps] == list(range(1, FRAMES + 1))
    return data


def test_the_frames_are_painted_and_the_place_is_the_clips_own(undisturbed: bytes) -> None:
    frames = np.frombuffer(undisturbed, np.uint8).reshape(FRAMES, stand_ins.SIDE, stand_ins.SIDE, 3)
    half = stand_ins.SIDE // 2
    before: FloatArray = np.zeros(3, np.float32)
    for number, frame in enumerate(frames):
        own = stand_ins.picture(number)
        np.testing.assert_array_equal(frame[:, half:], own[:, half:])
        if number in (0, CUT):  # each shot begins with the mean of its own samples
            samples = (0, CUT // 2) if number == 0 else (CUT, (CUT + FRAMES) // 2)
            before = np.mean([stand_ins.picture(n).mean((0, 1)) for n in samples], axis=0).astype(np.float32) / 255
        before = np.asarray(0.5 * before + 0.5 * (own.astype(np.float32) / 255), np.float32)
        np.testing.assert_array_equal(frame[:, :half], np.rint(before * 255).astype(np.uint8)[:, :half])


@pytest.mark.parametrize("at", [1, 5, 7, 12, 13, 22])
def test_an_interrupted_run_has_all_painted_frames_and_goes_on_exactly(
    tmp_path: Path, undisturbed: bytes, at: int
) -> None:
    out, log = tmp_path / "out.mp4", tmp_path / "log"
    first, data, _ = run(out, at, log)
    assert not first.whole and first.frames == first.painted == at
    assert data == undisturbed[: len(undisturbed) // FRAMES * at]
    second, data, steps = run(out, log=log)
    assert second.whole and data == undisturbed
    painted = Counter(log.read_text().split())
    assert set(painted) == {str(n) for n in range(FRAMES)} and max(painted.values()) <= 2
    assert sum(painted.values()) - FRAMES < 5  # at most what was begun of a part
    assert steps[0].frame == FRAMES - second.painted + 1


def test_a_run_that_is_done_paints_nothing(tmp_path: Path, undisturbed: bytes) -> None:
    run(tmp_path / "out.mp4")
    outcome, data, steps = run(tmp_path / "out.mp4")
    assert (outcome.painted, steps) == (0, []) and outcome.whole and data == undisturbed


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_kill_loses_at_most_the_part_in_work(tmp_path: Path, undisturbed: bytes) -> None:
    out, log = tmp_path / "out.mp4", tmp_path / "log"
    command = [sys.executable, "-c", SCRIPT.format(frames=FRAMES, cut=CUT, key=KEY), str(out), str(log)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for wanted in (4, 9, 16):
        process = subprocess.Popen(command, env=environment)
        while not log.exists() or len(set(log.read_text().split())) < wanted:
            assert process.poll() is None
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
    outcome, data, _ = run(out, log=log)
    assert outcome.whole and data == undisturbed
    painted = Counter(log.read_text().split())
    assert set(painted) == {str(n) for n in range(FRAMES)}
    assert sum(painted.values()) - FRAMES <= 3 * 5


def test_a_full_disk_is_one_line_and_the_same_command_goes_on(
    tmp_path: Path, undisturbed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.mp4"
    monkeypatch.setattr(stand_ins.PlainWriter, "left", 8)
    with pytest.raises(ResourceError, match=r"full: \d of 23 frames are painted and kept. Make room") as told:
        run(out)
    assert f"disk of {tmp_path} is" in str(told.value)
    monkeypatch.setattr(stand_ins.PlainWriter, "left", None)
    outcome, data, _ = run(out)
    assert outcome.whole and data == undisturbed and outcome.painted < FRAMES


def test_a_damaged_state_or_segment_is_painted_again(tmp_path: Path, undisturbed: bytes) -> None:
    out = tmp_path / "out.mp4"
    run(out, 22)
    folder = parts.folder_of(out) / KEY[: parts.KEY_DIGITS]
    max(folder.glob("*.npz")).write_bytes(b"PK")
    outcome, data, _ = run(out)
    assert outcome.whole and data == undisturbed
    (folder / "00002.raw").write_bytes(b"short")
    outcome, data, _ = run(out)
    assert outcome.whole and data == undisturbed and outcome.painted > 5


def test_another_command_on_the_same_output_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    with (
        parts.opened(out, KEY),
        pytest.raises(InputError, match="Another command is painting"),
        parts.opened(out, "f" * 64),
    ):
        pass
    assert list(tmp_path.iterdir()) == []  # nothing was kept


def test_few_states_are_kept_and_removed_with_the_rest(tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    run(out)
    assert len(list(parts.folder_of(out).glob("*/*.npz"))) == parts.STATES_KEPT
    run(tmp_path / "other.mp4", chained=False)
    assert not list(parts.folder_of(tmp_path / "other.mp4").glob("*/*.npz"))
    with parts.opened(tmp_path / "other.mp4", KEY):
        parts.remove(tmp_path / "other.mp4")
    with parts.opened(out, KEY):
        parts.remove(out)
    assert list(tmp_path.iterdir()) == []


def test_notes_of_all_runs_are_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = stand_ins.Echo.begin

    def noted(self: stand_ins.Echo, samples: object) -> None:
        self.notes.append("a remark")
        begin(self, samples)  # type: ignore[arg-type]

    monkeypatch.setattr(stand_ins.Echo, "begin", noted)
    run(tmp_path / "out.mp4", 15)
    monkeypatch.setattr(stand_ins.Echo, "begin", begin)
    assert run(tmp_path / "out.mp4")[0].notes == ("a remark",)


def test_memory_does_not_grow_with_the_clip(tmp_path: Path) -> None:
    """Of 600 frames of 64 px, 7 MB, no more than a few are held at once."""
    import tracemalloc

    shots, cut = stand_ins.shots_and_parts(600, seconds=1.0)
    with parts.opened(tmp_path / "out.mp4", KEY) as kept:
        job = VideoJob(shots, cut, np.arange(600), stand_ins.tools(600, 64), kept, lambda step: None)
        tracemalloc.start()
        outcome = job.run(time.monotonic())
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert outcome.frames == 600 and sum(path.stat().st_size for path in outcome.segments) == 600 * 64 * 64 * 3
    assert peak < 2e6


@pytest.mark.parametrize("at", [1, 7, 12, 13, 22])
def test_shots_by_themselves_are_the_same_and_go_on(tmp_path: Path, undisturbed: bytes, at: int) -> None:
    out, log = tmp_path / "out.mp4", tmp_path / "log"
    first, data, _ = run(out, at, log, chained=False)
    assert (first.frames, first.painted, data) == (at, at, undisturbed[: len(undisturbed) // FRAMES * at])
    second, data, _ = run(out, log=log, chained=False)
    assert second.whole and data == undisturbed
    assert len(log.read_text().split()) - FRAMES < 5


def test_a_later_shot_may_be_painted_first_by_another_process(tmp_path: Path, undisturbed: bytes) -> None:
    out, log = tmp_path / "out.mp4", tmp_path / "log"
    shots, pieces = stand_ins.shots_and_parts(FRAMES, CUT)
    kept = parts.folder_for(out, KEY)
    with parts.locked(out):  # by who hands out the shots
        for run_of_shot in runs_of(pieces)[1:]:
            tools = stand_ins.tools(FRAMES, log=log)
            made = VideoJob(shots, run_of_shot, np.arange(FRAMES), tools, kept, lambda _: None, chained=False).run(0.0)
            assert made.whole and made.frames == made.painted == FRAMES - CUT
    first, data, steps = run(out, FRAMES - CUT + 3, log, chained=False)
    assert (first.frames, first.painted, steps[-1].frame) == (3, 3, FRAMES - CUT + 3) and not first.whole
    outcome, data, _ = run(out, log=log, chained=False)
    assert outcome.whole and data == undisturbed
    assert max(Counter(log.read_text().split()[: FRAMES - CUT]).values()) == 1


def test_who_is_followed_is_known_after_a_run_that_ended_at_a_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    restored: list[object] = []
    monkeypatch.setattr(stand_ins.PlainTracker, "restore", lambda self, state: restored.append(state))
    for chained in (True, False):
        run(tmp_path / f"{chained}.mp4", CUT, chained=chained)
        run(tmp_path / f"{chained}.mp4", chained=chained)
        assert len(restored) == 1  # only where shots know of each other


def test_a_shot_is_painted_by_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PATIENCE", 0.01)
    kept = parts.folder_for(tmp_path / "out.mp4", KEY)
    with kept.shot(0), kept.shot(1), pytest.raises(InputError, match="painting shot 2"), kept.shot(1):
        pass
    with parts.opened(tmp_path / "out.mp4", KEY):
        pass
    assert list(tmp_path.iterdir()) == []
