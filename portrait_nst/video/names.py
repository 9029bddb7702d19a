"""How a painted clip is called where the user does not say."""

from __future__ import annotations

from pathlib import Path

KEPT = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".gif", ".webp", ".apng")
USUAL, TRANSPARENT = ".mp4", ".mov"  # the latter holds ProRes 4444, which editors take


def default_output(clip: Path, style: str, *, transparent: bool = False) -> Path:
    """The file for `clip` painted in `style`, in the current folder: dance.avi in "starry" is dance-starry.mp4."""
    suffix = clip.suffix.lower()
    if transparent:
        suffix = suffix if suffix in (".webp", ".apng", ".webm", ".mkv") else TRANSPARENT
    return Path(f"{clip.stem}-{style}{suffix if suffix in (*KEPT, TRANSPARENT) else USUAL}")
