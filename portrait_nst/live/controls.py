"""What the person before the camera can change while it runs, and by which keys."""

from __future__ import annotations

from dataclasses import dataclass, replace

STEP = 0.1  # of --strength by one press
KEYS = (
    ("n p", "next, previous style"),
    ("+ -", "stronger, weaker"),
    ("m", "mirror"),
    ("b", "the person alone, or everything"),
    ("s", "save a picture, painted again in standard"),
    ("r", "record, or stop"),
    ("f", "take colours and statistics anew"),
    ("h", "these words"),
    ("q", "quit (also Esc)"),
)
ESCAPE = 27


@dataclass(frozen=True)
class Controls:
    """What is set now.

    style:     the number of the style, from 0.
    strength:  as in `Settings`, 0 to 1.
    mirror:    whether left and right change places, as in a mirror.
    matte:     whether only the person is painted.
    recording: whether what is shown is written into a film.
    help:      whether the keys are shown.
    saved:     how many pictures were asked for so far.
    fresh:     how often statistics were asked for anew.
    quit:      whether it ends.
    """

    style: int = 0
    strength: float = 0.5
    mirror: bool = True
    matte: bool = True
    recording: bool = False
    help: bool = False
    saved: int = 0
    fresh: int = 0
    quit: bool = False


def pressed(controls: Controls, key: int, styles: int) -> Controls:
    """`controls` after a `key` (its character's number; -1 for none) was pressed, where there are so many `styles`."""
    match chr(key).lower() if 0 <= key < 0x110000 else "":
        case "n" | " ":
            return replace(controls, style=(controls.style + 1) % styles)
        case "p":
            return replace(controls, style=(controls.style - 1) % styles)
        case "+" | "=":
            return replace(controls, strength=min(1.0, round(controls.strength + STEP, 2)))
        case "-" | "_":
            return replace(controls, strength=max(0.0, round(controls.strength - STEP, 2)))
        case "m":
            return replace(controls, mirror=not controls.mirror)
        case "b":
            return replace(controls, matte=not controls.matte)
        case "s":
            return replace(controls, saved=controls.saved + 1)
        case "r":
            return replace(controls, recording=not controls.recording)
        case "f":
            return replace(controls, fresh=controls.fresh + 1)
        case "h" | "?":
            return replace(controls, help=not controls.help)
        case "q":
            return replace(controls, quit=True)
    return replace(controls, quit=True) if key == ESCAPE else controls
