"""What a likeness means, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portrait_nst.types import Likeness

# Two photos of one person have .65 to .8, and below .5 it could be somebody else: see `types.Likeness`.
WORDS = (
    (0.8, "unmistakable: more alike than two photos of one person usually are"),
    (0.65, "clearly the same person, as on another photo"),
    (0.5, "recognisable, though not at first sight"),
    (0.0, "hardly recognisable: it could be somebody else"),
)
LOST = "no face is found in the picture"
LEAST = "; of several faces this is the least alike"


def told(likeness: Likeness | None, faces: int = 1) -> dict[str, Any] | None:
    """{"value", "words"} of a likeness, as `models.Likeness`; None where no face is painted. faces: how many are."""
    if likeness is None:
        return None
    if not likeness.found:
        return {"value": 0.0, "words": LOST + (LEAST if faces > 1 else "")}
    value = round(likeness.value, 4)
    return {"value": value, "words": in_words(value) + (LEAST if faces > 1 else "")}


def in_words(value: float) -> str:
    """The words for a likeness from 0 to 1."""
    return next(words for least, words in WORDS if value >= least)
