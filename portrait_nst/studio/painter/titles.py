"""What a job is called where its user gives it no name, and what its files are called when they are downloaded."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

from portrait_nst.studio.resolved import Resolved

LONGEST = 120  # characters of a file's name, without its suffix
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
_OF_WINDOWS = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def title(resolved: Resolved) -> str:
    """Such as "me in impasto", "me as pop art", at most 200 characters."""
    photo = PurePath(resolved.photo.name).stem[:80] or "photo"
    styles = [PurePath(source.name).stem[:40] for source, _ in resolved.style]
    if resolved.movement is not None:
        styles = [resolved.movement.name[:40]]
    found = f"{photo} in {' and '.join(styles[:3])}" if styles else photo
    return (f"{found} as pop art" if resolved.popart is not None else found)[:200]


def file_name(title: str, suffix: str) -> str:
    """A name for a file that every system takes, and no system takes for a path: the title without what names cannot have."""
    text = "".join(c for c in unicodedata.normalize("NFC", title) if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    text = " ".join(_NOT_IN_NAMES.sub(" ", text).split()).strip(". ")
    text = text.encode()[: 2 * LONGEST].decode(errors="ignore")[:LONGEST].strip(". ")
    if not text or _OF_WINDOWS.fullmatch(text):
        text = f"picture {text}".strip()
    return f"{text}.{suffix}"


def unique(name: str, taken: set[str]) -> str:
    """`name`, with a number where it is taken (capitals do not count); it is added to `taken`."""
    stem, dot, suffix = name.rpartition(".")
    found, number = name, 1
    while found.casefold() in taken:
        number += 1
        found = f"{stem} ({number}){dot}{suffix}"
    taken.add(found.casefold())
    return found
