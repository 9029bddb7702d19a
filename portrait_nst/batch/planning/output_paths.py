"""Names of outputs: after photo and style, in the photo's own sub-folder, and no longer than file systems allow."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from portrait_nst.batch.storage import Location
from portrait_nst.errors import InputError

LONGEST = 255  # bytes that one name may have


def output_path(photo: Path, style: str, suffix: str) -> Path:
    """The output of `sub/me.jpg` in the style "starry" is `sub/me-starry.png`, as `stylize` would call it."""
    return photo.with_name(_fit(photo.stem, f"-{style}", suffix))


def candidates(wanted: Path, photo: Location, key: str) -> Iterator[Path]:
    """`wanted`, then other names for where that is taken: with the photo's suffix, then with digits of the job's key."""
    yield wanted
    stem, suffix = wanted.stem, wanted.suffix
    kind = photo.suffix.lower().lstrip(".")
    if kind and stem.startswith(photo.stem):
        yield wanted.with_name(_fit(f"{photo.stem}-{kind}", stem[len(photo.stem) :], suffix))
    yield wanted.with_name(_fit(stem, f"-{key[:8]}", suffix))
    yield wanted.with_name(_fit(stem, f"-{key[:24]}", suffix))


def canonical(output: Path) -> str:
    """A text that is equal for two outputs that some file system takes for the same: it ignores case and forms of accents."""
    text = str(output).encode(errors="backslashreplace").decode()
    return unicodedata.normalize("NFC", text).casefold()


def named_output(text: str) -> Path:
    """The path that a row names, below the output folder. Raises InputError for one that leads out of it."""
    given = Path(text)
    if given.is_absolute() or ".." in given.parts or not given.name:
        raise InputError(f"The output {text!r} must be a name below the output folder, without '..'.")
    if any(len(os.fsencode(part)) > LONGEST for part in given.parts):
        raise InputError(f"The output {text[:40]!r}... is too long: a name has at most {LONGEST} bytes.")
    return given


def _fit(stem: str, tail: str, suffix: str) -> str:
    """`stem` + `tail` + `suffix`; a name that is too long is cut and gets a hash that keeps it unique."""
    end = os.fsencode(suffix)
    front, back = os.fsencode(stem), os.fsencode(tail)
    if len(front) + len(back) + len(end) <= LONGEST:
        return stem + tail + suffix
    mark = hashlib.sha256(front + b"\0" + back).hexdigest()[:8].encode()
    back = _cut(back, LONGEST // 2)
    room = LONGEST - len(back) - len(end) - len(mark) - 1
    return os.fsdecode(_cut(front, room) + b"-" + mark + back + end)


def _cut(name: bytes, length: int) -> bytes:
    """The first `length` bytes; where the name is UTF-8, no letter is cut in two."""
    if len(name) <= length:
        return name
    try:
        name.decode()
    except UnicodeDecodeError:
        return name[:length]
    return name[:length].decode(errors="ignore").encode()
