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
    """Base of all errors that a user can cause or should act on; its message is one line of at most `LONGEST` characters.

    Names and values that it quotes may be anybody's: line ends and control characters are written as escapes, so that they
    neither break the line nor steer a terminal, and the middle of a very long message is left out.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(_line(message))


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


LONGEST = 2000  # characters of a message; what it quotes from a file may have millions
# Characters that end a line, steer a terminal, or turn the direction of what follows.
_CONTROLS = (*range(32), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_ESCAPES = {code: chr(code).encode("unicode_escape").decode("ascii") for code in _CONTROLS}


def _line(message: str) -> str:
    """`message` as one line of at most `LONGEST` characters without control characters."""
    line = message.translate(_ESCAPES)
    half = LONGEST // 2 - 3
    return line if len(line) <= LONGEST else f"{line[:half]} ... {line[-half:]}"


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
