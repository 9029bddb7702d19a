"""Which files are films, and how a painted clip is called where the user does not say."""

from __future__ import annotations

import os
from pathlib import Path

FILMS = frozenset(
    {".3gp", ".avi", ".flv", ".insv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4"}
    | {".mpeg", ".mpg", ".mts", ".ogv", ".webm", ".wmv"}
)
"""In a folder, files with these suffixes are taken for films; animations (GIF, WebP, PNG) there are pictures."""

WRITTEN = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".gif", ".webp", ".apng")
USUAL = ".mp4"
_TRANSPARENT = (".mov", ".mkv", ".webm", ".gif", ".webp", ".apng")  # the first holds ProRes 4444, which editors take


def is_film(name: str) -> bool:
    """Whether a file of this name is taken for a film."""
    return os.path.splitext(name)[1].lower() in FILMS  # noqa: PTH122 - fast, as it is asked of every file of a folder


def suffix_for(clip: str, *, transparent: bool = False) -> str:
    """The suffix of the painted clip of the file `clip`: its own where that can be written."""
    own = os.path.splitext(clip)[1].lower()  # noqa: PTH122
    if transparent:
        return own if own in _TRANSPARENT else _TRANSPARENT[0]
    return own if own in WRITTEN else USUAL


def default_output(clip: Path, style: str, *, transparent: bool = False) -> Path:
    """The file for `clip` painted in `style`, in the current folder: dance.avi in "starry" is dance-starry.mp4."""
    return Path(f"{clip.stem}-{style}{suffix_for(clip.name, transparent=transparent)}")
