"""A studio paints jobs in one process: the next photo is looked at and the last picture saved while one is painted.

Both engines are made of studios; a job and its outcome are small values, and pixels stay here.
"""

from __future__ import annotations

import functools
import hashlib
import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait_nst.batch import storage
from portrait_nst.batch.manifest.database import is_full
from portrait_nst.batch.planning.estimate import make_plan, picture_size
from portrait_nst.batch.planning.style_spec import Mixture
from portrait_nst.batch.storage import Place
from portrait_nst.errors import PortraitError, is_out_of_memory
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.settings import Settings
from portrait_nst.types import Matte, Origin

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.result import Result
    from portrait_nst.types import Photo

STYLES_KEPT, ENCODERS_KEPT = 4, 1
ON_GPU = 3


@dataclass(frozen=True)
class Task:
    """A job for a studio; number is its row's. Places are absolute paths, or URLs; a style's may be the name of one of ours."""

    number: int
    photo: Place
    style: Place | None
    mask: Place | None
    kind: str
    settings: Settings
    popart: PopartSettings | None
    output: Place
    mixture: Mixture | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a task.

    error:    why it failed, or "".
    fatal:    the disk is full: nothing else will succeed either.
    died:     the process that painted it died, as a rule killed by the system.
    seconds:  spent on this picture, waiting left out.
    input:    (sha256, size, time of change) of the photo's file; of an object see `storage.stamp`.
    written:  bytes of the output.
    painted:  megapixels times steps.
    """

    number: int
    error: str = ""
    fatal: bool = False
    died: bool = False
    seconds: float = 0.0
    scores: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    input: tuple[str, int, int] | None = None
    written: int = 0
    painted: float = 0.0


@dataclass(frozen=True)
class Conditions:
    """What holds for all tasks of a studio.

    budget:  bytes that its process may use, or None for no limit.
    threads: for a painting; None for all.
    painters: how many paintings at once; None for one on a CPU, and `ON_GPU` on a GPU.
    scratch: a folder for pictures on their way to a store; None for the system's.
    """

    device: str = "auto"
    budget: float | None = None
    threads: int | None = None
    painters: int | None = None
    keep_metadata: bool = False
    scratch: Path | None = None


@dataclass(eq=False)
class _Prepared:
    photo: Photo
    matte: Matte | None
    settings: Settings
    notes: tuple[str, ...]
    input: tuple[str, int, int]
    seconds: float


class Studio:
    """`do` may be called from several threads, and should be: then the stages of neighbours overlap."""

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self._eyes = ThreadPoolExecutor(1, "eyes")
        self.painters = conditions.painters or _painters(conditions.device)
        self._hands = ThreadPoolExecutor(self.painters, "hands")
        self._press = ThreadPoolExecutor(1, "press")
        self._local = threading.local()
        self._encoder = functools.lru_cache(ENCODERS_KEPT)(_load_encoder)
        self._style = functools.lru_cache(STYLES_KEPT)(_load_style)

    @property
    def room(self) -> int:
        """How many tasks are worth having here at once."""
        return self.painters + 2

    def do(self, task: Task) -> Outcome:
        """Paint `task` and save it. Whatever goes wrong is in the outcome."""
        try:
            prepared = self._eyes.submit(self._prepare, task).result()
            result, spent = self._hands.submit(self._paint, task, prepared).result()
            return self._press.submit(self._save, task, prepared, result, spent).result()
        except PortraitError as error:
            return Outcome(task.number, str(error), fatal=is_full(error))
        except Exception as error:  # one picture's defect must not cost the others
            if is_out_of_memory(error):
                return Outcome(task.number, "Out of memory. Use a smaller --size or fewer --workers.")
            return Outcome(task.number, f"{type(error).__name__}: {error}", fatal=is_full(error))

    def _prepare(self, task: Task) -> _Prepared:
        from portrait_nst import imaging, pipeline

        began = time.monotonic()
        settings = task.settings
        notes: tuple[str, ...] = ()
        state = storage.stamp(task.photo) or (0, 0)
        data = storage.read(task.photo)
        size = picture_size(io.BytesIO(data))
        if size is not None and self.conditions.budget is not None:
            plan = make_plan(task.kind, settings, size, self.conditions.budget, str(task.photo))
            notes = plan.notes if plan.settings != settings else ()  # the rest is decided when the person is known
            settings = plan.settings
        photo = storage.load(task.photo, data)
        known = (photo.sha256, *state)
        if task.mixture is not None and task.mixture.labels:  # its regions are what is painted
            return _Prepared(photo, None, settings, notes, known, time.monotonic() - began)
        mask: Matte | None = None
        if task.mask is not None:
            data = storage.read(task.mask)
            alpha = imaging.decode_mask(data, str(task.mask), photo.size)
            origin = Origin(str(task.mask), hashlib.sha256(data).hexdigest())
            mask = Matte(alpha, source=f"mask {task.mask.name}", origin=origin)
        matte = pipeline.matte(photo, mask=mask, region=settings.region, person=settings.person)
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
        """As `stylize` would have painted it of the files themselves."""
        from portrait_nst import pipeline

        weights = None if settings.weights is None else Path(settings.weights)
        encoder = self._encoder(settings.encoder, weights, weights and storage.stamp(weights), settings.pooling)
        memory = self.conditions.budget
        stylizer = pipeline.Stylizer.of(settings, network=encoder, store=self._store(), memory=memory)
        mixture = task.mixture or Mixture()
        style: pipeline.Style | dict[str, pipeline.Style]
        if prepared.matte is not None:
            assert task.style is not None
            subject = pipeline.prepare(prepared.photo, mask=prepared.matte)
            style = [(self._picture(task.style), 1.0), *((self._picture(name), w) for name, w in mixture.blend)]
        else:
            style = {label: [(self._picture(name), share)] for label, name, share in mixture.regions}
            labels = storage.load(storage.place(mixture.labels))
            subject = pipeline.prepare(prepared.photo, labels=labels, painted_labels=list(style))
        return stylizer.paint(stylizer.plan(subject, style, settings), since=began).result()

    def _picture(self, name: str | Place) -> Photo:
        style = storage.picture_of(storage.place(name))
        return self._style(style, storage.stamp(style))

    def _save(self, task: Task, prepared: _Prepared, made: Any, spent: float) -> Outcome:
        began = time.monotonic()
        options = {"overwrite": True, "exif": prepared.photo.exif, "keep_metadata": self.conditions.keep_metadata}
        scores: dict[str, Any] = {}
        with storage.writing(task.output, self.conditions.scratch) as target:
            if task.kind == "popart":
                _save_popart(made, prepared.photo, target, options)
            else:
                made.save(target, **options)
            size = target.stat().st_size
        if task.kind == "popart":
            scores = {k: v for k, v in made.report()["measures"].items() if isinstance(v, (bool, int, float))}
            done = 0.0
        else:
            if made.likeness is not None:
                scores = {"likeness": made.likeness.as_dict()["value"], "face found": made.likeness.found}
            done = make_plan(task.kind, prepared.settings, prepared.photo.rgb.shape[:2]).work
        seconds = prepared.seconds + spent + time.monotonic() - began
        notes = (*prepared.notes, *made.notes)
        return Outcome(task.number, "", False, False, seconds, scores, notes, prepared.input, size, done)

    def _store(self) -> Any:
        """Style targets on disk, shared with other processes and later runs; a thread's own view of them."""
        if not hasattr(self._local, "store"):
            from portrait_nst.transfer import TargetStore

            self._local.store = TargetStore(_targets_folder())
        return self._local.store


