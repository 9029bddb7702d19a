"""A Griffe extension: the lists of fields and arguments in this project's docstrings become Markdown lists.

A docstring says what a field is on a line of its own, with the texts in a column:

    rgb:    (H, W, 3) uint8 sRGB at the photo's own size.
    alpha:  (H, W) uint8 or None, where a text goes on
            on an indented line.

In a terminal and in an editor that is easy to read; Markdown would make one paragraph of it. The stars of formulas, as in
||G - G*||^2, are kept from meaning emphasis; examples (>>>) are set as code.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

ENTRY = re.compile(r"(?P<name>`{0,2}[a-z_][\w./]*`{0,2}(?:, `{0,2}[a-z_]\w*`{0,2})*)(?::\s+|\s{3,})(?P<text>\S.*)")

STAR = re.compile(r"(?P<kept>`[^`]*`|(?<![\w*])\*\w[^*\n]*?\*(?![\w*]))|\*")


def listed(text: str) -> str:
    """The docstring `text` with every paragraph that is such a list as Markdown."""
    return "\n\n".join(_written(paragraph) for paragraph in re.split(r"\n[ ]*\n", text))


def _written(paragraph: str) -> str:
    if paragraph.startswith(">>>"):
        return f"```pycon\n{paragraph}\n```"
    escaped = _escaped(paragraph)
    return _list(escaped) or escaped


def _escaped(paragraph: str) -> str:
    """A paragraph whose stars are stars, but for those of code and around emphasised words."""
    if paragraph.startswith("    "):
        return paragraph
    return STAR.sub(lambda star: star["kept"] or r"\*", paragraph)


def _list(paragraph: str) -> str:
    """A paragraph as a Markdown list, or "" where it is none."""
    items: list[str] = []
    for line in paragraph.split("\n"):
        if entry := ENTRY.fullmatch(line):
            name = entry["name"].strip("`")
            items.append(f"- **`{name}`**: {entry['text']}")
        elif items and line.startswith("  "):
            items[-1] += f" {line.strip()}"
        elif items and not ENTRY.match(line):
            items.append(f"\n{line}" if not items[-1].startswith("\n") else line)
        else:
            return ""
    return "\n".join(items)


class DocstringLists(griffe.Extension):
    """Rewrites the docstring of every object that Griffe reads."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Rewrite the docstring of `obj`, where it has one."""
        if obj.docstring:
            obj.docstring.value = listed(obj.docstring.value)
