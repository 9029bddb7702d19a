"""Files of a report, which are checked before the work and written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from portrait_nst.errors import InputError
from portrait_nst.imaging.atomic import check_writable, write_atomic


def check_file(
    path: str | Path, kinds: Sequence[str], what: str, *, overwrite: bool = False, inputs: Sequence[str | Path] = ()
) -> Path:
    """Raise now what writing would raise after an expensive run; returns the path.

    kinds:  the suffixes that are possible, with their dots.
    what:   how the message calls the file, for example "The loss plot".
    inputs: files that must not be overwritten, whatever `overwrite` says.

    Raises InputError.
    """
    target = Path(path)
    if target.suffix.lower() not in kinds:
        raise InputError(f"{what} {target} must end in {' or '.join(kinds)}, which chooses the format.")
    check_writable(target, overwrite=overwrite, inputs=inputs)
    return target


def write(path: str | Path, data: bytes | str, *, overwrite: bool = False) -> Path:
    """Put `data` into the file `path`, atomically; a symbolic link stays one and its target is replaced.

    Text is written as UTF-8, with escapes for what is no letter: names of files may have such bytes.
    """
    content = data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data
    write_atomic(Path(os.path.realpath(path)), content, overwrite=overwrite)
    return Path(path)