def _painters(device: str) -> int:
    if device == "cpu":
        return 1
    from portrait_nst.transfer.build_config import choose_device

    return ON_GPU if choose_device(device) == "cuda" else 1


def _load_encoder(name: str, weights: Path | None, stamp: tuple[int, int] | None, pooling: str) -> Encoder:
    from portrait_nst import encoders

    return encoders.get(name, weights, pooling=pooling)


def _load_style(style: Place, stamp: tuple[int, int] | None) -> Photo:
    return storage.load(style)


def _targets_folder() -> Path | None:
    """Where style targets are kept, or None where nothing can be written there: then they are kept in memory."""
    import os

    from portrait_nst.resources import cache_folder

    folder = cache_folder() / "targets"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _save_popart(made: Any, photo: Photo, output: Path, options: dict[str, Any]) -> None:
    from portrait_nst import imaging
    from portrait_nst.types import Photo as Picture

    if output.suffix.lower() in (".svg", ".pdf"):
        data = made.svg() if output.suffix.lower() == ".svg" else made.pdf()
        imaging.write_atomic(output, data.encode() if isinstance(data, str) else data, overwrite=True)
        return
    rgb, alpha = made.render()
    recipe = {"popart": made.report()["settings"], "photo": photo.sha256}
    imaging.save(Picture(rgb, alpha), output, recipe=recipe, **options)
