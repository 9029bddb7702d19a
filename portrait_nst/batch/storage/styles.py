"""Styles by name or by file: a name stays a name, so that it means the same on every machine."""

from __future__ import annotations

from pathlib import Path

from portrait_nst import named_styles
from portrait_nst.batch.storage.content import load
from portrait_nst.batch.storage.listing import entry_type
from portrait_nst.batch.storage.location import Location, Url, join
from portrait_nst.types import Photo


def resolve_style(base: Location, name: str | Path | Url) -> Location:
    """The style that `name` means in the folder `base`: an absolute path, a URL, or the name of one in the package.

    A name is not turned into a path, because the package may lie elsewhere on another machine. Raises InputError for a name
    that no style has.
    """
    word = str(name)
    there = join(base, word)
    # A folder cannot be meant: it may be the batch's own output by now.
    if named_styles.is_name(word) and entry_type(there) != "file":
        return Path(named_styles.named(word).stem)
    return there


def style_picture(style: Location) -> Location:
    """Where the picture of a resolved `style` lies on this machine."""
    if isinstance(style, Path) and not style.is_absolute():
        return named_styles.named(style)
    return style


def load_style(style: Location) -> Photo:
    """The picture in the file `style`, or the learned network, with which quality instant paints. Raises PortraitError."""
    from portrait_nst.pipeline.instant.style_file import is_learned_file, load_learned

    return load_learned(style) if isinstance(style, Path) and is_learned_file(style) else load(style)
