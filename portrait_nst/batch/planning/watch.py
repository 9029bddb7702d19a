"""New pictures in watched folders, each once its file is complete."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from portrait_nst.batch import storage
from portrait_nst.batch.planning.discovery import FoundPicture, is_picture
from portrait_nst.batch.storage import Location, Url
from portrait_nst.errors import InputError

QUIET = 2.0  # seconds without a change after which a file counts as complete
INTERVAL = 0.5  # seconds between two reports of changes


def arrivals(folders: list[Path], avoid: Location, stop: threading.Event | None = None) -> Iterator[list[FoundPicture]]:
    """Yield the pictures that were written into `folders`, each once its file has not changed for `QUIET` seconds.

    avoid: a folder below them that is left out. It ends with `stop`, or with Ctrl-C. For folders whose changes the system does
    not report (on a network), set the environment variable WATCHFILES_FORCE_POLLING.
    """
    from watchfiles import Change, watch

    roots = [Path(os.path.abspath(folder)) for folder in folders]  # noqa: PTH100
    own = storage.absolute(avoid)
    growing: dict[Path, tuple[tuple[int, int], float]] = {}
    milliseconds = int(INTERVAL * 1000)
    changes = watch(
        *roots,
        stop_event=stop,
        step=50,
        debounce=milliseconds,
        rust_timeout=milliseconds,
        yield_on_timeout=True,
        raise_interrupt=True,
        watch_filter=None,
    )
    for seen in changes:
        for change, name in seen:
            path = Path(name)
            if change == Change.deleted or (own not in roots and (path == own or own in path.parents)):
                continue
            for picture in _in_folder(path) if change == Change.added and os.path.isdir(path) else [path]:  # noqa: PTH112
                if is_picture(picture.name) and (own in roots or own not in picture.parents):
                    growing.setdefault(picture, ((-1, -1), 0.0))
        complete = [path for path in list(growing) if _is_complete(path, growing)]
        if complete:
            yield [found for path in sorted(complete) for found in _found(path, roots)]


def folders_of(inputs: Iterable[str | Path | Url]) -> list[Path]:
    """The folders among `inputs`. Raises InputError where there is none, and for a URL: no store reports changes."""
    named = [storage.locate(name) for name in inputs]
    for path in named:
        if isinstance(path, Url):
            raise InputError(
                f"--watch watches folders of this machine, not {path}; give the same command now and then."
            )
    folders = [path for path in named if isinstance(path, Path) and path.is_dir()]
    if not folders:
        raise InputError("--watch needs a folder to watch.")
    return folders


def _in_folder(folder: Path) -> Iterator[Path]:
    """All files below a new folder: those that were in it before it was watched are not reported one by one."""
    return (Path(here) / name for here, _, names in os.walk(folder) for name in names)


def _is_complete(path: Path, growing: dict[Path, tuple[tuple[int, int], float]]) -> bool:
    """Whether `path` has not changed for long enough; it is then removed from `growing`."""
    try:
        state = path.stat()
    except OSError:
        del growing[path]
        return False
    now, latest = time.monotonic(), (state.st_size, state.st_mtime_ns)
    before, since = growing[path]
    if latest != before or not state.st_size:
        growing[path] = (latest, now)
        return False
    if now - since < QUIET:
        return False
    del growing[path]
    return True


def _found(path: Path, roots: list[Path]) -> Iterator[FoundPicture]:
    """The picture with its path below the root that holds it; nothing for one in a hidden folder."""
    for root in roots:
        if root in path.parents and not any(part.startswith(".") for part in path.relative_to(root).parts):
            relative = path.relative_to(root)
            below = Path(root.resolve().name) / relative if len(roots) > 1 else relative
            yield FoundPicture(path, below, searched=True)
            return
