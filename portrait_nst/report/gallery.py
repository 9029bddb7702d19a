"""An HTML page of captioned pictures in sections, complete in one file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from portrait_nst import imaging
from portrait_nst.errors import PortraitError
from portrait_nst.report.outputs import check_file, write
from portrait_nst.report.page import KINDS, picture_uri, render_template
from portrait_nst.types import Photo

_TEMPLATE = "gallery.html.j2"
_THUMB = 320  # pixels


@dataclass(frozen=True)
class Card:
    """One picture of the page.

    picture: a file, a function that gives a photo, or None.
    name:    its caption; note: text under that in grey; error: what went wrong, or "".
    """

    picture: Path | Callable[[], Photo] | None
    name: str
    note: str = ""
    error: str = ""


def write_gallery(
    sections: Sequence[tuple[str, Sequence[Card]]],
    path: str | Path,
    *,
    title: str,
    facts: Sequence[tuple[str, str]] = (),
    overwrite: bool = False,
) -> Path:
    """Write a page of titled `sections` to `path` (.html), headed by `facts`; returns the path.

    A picture that is gone or cannot be shown (.svg, .pdf) leaves its caption. Raises InputError as `check_file` does.
    """
    target = check_file(path, KINDS, "The report", overwrite=overwrite)
    shown = [(name, [(card, _thumb(card.picture)) for card in cards]) for name, cards in sections]
    page = render_template(_TEMPLATE, title=title, facts=facts, sections=shown)
    return write(target, page, overwrite=overwrite)


def _thumb(picture: Path | Callable[[], Photo] | None) -> str:
    if picture is None:
        return ""
    try:
        photo = imaging.load(picture) if isinstance(picture, Path) else picture()
    except PortraitError:
        return ""
    return picture_uri(photo, _THUMB)
