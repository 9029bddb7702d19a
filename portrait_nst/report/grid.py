"""The folder of a comparison: it finds the runs that are there already, and paints the others."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from portrait_nst import __version__, pipeline
from portrait_nst.errors import InputError, PortraitError, without_paths
from portrait_nst.imaging.sources import read_bytes
from portrait_nst.report import runs as records
from portrait_nst.report.outputs import write
from portrait_nst.report.overview import FILES
from portrait_nst.report.runs import Run
from portrait_nst.report.trace import Recorder, Trace
from portrait_nst.report.vary import Point
from portrait_nst.settings import Settings, files_of, without_folders
from portrait_nst.types import Matte, Photo, Step

if TYPE_CHECKING:
    from portrait_nst.transfer import TargetStore

MARK = "compare.json"  # the file that marks a folder as one of a comparison
_log = logging.getLogger(__name__)


class Grid:
    """Everything that the runs share: the loaded pictures, subjects by how they are found, style targets, the folder."""

    def __init__(
        self,
        photo: Photo,
        style: Photo,
        mask: Matte | None,
        folder: Path,
        on_step: pipeline.OnStep | None,
        *,
        profile: str = "photo",
        recipe: bool = True,
    ) -> None:
        """`mask` is the region to paint, None for the person that segmentation finds; `recipe`: whether pictures get theirs."""
        self._profile, self._recipe = profile, recipe
        self.photo, self.style, self.mask, self.folder, self.on_step = photo, style, mask, folder, on_step
        self.inputs: dict[str, str] = {"photo": photo.digest, "style": style.digest}
        if mask is not None:
            self.inputs["mask"] = mask.origin.sha256 if mask.origin else _digest(mask.alpha)
        self._subjects: dict[tuple[str, str | int, str], pipeline.Subject] = {}
        self._last: tuple[tuple[object, ...], pipeline.Stylizer] | None = None
        self._hashes: dict[Path, str] = {}

    @cached_property
    def store(self) -> TargetStore:
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
        origin = self.mask.origin if self.mask is not None else None
        for source in (self.photo.path, self.style.path, origin.path if origin is not None else None):
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
            "settings": without_folders(base),
        }
        write(mark, json.dumps(values, indent=1) + "\n", overwrite=True)

    def key(self, settings: Settings) -> dict[str, Any]:
        """The values that are equal for two runs if they are the same: inputs, settings, files that settings name, version."""
        files = {}
        for name, path in files_of(settings).items():
            if path.is_file():
                if path not in self._hashes:
                    self._hashes[path] = _digest(path)
                files[name] = self._hashes[path]
        profile = {} if self._profile == "photo" else {"profile": self._profile}
        return {**self.inputs, **profile, "files": files, "settings": settings.hash(), "version": __version__}

    def find(self, number: int, point: Point) -> Run | None:
        """The run if it is there already, finished; it takes its new number if the grid has changed."""
        for path in sorted(self.folder.glob(f"*-{point.settings.hash()}.json")):
            found = records.read(path)
            if found is None or found.error or not found.picture or found.key != self.key(point.settings):
                continue
            if not (self.folder / found.picture).is_file():
                continue
            shown = without_folders(point.settings)
            run = dataclasses.replace(found, index=number, varied=point.varied, settings=shown)
            run = dataclasses.replace(
                run, picture=f"{run.stem}.png", trace=dataclasses.replace(run.trace, name=run.short)
            )
            if (run.stem, run.varied, run.settings) != (path.stem, found.varied, found.settings):
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
        run = Run(number, settings.hash(), point.varied, key, None, Trace("", []), without_folders(settings))
        try:
            began = time.monotonic()
            subject, stylizer = self.subject(settings), self._stylizer(settings)
            plan = stylizer.plan(subject, self.style, settings)
            result = stylizer.paint(plan, since=began).result(on_step)
            if result.status == "interrupted":
                raise KeyboardInterrupt
        except PortraitError as error:
            run = dataclasses.replace(run, error=without_paths(str(error)), trace=recorder.trace(run.short))
        except Exception as error:  # one run's defect must not cost the others
            _log.debug("run %s failed", run.stem, exc_info=True)
            run = dataclasses.replace(run, error=without_paths(f"{type(error).__name__}: {error}"))
            run = dataclasses.replace(run, trace=recorder.trace(run.short))
        else:
            path = self.folder / f"{run.stem}.png"
            result.save(path, overwrite=True, exif=b"", profile=self._profile, recipe=self._recipe)
            run = dataclasses.replace(
                run,
                picture=f"{run.stem}.png",
                trace=recorder.trace(run.short, result.seconds),
                seconds=result.seconds,
                scores=records.scores_of(result),
                notes=tuple(map(without_paths, result.notes)),
            )
        self._record(run)
        return run

    def _record(self, run: Run) -> None:
        write(self.folder / f"{run.stem}.json", run.as_json(), overwrite=True)

    def subject(self, settings: Settings) -> pipeline.Subject:
        """The photo with the matte that `settings` ask for, found once."""
        where = (settings.region, settings.person, settings.segmenter)
        if where not in self._subjects:
            self._subjects[where] = (
                pipeline.prepare(self.photo, region=where[0], person=where[1], segmenter=where[2])
                if self.mask is None
                else pipeline.prepare(self.photo, mask=self.mask)
            )
        return self._subjects[where]

    def _stylizer(self, settings: Settings) -> pipeline.Stylizer:
        """A `Stylizer` with the encoder of `settings`: that of the last run where it fits, because runs are sorted by encoder."""
        encoder = (settings.encoder, settings.weights, settings.pooling, settings.device)
        if self._last is None or self._last[0] != encoder:
            self._last = encoder, pipeline.Stylizer.of(settings, store=self.store)
        return self._last[1]


def _marked_inputs(mark: Path) -> Any:
    """The inputs that the mark of a comparison names; None where it is damaged."""
    try:
        return json.loads(mark.read_text()).get("inputs")
    except (OSError, ValueError, AttributeError):
        return None


def _digest(source: Path | NDArray[np.generic]) -> str:
    """The sha256 of a file's bytes, or of an array's."""
    data = read_bytes(source) if isinstance(source, Path) else np.ascontiguousarray(source).tobytes()
    return hashlib.sha256(data).hexdigest()
