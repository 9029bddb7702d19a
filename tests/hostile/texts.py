"""Hostile texts: JSON with other values, tokens swapped, deep nesting, long lines, other encodings."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

from tests.hostile.flips import MUTATORS, Rng

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 0.5, -0.0, 1e308, -1e308, float("nan"), float("inf"), 10**40, 10**400, 2**63, -(2**63),
    "", " ", "0", "-1", "nan", "inf", "1e999", "9" * 5000, "\0", "a\0b", "\ud800", "\udfff\ud800", "é\u202e\u2028", "\x1b[31m",
    "line\nline\r\nline", ".", "..", "../outside", "/", "/dev/zero", "/proc/self/mem", "~", "a" * 300, "a" * 70_000, "//x//", "file:///etc/passwd",
    "#12345", "#GGGGGG", "#+1+1+1", "3x", "x", "1x2x3", "a+b", "+", ";", "=", "{}", "%s%n", "{0}",
    "auto", "none", "default", "True",
    [], {}, [[]], [None], [1, 2], ["a", 1], {"a": 1}, {"": ""}, [[[[[[]]]]]], list(range(300)),
)  # fmt: skip
_TOKENS = (
    "null", "NaN", "-Infinity", "1e999", '"', "'", ",", ";", "\t", "\0", "\ud800", "\ufeff",
    "\u2028", "\r", "\n", "{", "}", "[", "]",
    "<", "&amp;", "&x;", "#", "=", "\\", "\\u", "-", "9" * 400, "1" + "0" * 5000, "ⅷ", "٣", "²", "\x1b[2J", "true",
)  # fmt: skip
MOST_REPEATED = 4_000_000  # characters: a text of one long line, repeated three times over, took all memory
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "latin-1", "cp1252", "utf-7")


def value(rng: Rng) -> Any:
    """A value that no reader expects."""
    return copy.deepcopy(VALUES[int(rng.integers(len(VALUES)))])


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a JSON value."""
    if not isinstance(node, (dict, list)):
        return []
    keys = list(node) if isinstance(node, dict) else list(range(len(node)))
    return [(node, key) for key in keys] + [place for key in keys for place in _places(node[key])]


def json_value(rng: Rng, whole: Any) -> Any:
    """`whole` with one to three of its values replaced, removed, or under another name."""
    whole = copy.deepcopy(whole)
    for _ in range(int(rng.integers(1, 4))):
        places = _places(whole)
        if not places:
            return value(rng)
        holder, key = places[int(rng.integers(len(places)))]
        action = int(rng.integers(8))
        if action == 0:
            del holder[key]
        elif action == 1 and isinstance(holder, dict):
            holder[str(value(rng))] = holder.pop(key)
        elif action == 2:
            other, there = places[int(rng.integers(len(places)))]
            holder[key] = (
                copy.deepcopy(other[there])
                if there in (other if isinstance(other, dict) else range(len(other)))
                else None
            )
        else:
            holder[key] = value(rng)
    return whole


def dumps(whole: Any) -> str:
    """JSON as Python writes it, NaN and lone surrogates included."""
    return json.dumps(whole)


def _swap(rng: Rng, text: str) -> str:
    """Two words change places."""
    words = re.findall(r"\w+|\W", text)
    if len(words) < 2:
        return text * 2
    a, b = (int(rng.integers(len(words))) for _ in range(2))
    words[a], words[b] = words[b], words[a]
    return "".join(words)


def _insert(rng: Rng, text: str) -> str:
    at = int(rng.integers(len(text) + 1))
    return text[:at] + _TOKENS[int(rng.integers(len(_TOKENS)))] * int(rng.integers(1, 4)) + text[at:]


def _replace(rng: Rng, text: str) -> str:
    """A word becomes a hostile value."""
    words = list(re.finditer(r"\w+", text))
    if not words:
        return text
    found = words[int(rng.integers(len(words)))]
    return text[: found.start()] + str(value(rng)) + text[found.end() :]


def _nest(rng: Rng, text: str) -> str:
    """A hundred thousand brackets."""
    opening = ("[", "{", '{"a":', "<g>", "(", '"', "[[")[int(rng.integers(7))]
    at = int(rng.integers(len(text) + 1)) if rng.random() < 0.5 else 0
    return text[:at] + opening * 100_000 + text[at:]


def _widen(rng: Rng, text: str) -> str:
    """A hundred thousand columns, or lines, or a very long line."""
    part = (",a", "\n", ",", "a", "\n0", " ")[int(rng.integers(6))]
    at = int(rng.integers(len(text) + 1))
    return text[:at] + part * 100_000 + text[at:]


def _repeat(rng: Rng, text: str) -> str:
    lines = text.splitlines(keepends=True) or [""]
    at = int(rng.integers(len(lines)))
    times = min(int(rng.integers(2, 300)), 2 + MOST_REPEATED // (len(lines[at]) + 1))
    return "".join([*lines[:at], lines[at] * times, *lines[at + 1 :]])


_TEXTS: tuple[Callable[[Rng, str], str], ...] = (
    _swap,
    _insert,
    _insert,
    _replace,
    _replace,
    _replace,
    _nest,
    _widen,
    _repeat,
)


def mutated(rng: Rng, text: str) -> bytes:
    """`text` changed once to three times as text, and seldom as bytes or in its encoding."""
    for _ in range(int(rng.integers(1, 4))):
        text = _TEXTS[int(rng.integers(len(_TEXTS)))](rng, text)
    encoding = _ENCODINGS[int(rng.integers(len(_ENCODINGS)))] if rng.random() < 0.15 else "utf-8"
    data = text.encode(encoding, errors="replace" if encoding in ("latin-1", "cp1252") else "surrogatepass")
    if rng.random() < 0.15 and data:
        data = MUTATORS[int(rng.integers(len(MUTATORS)))](rng, data)
    return data
