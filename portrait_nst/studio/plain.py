"""What the library says, in words for somebody at the page, who has buttons instead of commands, options and folders."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from portrait_nst.errors import without_paths

_OURS = re.compile(
    r"(?:(?<![^\s'\"`(=])(?:[A-Za-z]:)?[/\\][^\n'\"`]*?[/\\]|(?<![\w.~/\\-])(?:[\w.~-]+[/\\])*)"
    r"(?:things|jobs|incoming)[/\\](?P<id>[0-9a-f]{16})(?P<file>[/\\]file\b)?[/\\]?"
)
"""A folder of the studio, or the file of an upload. The path may hold blanks where it begins at the root."""
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
    (  # `imaging.decoding.limits`: whoever starts a studio decides that, and its limit stays
        re.compile(
            r" If it is (?:no decompression bomb|neither), set the environment variable \w+ (?:higher, .*|to \w+\.)$"
        ),
        " Bring a smaller copy of it, saved anew.",
    ),
    (re.compile(r", or try another `?--segmenter`?"), ""),
    (re.compile(r"; (?:[^;]*--again[^;]*)$"), ""),
    (re.compile(r" \([^()]*(?:in Python\b|=True\b|region='all')[^()]*\)"), ""),  # how a program says it
    (re.compile(r"`--frame photo` shows all"), "the frame Whole photo shows all"),
    (re.compile(r"`--person 2` \(counted from the left\)"), "choose"),
    (re.compile(r"--([a-z][a-z-]*)"), lambda found: found[1].replace("-", " ")),
    (re.compile("`"), ""),
)


def plain(text: str, name_of: Callable[[str], str] | None = None) -> str:
    """`text` without folders of this machine, commands and names of options.

    name_of: how the user's file is called of which ours is the upload, by its id; "" for what is not known.
    """

    def ours(found: re.Match[str]) -> str:
        if found["file"] is None:
            return ""
        return (name_of(found["id"]) if name_of is not None else "") or "the file"

    text = _OURS.sub(ours, text)
    for what, instead in _SAID:
        text = what.sub(instead, text)
    return without_paths(text)


def plainly(notes: Iterable[str], name_of: Callable[[str], str] | None = None) -> list[str]:
    """`notes` in such words, each once."""
    return list(dict.fromkeys(plain(note, name_of) for note in notes))
