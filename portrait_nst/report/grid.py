"""A comparison's folder: what all its runs share, which of them are there already, and painting the others."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from portrait_nst import __version__, pipeline
from portrait_nst.errors import InputError, PortraitError
from portrait_nst.report import runs as records
from portrait_nst.report.outputs import write
from portrait_nst.report.overview import FILES
from portrait_nst.report.runs import Run
from portrait_nst.report.trace import Recorder, Trace
from portrait_nst.report.vary import Point
from portrait_nst.settings import Settings, files_of
from portrait_nst.types import FloatArray, Matte, Photo, Result, Step

MARK = "compare.json"  # by which a folder is known as ours
_log = logging.getLogger(__name__)


class Grid:
    """What all runs share: the loaded pictures, mattes by region and person, the style targets, the folder."""

    def __init__(
        self,
        photo: Photo,
        style: Photo,
        mask: str | Path | FloatArray | None,
        folder: Path,
        on_step: pipeline.OnStep | None,
    ) -> None:
        self.photo, self.style, self.mask, self.folder, self.on_step = photo, style, mask, folder, on_step
        self.inputs: dict[str, str] = {"photo": _sha256(photo), "style": _sha256(style)}
        if mask is not None:
            self.inputs["mask"] = _digest(mask if isinstance(mask, np.ndarray) else Path(mask))
        self._mattes: dict[tuple[str, str | int], Matte] = {}
        self._hashes: dict[Path, str] = {}

    @cached_property
    def store(self) -> Any:
        """Where the style targets are kept from run to run."""
        from portrait_nst.transfer import TargetStore

        return TargetStore()

    def prepare(self, points: Sequence[Point], base: Settings, overwrite: bool) -> None:
        """Make the folder and mark it as ours. Raises InputError where it holds other things, or another comparison."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"The folder {self.folder} cannot be made ({error.strerror}); choose another.") from None
        mark = self.folder / MARK
        for source in (self.photo.path, self.style.path, self.mask if isinstance(self.mask, (str, Path)) else None):
            if source is not None and Path(source).resolve() in {(self.folder / f).resolve() for f in FILES.values()}:
                raise InputError(f"{source} is an input, and would be overwritten; choose another folder.")
        if not overwrite:
            if not mark.is_file() and any(self.folder.iterdir()):
                raise InputError(f"The folder {self.folder} holds other files; choose another, or use --force.")
            if mark.is_file() and _marked_inputs(mark) != self.inputs:
                raise InputError(
                    f"The folder {self.folder} is of another photo, style or mask; choose another, or use --force."
                )
        varied = {name: list(dict.fromkeys(p.varied[name] for p in points)) for name in points[0].varied}
        values = {
            "command": "compare",
            "format": records.FORMAT,
            "portrait_nst": __version__,
            "inputs": self.inputs,
            "vary": varied,
            "settings": base.as_dict(),
        }
        write(mark, json.dumps(values, indent=1) + "\n", overwrite=True)

    def key(self, settings: Settings) -> dict[str, Any]:
        """What makes two runs the same: inputs, settings, the files that settings name, and our version."""
        files = {}
        for name, path in files_of(settings).items():
            if path.is_file():
                if path not in self._hashes:
                    self._hashes[path] = _digest(path)
                files[name] = self._hashes[path]
        return {**self.inputs, "files": files, "settings": settings.hash(), "version": __version__}

    def find(self, number: int, point: Point) -> Run | None:
        """The run if it is there already, finished; it takes its new number if the grid has changed."""
        for path in sorted(self.folder.glob(f"*-{point.settings.hash()}.json")):
            found = records.read(path)
            if found is None or found.error or not found.picture or found.key != self.key(point.settings):
                continue
            if not (self.folder / found.picture).is_file():
                continue
            run = dataclasses.replace(found, index=number, varied=point.varied)
            run = dataclasses.replace(
                run, picture=f"{run.stem}.png", trace=dataclasses.replace(run.trace, name=run.short)
            )
            if run.stem != path.stem or run.varied != found.varied:
                (self.folder / found.picture).replace(self.folder / f"{run.stem}.png")
                self._record(run)
                if run.stem != path.stem:
                    path.unlink()
            return run
        return None

    def paint(self, number: int, point: Point) -> Run:
        """Paint, and write picture and record; a failure is recorded. KeyboardInterrupt leaves nothing."""
        settings, recorder = point.settings, Recorder()

        def on_step(step: Step) -> None:
            recorder(step)
            if self.on_step is not None:
                self.on_step(step)

        key = self.key(settings)
        run = Run(number, settings.hash(), point.varied, key, None, Trace("", []), settings.as_dict())
        try:
            matte = self._matte(settings)
            result = pipeline.stylize(
                self.photo, self.style, mask=matte.alpha, settings=settings, on_step=on_step, store=self.store
            )
            if any(note.startswith("interrupted") for note in result.notes):
                raise KeyboardInterrupt
            result = dataclasses.replace(result, recipe=self._recipe(result, matte))
        except PortraitError as error:
            run = dataclasses.replace(run, error=str(error), trace=recorder.trace(run.short))
        except Exception as error:  # one run's defect must not cost the others
            _log.debug("run %s failed", run.stem, exc_info=True)
            run = dataclasses.replace(run, error=f"{type(error).__name__}: {error}", trace=recorder.trace(run.short))
        else:
            result.save(self.folder / f"{run.stem}.png", overwrite=True, exif=b"")
            run = dataclasses.replace(
                run,
                picture=f"{run.stem}.png",
                trace=recorder.trace(run.short, result.seconds),
                seconds=result.seconds,
                scores=records.scores_of(result),
                notes=result.notes,
            )
        self._record(run)
        return run

    def _record(self, run: Run) -> None:
        write(self.folder / f"{run.stem}.json", run.as_json(), overwrite=True)

    def _matte(self, settings: Settings) -> Matte:
        where = (settings.region, settings.person)
        if where not in self._mattes:
            self._mattes[where] = pipeline.matte(self.photo, mask=self.mask, region=where[0], person=where[1])
        return self._mattes[where]

    def _recipe(self, result: Result, matte: Matte) -> dict[str, Any]:
        """The recipe as if the run had found its matte itself, so that `rerun` can make the picture from files."""
        inputs = dict(result.recipe["inputs"])
        if not isinstance(self.mask, np.ndarray):
            inputs.pop("mask", None)
        if isinstance(self.mask, (str, Path)):
            inputs["mask"] = {"path": str(Path(self.mask).absolute()), "sha256": self.inputs["mask"]}
        return {**result.recipe, "inputs": inputs, "matte": matte.source}


def _marked_inputs(mark: Path) -> Any:
    try:
        return json.loads(mark.read_text()).get("inputs")
    except (OSError, ValueError, AttributeError):
        return None


def _sha256(photo: Photo) -> str:
    return photo.sha256 or hashlib.sha256(np.ascontiguousarray(photo.rgb).tobytes()).hexdigest()


def _digest(source: Path | FloatArray) -> str:
    try:
        data = source.read_bytes() if isinstance(source, Path) else np.ascontiguousarray(source).tobytes()
    except OSError as error:
        raise InputError(
            f"{source} cannot be read ({error.strerror}). Give the path of a file that is there."
        ) from None
    return hashlib.sha256(data).hexdigest()
