"""What would make a planned job fail, found without painting it: broken or missing files, and packages that are not here."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from portrait_nst.batch import storage
from portrait_nst.batch.storage import Location, Url
from portrait_nst.batch.workers.task import Task
from portrait_nst.errors import InputError
from portrait_nst.imaging.decoding import headers
from portrait_nst.imaging.decoding.truncation import seems_cut
from portrait_nst.settings import Settings, files_of
from portrait_nst.video.names import is_film

if TYPE_CHECKING:
    from portrait_nst.clips import ClipInfo

UNKNOWN = (1000, 1000)  # the size that is supposed of an object in a store whose first bytes do not say it
_ANY = 1  # pixels that a side of a mask must have


class Examiner:
    """Examines tasks; a file that many of them share is opened once."""

    def __init__(self) -> None:
        self._size = functools.lru_cache(1024)(_size)
        self._checked: set[str] = set()

    def photo_size(self, task: Task) -> tuple[int, int]:
        """The (height, width) of the task's photo. Raises InputError, ModelError or ResourceError where the task would fail."""
        if is_film(task.photo.name):
            clip = self.film(task.photo)
            found = UNKNOWN if clip is None else clip.size
        else:
            found = _size(task.photo)
            _check_end(task.photo)
        if task.mask is not None:
            self._size(task.mask, _ANY)
        for name in task.style.files if task.style else ():
            self._size(storage.style_picture(storage.locate(name)))
        if task.kind == "stylize" and task.settings.hash() not in self._checked:
            _check_settings(task.settings, segmented=task.mask is None and not (task.style and task.style.labels))
            self._checked.add(task.settings.hash())
        return found

    def film(self, location: Location) -> ClipInfo | None:
        """What a film's header says; None for one in a store, which is not fetched for a forecast. Raises InputError."""
        if isinstance(location, Url):
            return None
        from portrait_nst import clips

        return clips.probe(location)  # which remembers it


def _size(location: Location, min_side: int = 16) -> tuple[int, int]:
    """The (height, width) that a header says; most headers lie in the first bytes. Raises InputError."""
    start = storage.read_start(location)
    try:
        return headers.picture_size(start, str(location), min_side=min_side)
    except InputError:
        if isinstance(location, Url):
            return UNKNOWN  # it is not fetched for a forecast
        return headers.picture_size(storage.read(location), str(location), min_side=min_side)


def _check_end(photo: Location) -> None:
    """Raise InputError where more is missing at the end of a local file than is forgiven: only what seems cut is decoded."""
    if isinstance(photo, Url):
        return
    try:
        with photo.open("rb") as file:
            cut = seems_cut(file)
    except OSError:  # it has vanished, and so reading says
        cut = True
    if cut:
        storage.load(photo)


def _check_settings(settings: Settings, *, segmented: bool) -> None:
    """Raise InputError or ModelError for files of `settings` that are missing, and for a library that is not installed."""
    for name, path in files_of(settings).items():
        if not path.is_file():
            raise InputError(f"{name.replace('_', '-')} {path} is no file; check the name and the folder.")
    if segmented and settings.segmenter != Settings.segmenter:
        from portrait_nst import segmentation

        segmentation.check_library(settings.segmenter)
