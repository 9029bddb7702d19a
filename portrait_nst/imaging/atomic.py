"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from portrait_nst.errors import InputError, ResourceError

_EXISTS = "{} exists already; use --force (overwrite=True in Python) to overwrite it, or choose another name."
DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_atomic(path: Path, data: bytes | memoryview, *, overwrite: bool) -> None:
    """Put `data` into the file `path`; whatever happens, nothing half-written ever has that name.

    The bytes go to a temporary file in the same folder, are forced to disk, and are then renamed. Permissions follow
    the umask. Without `overwrite` a file that appeared meanwhile is not replaced. Raises InputError where the folder
    does not let us write, ResourceError where the disk is full or fails; the temporary file is then gone.
    """
    temporary = None
    try:
        temporary = open_temporary(path)
        handle, name = temporary
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        publish(name, path, overwrite=overwrite)
        temporary = None
    except OSError as error:
        if error.errno in DISK_FULL:
            raise ResourceError(
                f"The disk is full: {path} could not be written ({len(data) / 1e6:.1f} MB needed). "
                "Make room, or write to another disk."
            ) from error
        raise ResourceError(f"{path} could not be written: {error.strerror or error}.") from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary[1].unlink()


def is_full(error: BaseException | None) -> bool:
    """Whether `error`, or one of its causes, says that the disk is full."""
    while error is not None:
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):  # PyAV's errors are not all OSErrors
            return True
        error = error.__cause__
    return False


def check_writable(
    path: Path, *, overwrite: bool = False, inputs: Sequence[str | Path] = (), kind: str = "file"
) -> None:
    """Raise now what `write_atomic` would raise after an expensive run.

    inputs: files that must not be overwritten, whatever `overwrite` says.
    kind:   the word for the file in messages.

    Raises InputError; ResourceError where the disk has no room even for an empty file.
    """
    try:
        behind = Path(os.path.realpath(path))
        if path.is_dir():
            raise InputError(f"{path} is a folder; expected the name of a {kind} to write.")
        if path.exists():
            if not path.is_file():
                raise InputError(f"{path} is a device or pipe; expected the name of a {kind} to write.")
            if any(Path(source).exists() and path.samefile(source) for source in inputs):
                raise InputError(f"{path} is one of the inputs, which are never overwritten; use another name.")
            if not overwrite:
                raise InputError(_EXISTS.format(path))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is no usable file name ({getattr(error, 'strerror', None) or error}).") from None
    # Whether a folder may be written is known only by writing (read-only disks, quotas, network folders).
    handle, name = open_temporary(behind)
    os.close(handle)
    name.unlink()


def open_temporary(path: Path) -> tuple[int, Path]:
    """A new empty file beside `path`, as (descriptor, name). Raises InputError where the folder does not allow it."""
    # Short, so that a long but valid final name stays valid; hidden, so that nobody takes it for a picture.
    name = path.parent / f".portrait-nst-{secrets.token_hex(6)}.tmp"
    try:
        return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666), name
    except (FileNotFoundError, NotADirectoryError):
        if path.parent.exists():  # a file as the folder, or one of the system's folders where nothing can be made
            kind = "may not be written" if path.parent.is_dir() else "is not a folder but a file"
            raise InputError(f"{path.parent} {kind}; choose another folder for {path.name}.") from None
        raise InputError(f"The folder {path.parent} does not exist; create it first, or choose another.") from None
    except OSError as error:
        if error.errno in DISK_FULL:
            raise ResourceError(f"The disk is full: nothing can be written to {path.parent}. Make room.") from error
        raise InputError(
            f"The folder {path.parent} may not be written ({error.strerror or error}); choose another."
        ) from error


def publish(temporary: Path, path: Path, *, overwrite: bool) -> None:
    """Give the finished file `temporary` the name `path`. Raises InputError where that is taken and `overwrite` is false."""
    if overwrite:
        temporary.replace(path)
        return
    try:
        _publish_new(temporary, path)
    except FileExistsError:
        raise InputError(_EXISTS.format(path)) from None


def _publish_new(temporary: Path, path: Path) -> None:
    """Give `temporary` the name `path`; FileExistsError where that is taken, checked in the same instant."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: check, then rename
        if path.exists():
            raise FileExistsError(path) from None
        temporary.replace(path)
        return
    temporary.unlink()
