"""The help of settings as a page says it: of fields and uploads, where the command line has options and files."""

from __future__ import annotations

import re
from typing import Any

_OPTION = re.compile(r"--([a-z][a-z-]*)")
_WORDS = (
    ("that `portrait-nst learn` learned paints", "that has learned the style paints"),
    (": see `portrait-nst layers`", ""),
    ("FILE or name", "of the wall or your own"),
    ("(FILE)", "(an uploaded picture)"),
    ("STYLE gives", "the chosen style gives"),
    ("; repeat", ""),
    (", a file, or '#", ", or '#"),
)


def for_page(entry: dict[str, Any]) -> dict[str, Any]:
    """A setting's description, as `settings.describe` gives it, in words that fit a page."""
    return entry | {name: words(str(entry[name])) for name in ("help", "more")}


def words(text: str) -> str:
    """A text of help in words that fit a page."""
    for ours, theirs in _WORDS:
        text = text.replace(ours, theirs)
    return _OPTION.sub(lambda found: f"“{found[1].capitalize().replace('-', ' ')}”", text)
