"""What outputs are called: after photo and style, in the photo's own sub-folder, within what file systems hold."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from portrait_nst.batch.storage import Place
from portrait_nst.errors import InputError

LONGEST = 255  # bytes of one name


def place(photo: Path, after: str, suffix: str) -> Path:
    """`sub/me.jpg` painted after "starry" is `sub/me-starry.png`, as `stylize` would call it."""
    return photo.with_name(_fit(photo.stem, f"-{after}", suffix))


def candidates(wanted: Path, photo: Place, key: str) -> Iterator[Path]:
    """`wanted`, then names to keep two apart that want the same: by the photo's suffix, then by the job's key."""
    yield wanted
    stem, suffix = wanted.stem, wanted.suffix
    kind = photo.suffix.lower().lstrip(".")
    if kind and stem.startswith(photo.stem):
        yield wanted.with_name(_fit(f"{photo.stem}-{kind}", stem[len(photo.stem) :], suffix))
    yield wanted.with_name(_fit(stem, f"-{key[:8]}", suffix))
    yield wanted.with_name(_fit(stem, f"-{key[:24]}", suffix))


def same(place: Path) -> str:
    """What two outputs share that some file system takes for one: letters' case and the forms of accents do not count."""
    text = str(place).encode(errors="backslashreplace").decode()
    return unicodedata.normalize("NFC", text).casefold()


def below(text: str) -> Path:
    """An output that a row names, below the output folder. Raises InputError for one that leads out of it."""
    given = Path(text)
    if given.is_absolute() or ".." in given.parts or not given.name:
        raise InputError(f"The output {text!r} must be a name below the output folder, without '..'.")
    if any(len(os.fsencode(part)) > LONGEST for part in given.parts):
        raise InputError(f"The output {text[:40]!r}... is too long: a name has at most {LONGEST} bytes.")
    return given


def _fit(stem: str, tail: str, suffix: str) -> str:
    """`stem` + `tail` + `suffix`; what is too long is cut, and told apart by a hash."""
    end = os.fsencode(suffix)
    front, back = os.fsencode(stem), os.fsencode(tail)
    if len(front) + len(back) + len(end) <= LONGEST:
        return stem + tail + suffix
    mark = hashlib.sha256(front + b"\0" + back).hexdigest()[:8].encode()
    back = _cut(back, LONGEST // 2)
    room = LONGEST - len(back) - len(end) - len(mark) - 1
    return os.fsdecode(_cut(front, room) + b"-" + mark + back + end)


def _cut(name: bytes, length: int) -> bytes:
    """The first `length` bytes, not ending within a letter where the name is UTF-8."""
    if len(name) <= length:
        return name
    try:
        name.decode()
    except UnicodeDecodeError:
        return name[:length]
    return name[:length].decode(errors="ignore").encode()
