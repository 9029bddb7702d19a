"""The bytes of a file that the user named, or one clear line about why they cannot be read."""

from __future__ import annotations

import errno
import stat
from pathlib import Path
from typing import BinaryIO

from portrait_nst.errors import InputError, ResourceError

MOST_BYTES = 4_000_000_000
"""Of a file: 400 megapixels of 16 bits with transparency take 3.2 GB as they are. A pipe can be endless."""
_BLOCK = 1 << 20  # bytes that are read from a pipe at a time


def read_bytes(path: str | Path) -> bytes:
    """All bytes of the file `path` (a file or a pipe).

    Raises InputError, also for more than `MOST_BYTES`, or ResourceError where memory ends.
    """
    if path == "":  # otherwise it would mean the current folder
        raise InputError("The path of a picture is an empty text; expected the name of a picture file.")
    try:
        status = Path(path).stat()
        mode = status.st_mode
        if stat.S_ISDIR(mode):
            raise InputError(f"{path} is a folder; expected a picture file.")
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
            raise InputError(f"{path} is a device or socket; expected a picture file.")
        if stat.S_ISFIFO(mode):
            with Path(path).open("rb") as pipe:
                data = read_pipe(pipe, str(path))
        elif status.st_size > MOST_BYTES:
            raise _too_long(str(path))
        else:
            data = Path(path).read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; check the name and the folder.") from None
    except NotADirectoryError:
        raise InputError(f"{path} does not exist: a part of its path is a file, not a folder.") from None
    except PermissionError:
        raise InputError(f"{path} may not be read; give yourself permission, or choose another file.") from None
    except ValueError as error:  # a NUL byte in the name
        raise InputError(f"{str(path)!r} is no valid file name ({error}).") from None
    except MemoryError:
        raise ResourceError(f"{path} does not fit into memory; choose a smaller file.") from None
    except OSError as error:
        what = "its name is too long" if error.errno == errno.ENAMETOOLONG else error.strerror or str(error)
        raise InputError(f"{path} cannot be read: {what}.") from error
    if not data:
        raise InputError(f"{path} is empty (0 bytes); expected a picture. Was the download or copy cut short?")
    return data


def read_pipe(pipe: BinaryIO, name: str) -> bytes:
    """All bytes of `pipe`, which messages call `name`. Raises InputError for more than `MOST_BYTES`, OSError and MemoryError."""
    data = bytearray()
    while block := pipe.read(_BLOCK):
        data += block
        if len(data) > MOST_BYTES:
            raise _too_long(name)
    return bytes(data)


def _too_long(name: str) -> InputError:
    return InputError(
        f"{name} holds more than {MOST_BYTES / 1e9:g} GB; expected a picture. Is it another file, or an endless pipe?"
    )
