"""What the library says, in words for somebody at the page, who has buttons instead of commands, options and folders."""

from __future__ import annotations

import re
from collections.abc import Iterable

from portrait_nst.errors import without_paths

_OURS = re.compile(
    r"(?<![^\s'\"`(=])(?:[A-Za-z]:)?[/\\][^\n'\"`]*?[/\\](?:things|jobs|incoming)[/\\][0-9a-f]{16}[/\\]?"
)
"""A folder of the studio, whose path may hold blanks."""
_SAID = (
    # `pipeline.instant.preview` names the command that learns a painting, with the paths of its files.
    (
        re.compile(r"; this learns (it|them) in three minutes: portrait-nst learn .*$"),
        r"; to have \1 learned takes three minutes: Learn it, beside the preview",
    ),
    (
        re.compile(r"; save the picture to a file, and `portrait-nst learn FILE` learns it in three minutes"),
        "; to have it learned takes three minutes: Learn it, beside the preview",
    ),
    (re.compile(r", or try another `?--segmenter`?"), ""),
    (re.compile(r"; (?:[^;]*--again[^;]*)$"), ""),
    (re.compile(r" \([^()]*(?:in Python\b|=True\b|region='all')[^()]*\)"), ""),  # how a program says it
    (re.compile(r"`--frame photo` shows all"), "the frame Whole photo shows all"),
    (re.compile(r"`--person 2` \(counted from the left\)"), "choose"),
    (re.compile(r"--([a-z][a-z-]*)"), lambda found: found[1].replace("-", " ")),
    (re.compile("`"), ""),
)


def plain(text: str) -> str:
    """`text` without folders of this machine, commands and names of options."""
    text = _OURS.sub("", text)
    for what, instead in _SAID:
        text = what.sub(instead, text)
    return without_paths(text)


def plainly(notes: Iterable[str]) -> list[str]:
    """`notes` in such words, each once."""
    return list(dict.fromkeys(map(plain, notes)))
