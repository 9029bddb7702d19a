"""A worker paints jobs in one process: while a picture is painted, the next photo is loaded and the last picture saved.

Both engines run workers. A task and its outcome are small values that travel between processes; pixels stay in the worker.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait_nst.batch import storage
from portrait_nst.batch.manifest.database import is_full
from portrait_nst.batch.planning.estimate import make_plan
from portrait_nst.batch.workers import film
from portrait_nst.batch.workers.task import Conditions, Outcome, Task
from portrait_nst.errors import InputError, PortraitError, is_out_of_memory
from portrait_nst.resources import kept_folder
from portrait_nst.settings import Settings, base_name
from portrait_nst.types import Matte, Origin
from portrait_nst.video.names import is_film

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.pipeline import Stylizer
    from portrait_nst.pipeline.instant.painters import Painters
    from portrait_nst.result import Result
    from portrait_nst.types import Photo

STYLES_KEPT, ENCODERS_KEPT = 4, 1
PAINTINGS_PER_GPU = 3  # at once


@dataclass(eq=False)
class _Prepared:
    """A loaded photo and its matte (None: the label map gives it), with the settings that fit into memory."""

    photo: Photo
    matte: Matte | None
    settings: Settings
    notes: tuple[str, ...]
    input: tuple[str, int, int]
    seconds: float


class PaintWorker:
    """Paints tasks in three stages (load, compute, save), each in a pool of threads of its own.

    Call `do` from as many threads as `capacity` says: then the stages of different tasks overlap.
    """

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self.paintings = conditions.paintings or _paintings_at_once(conditions.device)
        self._load_pool = ThreadPoolExecutor(1, "load")
        self._compute_pool = ThreadPoolExecutor(self.paintings, "compute")
        self._save_pool = ThreadPoolExecutor(1, "save")
        self._local = threading.local()
        self._encoder = functools.lru_cache(ENCODERS_KEPT)(_load_encoder)
        self._style = functools.lru_cache(STYLES_KEPT)(lambda style, fingerprint: storage.load_style(style))

    @property
    def capacity(self) -> int:
        """How many tasks to have here at once, so that every stage has work."""
        return self.paintings + 2

    def do(self, task: Task) -> Outcome:
        """Paint `task` and save it. It raises nothing: the outcome says what went wrong."""
        try:
            if is_film(task.photo.name):
                return self._compute_pool.submit(self._film, task).result()
            prepared = self._load_pool.submit(self._prepare, task).result()
            result, spent = self._compute_pool.submit(self._paint, task, prepared).result()
            return self._save_pool.submit(self._save, task, prepared, result, spent).result()
        except PortraitError as error:
            return Outcome(task.number, str(error), fatal=is_full(error))
        except Exception as error:  # one picture's failure must not stop the others
            if is_out_of_memory(error):
                return Outcome(task.number, "Out of memory. Use a smaller --size or fewer --workers.")
            return Outcome(task.number, f"{type(error).__name__}: {error}", fatal=is_full(error))

    def _prepare(self, task: Task) -> _Prepared:
        """Load the photo, find its matte, and reduce the size where memory is short."""
        from portrait_nst import imaging, pipeline
        from portrait_nst.imaging.decoding import headers

        began = time.monotonic()
        settings = task.settings
        notes: tuple[str, ...] = ()
        state = storage.fingerprint(task.photo) or (0, 0)
        data = storage.read(task.photo)
        if self.conditions.budget is not None:
            with contextlib.suppress(InputError):  # decoding says it better
                size = headers.picture_size(data, str(task.photo))
                plan = make_plan(task.kind, settings, size, self.conditions.budget, str(task.photo))
                notes = plan.notes if plan.settings != settings else ()  # the rest is decided when the person is known
                settings = plan.settings
        photo = storage.load(task.photo, data)
        known = (photo.sha256, *state)
        if task.style is not None and task.style.labels:  # its regions are painted, so no matte is needed
            return _Prepared(photo, None, settings, notes, known, time.monotonic() - began)
        mask: Matte | None = None
        if task.mask is not None:
            data = storage.read(task.mask)
            alpha = imaging.decode_mask(data, str(task.mask), photo.size)
            origin = Origin(str(task.mask), hashlib.sha256(data).hexdigest())
            mask = Matte(alpha, source=f"mask {base_name(str(task.mask))}", origin=origin)
        matte = pipeline.matte(
            photo, mask=mask, region=settings.region, person=settings.person, segmenter=settings.segmenter
        )
        return _Prepared(photo, matte, settings, notes, known, time.monotonic() - began)

    def _paint(self, task: Task, prepared: _Prepared) -> tuple[Any, float]:
        from portrait_nst import pipeline

        began = time.monotonic()
        made: Any
        if task.kind == "popart":
            made = pipeline.popart(prepared.photo, mask=prepared.matte, settings=task.popart)
        else:
            settings = prepared.settings.replace(device=self.conditions.device, threads=self.conditions.threads)
            made = self._stylize(task, prepared, settings, began)
        return made, time.monotonic() - began

    def _stylize(self, task: Task, prepared: _Prepared, settings: Settings, began: float) -> Result:
        """The result that `pipeline.stylize` would give for the files themselves."""
        from portrait_nst import pipeline

        assert task.style is not None
        stylizer = self._stylizer(settings)
        style: pipeline.Style | dict[str, pipeline.Style]
        if prepared.matte is not None:
            subject = pipeline.prepare(prepared.photo, mask=prepared.matte)
            style = [(self._picture(name), weight) for name, weight in task.style.blend]
        else:
            style = {label: [(self._picture(name), weight)] for label, name, weight in task.style.regions}
            labels = storage.load(storage.locate(task.style.labels))
            subject = pipeline.prepare(prepared.photo, labels=labels, painted_labels=list(style))
        return stylizer.paint(stylizer.plan(subject, style, settings), since=began).result()

    def _film(self, task: Task) -> Outcome:
        """Paint and save a film."""
        settings = task.settings.replace(device=self.conditions.device, threads=self.conditions.threads)
        blend = [(self._picture(name), weight) for name, weight in task.style.blend] if task.style else []
        return film.paint(task, settings, blend, self._stylizer(settings), self.conditions)

    def _stylizer(self, settings: Settings) -> Stylizer:
        """A Stylizer for one painting, of what the worker keeps."""
        from portrait_nst import pipeline

        weights = None if settings.weights is None else Path(settings.weights)
        encoder = self._encoder(settings.encoder, weights, weights and storage.fingerprint(weights), settings.pooling)
        memory = None if self.conditions.budget is None else self.conditions.budget / 1e9
        kept = {"network": encoder, "store": self._store(), "painters": self._painters}
        return pipeline.Stylizer.of(settings, memory=memory, **kept)

    def _picture(self, name: str) -> Photo:
        style = storage.style_picture(storage.locate(name))
        return self._style(style, storage.fingerprint(style))

    def _save(self, task: Task, prepared: _Prepared, made: Any, spent: float) -> Outcome:
        began = time.monotonic()
        photo, profile = prepared.photo, self.conditions.profile
        how = {"keep_metadata": self.conditions.keep_metadata, "profile": profile, "recipe": self.conditions.recipe}
        scores: dict[str, Any] = {}
        with storage.output_file(task.output, self.conditions.scratch) as target:
            if task.kind == "popart":
                made.save(target, photo, overwrite=True, **how)
                lost = made.lost_in(target, photo, profile=profile)
            else:
                made.save(target, overwrite=True, exif=photo.exif, **how)
                lost = made.lost_in(target, profile=profile)
            size = target.stat().st_size
        if task.kind == "popart":
            scores = {k: v for k, v in made.report()["measures"].items() if isinstance(v, (bool, int, float))}
            done = 0.0
        else:
            if made.likeness is not None:
                scores = {"likeness": made.likeness.as_dict()["value"], "face found": made.likeness.found}
            done = make_plan(task.kind, prepared.settings, photo.rgb.shape[:2]).work
        seconds = prepared.seconds + spent + time.monotonic() - began
        notes = (*prepared.notes, *made.notes, *lost)
        return Outcome(task.number, "", False, False, seconds, scores, notes, prepared.input, size, done)

    @functools.cached_property
    def _painters(self) -> Painters:
        """The learned networks that are ready to paint, for all threads."""
        from portrait_nst.pipeline.instant.painters import Painters

        return Painters()

    def _store(self) -> Any:
        """The style targets on disk, for this thread; other processes and later runs share them."""
        if not hasattr(self._local, "store"):
            from portrait_nst.transfer import TargetStore

            self._local.store = TargetStore(kept_folder("targets"))
        return self._local.store


def _paintings_at_once(device: str) -> int:
    if device == "cpu":
        return 1
    from portrait_nst.transfer.configuration import choose_device

    return PAINTINGS_PER_GPU if choose_device(device).startswith("cuda") else 1


def _load_encoder(name: str, weights: Path | None, fingerprint: tuple[int, int] | None, pooling: str) -> Encoder:
    from portrait_nst import encoders

    return encoders.get(name, weights, pooling=pooling)
