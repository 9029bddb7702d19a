"""The bytes of a file that the user named, or one clear line about why they cannot be read."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

from portrait_nst.errors import InputError, ResourceError


def read_bytes(path: str | Path) -> bytes:
    """All bytes of the file `path` (a file or a pipe). Raises InputError, or ResourceError where memory ends."""
    if path == "":  # otherwise it would mean the current folder
        raise InputError("The path of a picture is an empty text; expected the name of a picture file.")
    try:
        mode = Path(path).stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError(f"{path} is a folder; expected a picture file.")
        if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
            raise InputError(f"{path} is a device or socket; expected a picture file.")
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
