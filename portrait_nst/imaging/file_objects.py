"""Files that are open for writing, in the place of a path, and the word `format` that chooses what is written."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any, Protocol, TypeGuard

from portrait_nst.errors import InputError, PortraitError, ResourceError
from portrait_nst.imaging.formats import FORMATS


def suffix_for(format: str | None, name: str, known: Collection[str] = FORMATS) -> str:
    """The suffix of `format` ("png"), else that of a file object's `name`; one of those `known`. Raises InputError."""
    if format is not None and not isinstance(format, str):
        raise InputError(f"format must be a word such as 'png', not {type(format).__name__}.")
    suffix = f".{format.lower().removeprefix('.')}" if format else Path(name).suffix.lower()
    if suffix not in known:
        words = ", ".join(kind[1:] for kind in known)
        given = f"not {format!r}" if format else "since a file object has no suffix that chooses it"
        raise InputError(f"The format must be one of {words}, {given}; for example save(file, format='png').")
    return suffix


def check_suffix(path: Path, format: str | None, known: Collection[str] = FORMATS) -> None:
    """Raise InputError for a `format` that contradicts the suffix of `path`, which chooses it."""
    if format is None:
        return
    suffix, other = path.suffix.lower(), suffix_for(format, "", known)
    if FORMATS.get(suffix, suffix) != FORMATS.get(other, other):
        raise InputError(
            f"The suffix of {path} chooses its format, and format={format!r} is another one; leave it out."
        )


def write_to(file: SupportsWrite, data: bytes) -> Path:
    """Write `data` to an open binary file; returns its name, or `-` where it has none. Raises InputError, ResourceError."""
    name = getattr(file, "name", None)
    try:
        rest = memoryview(data)
        while rest:
            written = file.write(rest)  # a file without a buffer may take a part only
            rest = rest[written if isinstance(written, int) else len(rest) :]
    except TypeError:
        raise InputError("The file is open as text; open it as a binary file, as in open(name, 'wb').") from None
    except BrokenPipeError:  # whoever read it is gone
        raise
    except (OSError, ValueError) as error:
        closed = isinstance(error, ValueError)  # or open for reading only
        kind: type[PortraitError] = InputError if closed else ResourceError
        advice = "; open it for writing, as in open(name, 'wb')" if closed else ""
        raise kind(f"The file cannot be written ({error}){advice}.") from None
    return Path(name) if isinstance(name, str) and name else Path("-")


class SupportsWrite(Protocol):
    """A file that is open for writing bytes."""

    def write(self, data: Any, /) -> object:
        """Write `data`, bytes or a view of them, and return how many were taken."""


def is_file_object(value: object) -> TypeGuard[SupportsWrite]:
    """Whether `value` can be written to."""
    return callable(getattr(value, "write", None)) and not isinstance(value, (str, os.PathLike))
