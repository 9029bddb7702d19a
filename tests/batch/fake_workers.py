"""Workers that paint nothing worth seeing, in no time, so that tests see what the engine around them does."""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from portrait_nst import imaging
from portrait_nst.batch import storage
from portrait_nst.batch.workers.task import Outcome, Task
from portrait_nst.batch.workers.worker import PaintWorker, _Prepared
from portrait_nst.result import Result
from portrait_nst.types import Matte, Photo


class Negative(PaintWorker):
    """Inverts the photo. Reading, saving and errors are those of the real worker."""

    def _prepare(self, task: Task) -> _Prepared:
        began = time.monotonic()
        state = storage.fingerprint(task.photo) or (0, 0)
        photo = storage.load(task.photo)
        matte = Matte(np.ones(photo.rgb.shape[:2], np.float32))
        known = (photo.sha256, *state)
        return _Prepared(photo, matte, task.settings, (), known, time.monotonic() - began)

    def _paint(self, task: Task, prepared: _Prepared) -> tuple[Any, float]:
        time.sleep(0.01)
        assert prepared.matte is not None
        return Result(255 - prepared.photo.rgb, None, prepared.matte, {"strength": task.settings.strength}), 0.01


class Deadly(Negative):
    """Dies of photos called "death", the first time of those called "accident"."""

    def _paint(self, task: Task, prepared: _Prepared) -> tuple[Any, float]:
        assert isinstance(task.output, Path)
        mark = task.output.parent / f"{task.photo.stem}.died"
        if task.photo.stem.startswith("death") or (task.photo.stem.startswith("accident") and not mark.exists()):
            mark.touch()
            (task.output.parent / ".portrait-nst-0123456789ab.tmp").write_bytes(b"half a picture")
            os._exit(9)
        return super()._paint(task, prepared)


class Overlapping(Negative):
    """Takes 0.1 s each to load, to paint and to save."""

    def _prepare(self, task: Task) -> _Prepared:
        time.sleep(0.1)
        return super()._prepare(task)

    def _paint(self, task: Task, prepared: _Prepared) -> tuple[Any, float]:
        time.sleep(0.1)
        return super()._paint(task, prepared)

    def _save(self, task: Task, prepared: _Prepared, made: Any, spent: float) -> Outcome:
        time.sleep(0.1)
        return super()._save(task, prepared, made, spent)


class Filming(Negative):
    """Paints films with stand-ins, of which it writes the numbers of the frames into `frames.log`; dies once at frame 14."""

    def _film(self, task: Task) -> Outcome:
        from portrait_nst.video import survey, track
        from tests.video import stand_ins

        assert isinstance(task.output, Path)
        log = task.output.parent / "frames.log"

        class Painter(stand_ins.Echo):
            def paint(self, seen: Any) -> Any:
                if task.photo.stem.startswith("accident") and seen.frame.number == 14:
                    mark = log.with_suffix(".died")
                    if not mark.exists():
                        mark.touch()
                        os._exit(9)
                return super().paint(seen)

        order: Any = importlib.import_module("portrait_nst.video.order")
        order.painter_for = lambda *_: Painter(log)
        order.facts_of = lambda *_: {}
        track.Track = lambda *_, **__: stand_ins.PlainTrack()  # type: ignore[assignment,misc]
        survey._people_in = lambda *_: 1
        return super()._film(task)


class Cutting(Filming):
    """As `Filming`, in films with a cut after every ten frames; the pieces that each process had go into `pieces.log`."""

    def _film(self, task: Task) -> Outcome:
        from portrait_nst.video import survey

        def cut(frames: Iterable[Any], **_: Any) -> Any:
            count = sum(1 for _ in frames)
            starts = range(0, count, 10)
            shots = [(start, min(start + 10, count) - 1) for start in starts]
            times = tuple(map(float, range(count)))
            return survey.Survey(times, shots=tuple(shots), samples=tuple((start,) for start in starts), people=True)

        survey.survey = cut  # type: ignore[assignment]
        assert isinstance(task.output, Path)
        with (task.output.parent / "pieces.log").open("a") as file:
            file.write(f"{task.piece} {os.getpid()}\n")
        time.sleep(0.3)
        return super()._film(task)


def photos(folder: Path, names: list[str], size: int = 32) -> list[Path]:
    """Write small square pictures of `size` pixels, each with a content of its own."""
    paths = []
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(len(name) * 1000 + sum(os.fsencode(name)))
        data = imaging.encode(Photo(rng.integers(0, 255, (size, size, 3), np.uint8)), ".png")
        path.write_bytes(data)
        paths.append(path)
    return paths


__all__ = ["Cutting", "Deadly", "Filming", "Negative", "Overlapping", "photos"]
