"""A film among the pictures of a batch, or a shot of it, painted by one worker, and gone on with where it was broken off."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from portrait_nst.batch import storage
from portrait_nst.batch.storage import Location
from portrait_nst.batch.workers.task import SURVEY, Conditions, Outcome, Task
from portrait_nst.errors import InputError
from portrait_nst.settings import Settings

if TYPE_CHECKING:
    from portrait_nst.pipeline import Stylizer
    from portrait_nst.types import Photo


def paint(
    task: Task,
    settings: Settings,
    blend: Sequence[tuple[Photo, float]],
    stylizer: Stylizer,
    conditions: Conditions,
) -> Outcome:
    """Paint and save the film of `task` in `blend`, which is empty for pop art.

    Finished segments lie beside an output on this machine until it is whole; one in a store is begun anew after a crash. Raises
    what `video.stylize_video` does.
    """
    from portrait_nst import video

    if task.mask is not None or (task.style is not None and task.style.labels):
        what = "mask" if task.mask is not None else "label map"
        raise InputError(f"{task.photo} is a film, and a {what} is that of one picture; leave it out.")
    if task.piece is not None:
        return _piece(task, settings, blend, stylizer)
    began = time.monotonic()
    state = storage.fingerprint(task.photo) or (0, 0)
    with _local(task.photo, conditions.scratch) as clip, storage.output_file(task.output, conditions.scratch) as target:
        made = video.stylize_video(
            clip,
            list(blend) or None,
            target,
            settings,
            popart=task.popart,
            overwrite=True,
            recipe=conditions.recipe,
            stylizer=stylizer,
        )
        size = target.stat().st_size
    known = (made.recipe["inputs"]["clip"]["sha256"], *state)
    scores = {"frames": made.frames}
    return Outcome(
        task.number, seconds=time.monotonic() - began, scores=scores, notes=made.notes, input=known, written=size
    )


def _piece(task: Task, settings: Settings, blend: Sequence[tuple[Photo, float]], stylizer: Stylizer) -> Outcome:
    """Look through the film of `task`, or paint a shot of it, into the work folder beside its output; see `SharedFilms`."""
    from portrait_nst.video import shots
    from portrait_nst.video.options import checked
    from portrait_nst.video.order import order

    began = time.monotonic()
    assert isinstance(task.photo, Path) and isinstance(task.output, Path) and task.piece is not None
    asked = order(
        task.photo, list(blend) or None, task.output, settings, checked(settings, popart=task.popart), stylizer
    )
    if task.piece == SURVEY:
        found = shots.count_shots(asked)
        return Outcome(task.number, seconds=time.monotonic() - began, shots=found)
    made = shots.paint_shot(asked, task.piece)
    return Outcome(task.number, seconds=time.monotonic() - began, scores={"frames": made.painted}, notes=made.notes)


@contextlib.contextmanager
def _local(film: Location, scratch: Path | None) -> Iterator[Path]:
    """The film as a file of this machine: itself, or downloaded until the block ends. Raises InputError."""
    if isinstance(film, Path):
        yield film
        return
    with tempfile.TemporaryDirectory(prefix="portrait-nst-", dir=scratch) as folder:
        file = Path(folder) / film.name
        if not storage.download(film, file):
            raise InputError(f"{film} does not exist.")
        yield file
