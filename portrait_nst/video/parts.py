"""The work folder of a clip: finished segments and what is remembered after each, so that a broken-off run goes on.

It lies hidden beside the output, `.NAME.parts`, and holds a folder for each different command on that output, by a digest of
all that decides the pictures. For the part 7 there are its segment, `00007.npz` with the states
of track and painters after its last frame, and, written last, `00007.json`, which says that the part is finished. Who paints
a shot holds `shot00002.lock`; a command that joins the clip at its end holds `lock` beside these folders.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portrait_nst.errors import InputError, ResourceError
from portrait_nst.imaging.atomic import check_writable, is_full, write_atomic
from portrait_nst.video.painter import State

LOCK, SURVEY, INTERRUPTED = "lock", "survey", "interrupted.json"
STATES_KEPT = 2  # the last one is enough unless the disk lost it
LONGEST_NAME = 255  # bytes
KEY_DIGITS = 16
SHOT_LOCK = re.compile(r"shot\d+\.lock")
PATIENCE = 30.0  # seconds to wait for a shot
VERSION = 1  # of what is in the folder


def folder_of(output: Path) -> Path:
    """The work folder of `output`."""
    name = f".{output.name}.parts"
    if len(os.fsencode(name)) > LONGEST_NAME:
        name = f".{hashlib.sha256(os.fsencode(output.name)).hexdigest()[:32]}.parts"
    return output.with_name(name)


class Parts:
    """The work folder of one command; `opened` gives it, locked.

    folder: where the segments lie.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def segment(self, number: int, suffix: str) -> Path:
        """The file of the segment `number`."""
        return self.folder / f"{number:05}{suffix}"

    def done(self, numbers: Sequence[int], suffix: str) -> int:
        """How many of the parts with these `numbers` are finished, from the first on without a gap."""
        count = 0
        while count < len(numbers) and self._is_whole(numbers[count], suffix):
            count += 1
        while count and count < len(numbers) and self.state(numbers[count - 1]) is None:
            count -= 1
        return count

    def finish(
        self,
        number: int,
        suffix: str,
        state: Mapping[str, NDArray[np.generic]],
        about: dict[str, Any],
        first: int = 0,
    ) -> None:
        """The segment `number` is written: keep the `state` after it and what is known `about` it, in this order.

        first: the part before which no state is needed any more; states before it are another shot's. Raises ResourceError where
        the disk is full.
        """
        self._save_arrays(f"{number:05}", state)
        about = {**about, "bytes": self.segment(number, suffix).stat().st_size}
        self._save_json(f"{number:05}.json", about)
        if number - STATES_KEPT >= first:
            with contextlib.suppress(OSError):
                (self.folder / f"{number - STATES_KEPT:05}.npz").unlink()

    @contextlib.contextmanager
    def shot(self, number: int) -> Iterator[None]:
        """The shot `number`, which nobody else paints until the block ends. Raises InputError where another process does.

        One that was killed holds its shot no longer, and one whose batch was killed ends within seconds, so it is waited for.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.folder / f"shot{number:05}.lock", timeout=PATIENCE)
        try:
            lock.acquire()
        except Timeout:
            raise InputError(f"Another process is painting shot {number + 1} in {self.folder}; wait for it.") from None
        try:
            yield
        finally:
            lock.release()

    def state(self, number: int) -> State | None:
        """What was remembered after the part `number`; None where it is not there or damaged."""
        return self._load_arrays(f"{number:05}")

    def forget_states(self, numbers: Sequence[int]) -> None:
        """The parts with these `numbers`, one after the other, are finished, and nothing goes on from the last of them."""
        for number in numbers[-STATES_KEPT:]:
            with contextlib.suppress(OSError):
                (self.folder / f"{number:05}.npz").unlink()

    def about(self, number: int) -> dict[str, Any]:
        """What is known of a finished part."""
        found: dict[str, Any] = json.loads((self.folder / f"{number:05}.json").read_text())
        return found

    @property
    def survey(self) -> State | None:
        """What the first look through the clip found; None before it."""
        return self._load_arrays(SURVEY)

    def keep_survey(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Keep what the first look through the clip found. Raises ResourceError."""
        self._save_arrays(SURVEY, arrays)

    def clear(self) -> None:
        """Forget all that is kept of this command."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(exist_ok=True)

    def keep_interrupted(self, output: Path) -> None:
        """Remember that `output`, as it is now, is what this command wrote when it was interrupted."""
        with contextlib.suppress(OSError, ResourceError):  # then it is not overwritten without being told
            self._save_json(INTERRUPTED, _fingerprint(output))

    def _is_whole(self, number: int, suffix: str) -> bool:
        try:
            return bool(self.about(number)["bytes"] == self.segment(number, suffix).stat().st_size)
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def _save_arrays(self, name: str, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        file = io.BytesIO()
        np.savez(file, **arrays)  # type: ignore[arg-type]  # numpy's stub takes the names for those of its options
        write_atomic(self.folder / f"{name}.npz", file.getbuffer(), overwrite=True)

    def _load_arrays(self, name: str) -> State | None:
        try:
            with np.load(self.folder / f"{name}.npz", allow_pickle=False) as file:
                return {key: file[key] for key in file.files}
        except Exception:  # zipfile and numpy raise many kinds for a damaged file; the part is painted again then
            return None

    def _save_json(self, name: str, values: dict[str, Any]) -> None:
        write_atomic(self.folder / name, json.dumps(values).encode(), overwrite=True)


@contextlib.contextmanager
def opened(output: Path, key: str) -> Iterator[Parts]:
    """The work folder of the command with the digest `key`, locked until the block ends; raises as `locked` does."""
    with locked(output):
        yield folder_for(output, key)


def folder_for(output: Path, key: str) -> Parts:
    """The work folder of the command with the digest `key`, made now, for one who paints shots while another holds the lock.

    Raises InputError, ResourceError where it cannot be made.
    """
    with _translated(output):
        (folder_of(output) / key[:KEY_DIGITS]).mkdir(parents=True, exist_ok=True)
    return Parts(folder_of(output) / key[:KEY_DIGITS])


@contextlib.contextmanager
def locked(output: Path) -> Iterator[None]:
    """Hold the lock on all that is painted for `output` until the block ends.

    Raises InputError where another command is painting the same output, or the folder cannot be written; ResourceError where the
    disk is full.
    """
    from filelock import FileLock, Timeout

    home = folder_of(output)
    lock = FileLock(home / LOCK, timeout=0)
    with _translated(output):
        home.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except Timeout:
            raise InputError(f"Another command is painting {output}; wait for it, or choose another name.") from None
    try:
        yield
    finally:
        _release(lock, home)


@contextlib.contextmanager
def _translated(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise ResourceError(f"The disk is full: nothing can be written to {output.parent}. Make room.") from error
        raise InputError(
            f"The folder {output.parent} may not be written ({error.strerror or error}); choose another."
        ) from error


def remove(output: Path) -> None:
    """Remove all segments of `output`, those of other commands too: it is made. The lock goes with its holder."""
    for entry in folder_of(output).iterdir():
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)


def is_ours(output: Path, key: str) -> bool:
    """Whether the file `output` is what the command with the digest `key` wrote when it was interrupted, and unchanged since."""
    try:
        kept = json.loads((folder_of(output) / key[:KEY_DIGITS] / INTERRUPTED).read_text())
        return bool(kept == _fingerprint(output))
    except (OSError, ValueError):
        return False


def check_early(output: str | Path, *, overwrite: bool) -> None:
    """Raise InputError where `output` can be seen not to be writable before anything is read.

    A file that is there is left to `Order.check_target` where work on it is kept beside it, which may be this command's own.
    """
    if isinstance(output, (str, Path)):
        kept = folder_of(Path(output)).is_dir()
        check_writable(Path(output), overwrite=overwrite or kept, kind="video file")


def _release(lock: Any, home: Path) -> None:
    """Release the lock, and remove folders in which nothing is kept."""
    with contextlib.suppress(OSError):
        for entry in home.iterdir():
            if entry.is_dir() and all(SHOT_LOCK.fullmatch(file.name) for file in entry.iterdir()):
                shutil.rmtree(entry, ignore_errors=True)
        if [entry.name for entry in home.iterdir()] == [LOCK]:
            (home / LOCK).unlink()
    lock.release()
    with contextlib.suppress(OSError):
        home.rmdir()


def _fingerprint(path: Path) -> dict[str, Any]:
    state = path.stat()
    return {"size": state.st_size, "changed": state.st_mtime_ns}
