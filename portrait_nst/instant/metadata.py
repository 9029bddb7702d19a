"""What a learned file says about itself, as JSON, and how it is read from a file that anybody may have made."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from portrait_nst.instant.network import About, Painting

FORMAT = 1  # raised when older readers would misunderstand a file
MOST_PAINTINGS = 10_000  # of a movement
LONGEST_TEXT = 255  # characters of a name or of a setting's value
MOST_SETTINGS = 100
GREATEST = 1e9  # of a number of steps or seconds, of a weight, and of the scale
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Metadata:
    """The values of a `Network` that are no tensors, and how its weights are stored: "float16" or "int8"."""

    weights: str
    scale: float
    grain: float
    about: About


class Unfit(Exception):
    """Says, as the end of a sentence, what is wrong with a file."""


def to_json(metadata: Metadata, body: memoryview) -> str:
    """`metadata` of a file with the numbers `body` as JSON; the same for the same values.

    Raises Unfit for values that `from_json` would refuse.
    """
    about = {**asdict(metadata.about), "steps": int(metadata.about.steps), "seconds": float(metadata.about.seconds)}
    about["settings"] = {_plain(name): _plain(value) for name, value in metadata.about.settings.items()}
    for painting in about["paintings"]:
        painting["name"] = _plain(painting["name"])
    values = {
        "format": FORMAT,
        "weights": metadata.weights,
        "scale": float(metadata.scale),
        "grain": float(metadata.grain),
        "about": about,
    }
    _checked(values)
    return json.dumps({**values, "sha256": _digest(values, body)}, sort_keys=True)


def from_json(text: str, body: memoryview) -> Metadata:
    """The metadata in `text` of a file with the numbers `body`. Raises Unfit for anything but what `to_json` writes."""
    try:
        values = json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise Unfit("its description is no JSON") from None
    if not isinstance(values, dict):
        raise Unfit("its description is no JSON object")
    number = values.get("format")
    if type(number) is not int:
        raise Unfit("its description gives no format number")
    if number > FORMAT:
        raise Unfit(f"it has the format {number}, of a newer version; this one reads {FORMAT}: update portrait_nst")
    if number < FORMAT:
        raise Unfit(f"it has the format {number}, which is no longer read, only {FORMAT}: learn the painting again")
    if values.pop("sha256", None) != _digest(values, body):
        raise Unfit("it is damaged or cut off (its sha256 does not fit its content)")
    return _checked(values)


def _digest(values: Mapping[str, Any], body: memoryview) -> str:
    """The sha256 of a description and of the numbers that it goes with, so that a changed bit is noticed."""
    found = hashlib.sha256(json.dumps(values, sort_keys=True).encode())
    found.update(body)
    return found.hexdigest()


def _checked(values: Mapping[str, Any]) -> Metadata:
    about, weights = _object(values, "about"), values.get("weights")
    if weights not in ("float16", "int8"):
        raise Unfit("its weights are neither float16 nor int8")
    paintings, settings = about.get("paintings"), _object(about, "settings")
    if not isinstance(paintings, (list, tuple)) or len(paintings) > MOST_PAINTINGS:
        raise Unfit("its description has no list of paintings")
    steps = about.get("steps")
    if type(steps) is not int or not 0 <= steps <= GREATEST:
        raise Unfit("its description gives no number of steps")
    return Metadata(
        weights=weights,
        scale=_number(values, "scale", above=0),
        grain=_number(values, "grain", most=1),
        about=About(
            paintings=tuple(_painting(each) for each in paintings),
            steps=steps,
            seconds=_number(about, "seconds"),
            settings=_settings(settings),
            encoder_sha256=_digits(about, "encoder_sha256", or_none=True),
        ),
    )


def printable(text: str) -> str:
    """`text` with what ends a line, steers a terminal or cannot be shown written as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _plain(value: Any) -> Any:
    """`value` as a setting that a file may hold: what is no number in range is text, so that nothing learned is lost for it."""
    if value is None or (isinstance(value, (int, float)) and abs(value) <= GREATEST):
        return value
    return printable(str(value))[:LONGEST_TEXT]


def _painting(values: object) -> Painting:
    if not isinstance(values, dict):
        raise Unfit("a painting of its description is no JSON object")
    return Painting(_text(values.get("name"), "name"), _digits(values, "sha256"), _number(values, "weight", above=0))


def _settings(values: Mapping[str, object]) -> dict[str, Any]:
    if len(values) > MOST_SETTINGS:
        raise Unfit(f"its description has more than {MOST_SETTINGS} settings")
    for name, value in values.items():
        _text(name, "setting")
        if isinstance(value, str):
            _text(value, "setting")
        elif isinstance(value, (int, float)):
            if not abs(value) <= GREATEST:
                raise Unfit("a setting of its description is out of range")
        elif value is not None:
            raise Unfit("a setting of its description is neither a number nor text")
    return dict(values)


def _object(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = values.get(name)
    if not isinstance(found, dict):
        raise Unfit(f"its description has no {name}")
    return found


def _text(value: object, what: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or not value.isprintable():
        raise Unfit(f"a {what} of its description is no text of at most {LONGEST_TEXT} printable characters")
    return value


def _digits(values: Mapping[str, Any], name: str, or_none: bool = False) -> str:
    found = values.get(name)
    if isinstance(found, str) and (_SHA256.fullmatch(found) or (or_none and not found)):
        return found
    raise Unfit(f"the {name} of its description is no sha256")


def _number(values: Mapping[str, Any], name: str, *, above: float | None = None, most: float = GREATEST) -> float:
    """A finite number in [0, `most`], greater than `above` where that is given."""
    found: Any = values.get(name)
    number = isinstance(found, (int, float)) and not isinstance(found, bool)
    if number and 0 <= found <= most and (above is None or found > above):
        return float(found)
    raise Unfit(f"the {name} of its description is no number in its range")


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")
