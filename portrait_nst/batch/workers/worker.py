"""A studio paints jobs in one process: the next photo is looked at and the last picture saved while one is painted.

Both engines are made of studios; a job and its outcome are small values, and pixels stay here.
"""

from __future__ import annotations

import dataclasses
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

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.types import FloatArray, Matte, Photo, Result

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
    mask: dict[str, str | None] | None = None


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
        alpha: FloatArray | None = None
        entry: dict[str, str | None] | None = None
        if task.mask is not None:
            mask = storage.read(task.mask)
            alpha = imaging.decode_mask(mask, str(task.mask), (photo.height, photo.width))
            entry = {"path": str(task.mask), "sha256": hashlib.sha256(mask).hexdigest()}
        matte = pipeline.matte(photo, mask=alpha, region=settings.region, person=settings.person)
        if task.mask is not None:
            matte = dataclasses.replace(matte, source=f"mask {task.mask.name}")
        return _Prepared(photo, matte, settings, notes, known, time.monotonic() - began, entry)

    def _paint(self, task: Task, prepared: _Prepared) -> tuple[Any, float]:
        from portrait_nst import pipeline

        began = time.monotonic()
        made: Any
        if task.kind == "popart":
            alpha = None if prepared.matte is None else prepared.matte.alpha
            made = pipeline.popart(prepared.photo, mask=alpha, settings=task.popart)
        else:
            settings = prepared.settings.replace(device=self.conditions.device, threads=self.conditions.threads)
            weights = None if settings.weights is None else Path(settings.weights)
            encoder = self._encoder(settings.encoder, weights, weights and storage.stamp(weights), settings.pooling)
            made = self._stylize(
                task, prepared, settings=settings, store=self._store(), network=encoder, memory=self.conditions.budget
            )
        return made, time.monotonic() - began

    def _stylize(self, task: Task, prepared: _Prepared, **known: Any) -> Result:
        """As `stylize` would have painted it of the files themselves."""
        from portrait_nst import pipeline

        mixture = task.mixture or Mixture()
        if prepared.matte is not None:
            assert task.style is not None
            blend = [(self._picture(task.style), 1.0), *((self._picture(name), w) for name, w in mixture.blend)]
            made = pipeline.stylize(prepared.photo, blend, mask=prepared.matte.alpha, **known)
            return _as_single(made, prepared)
        regions = {label: [(self._picture(name), share)] for label, name, share in mixture.regions}
        with storage.fetched(storage.place(mixture.labels), self.conditions.scratch) as labels:
            made = pipeline.stylize(prepared.photo, labels=labels, region_styles=regions, **known)
        made.recipe["inputs"]["labels"]["path"] = mixture.labels
        return made

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


def _as_single(result: Result, prepared: _Prepared) -> Result:
    """`result` as if `stylize` had found its matte itself, so that its recipe says how to make it again."""
    from portrait_nst.recipe import with_matte

    assert prepared.matte is not None
    recipe = with_matte(result.recipe, prepared.matte, prepared.mask)
    return dataclasses.replace(result, matte=prepared.matte, recipe=recipe)


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
