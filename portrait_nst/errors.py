"""The errors that a user gets to see.

Every message says what was wrong, what was expected and what to do about it. The library raises
these; only the command line prints them and chooses an exit status.
"""

from __future__ import annotations

import re
from pathlib import Path

_BELOW = r"[/\\](?:[^/\\\s:'\",;()]+[/\\])*"
_FOLDERS = re.compile(r"(?<![\w.:/\\~])(?:[A-Za-z]:)?" + _BELOW.removesuffix("*") + "+")
"""The folders of an absolute path, as far as they hold no blanks."""


class PortraitError(Exception):
    """Base of all errors that a user can cause or should act on."""


class InputError(PortraitError):
    """A file, folder or value given by the user cannot be used."""


class ModelError(PortraitError):
    """Weights are missing, damaged or of the wrong architecture."""


class WeightsError(ModelError):
    """The encoder's weights are not those that a picture was made with."""


class MaskError(PortraitError):
    """There is no region to paint: no person found, or an empty mask."""


class ResourceError(PortraitError):
    """The machine lacks something that the run needs: memory, disk space, a device."""


def first_line(error: BaseException) -> str:
    """The first line of an error's message, or its type where it has none, to be quoted in a message of ours."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def without_paths(message: str) -> str:
    """`message` with the names of files without their folders, for a record that is shown to others.

    The home and the current folder are found whatever their names are, other folders where their names hold no blanks.
    """
    for folder in sorted({str(Path.cwd()), str(Path.home())}, key=len, reverse=True):
        if len(Path(folder).parts) > 1:
            message = re.sub(re.escape(folder) + _BELOW, "", message).replace(folder, "")
    return _FOLDERS.sub("", message)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that memory ran out: Python's own, a GPU's, or that of torch's allocator on the CPU."""
    if isinstance(error, MemoryError):
        return True
    message = str(error).lower()
    return isinstance(error, RuntimeError) and ("out of memory" in message or "can't allocate memory" in message)
