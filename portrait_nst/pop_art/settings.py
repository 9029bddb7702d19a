"""What a pop-art portrait can be asked for: the only place where the defaults live."""

from __future__ import annotations

import re
from dataclasses import dataclass

from portrait_nst.errors import InputError

MODES = ("ramp", "facets", "dots", "grid")
FRAMES = ("auto", "photo", "bust")
HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class PopartSettings:
    """How to divide and colour a portrait.

    tones:      how many tones the person is divided into, 3 to 8.
    detail:     0 (few, large segments) to 1 (many, small ones).
    segments:   how many segments to aim for, background included, 8 to 400; None leaves it to `detail`.
    mode:       "ramp" (one hue a tone), "facets" (several hues a tone), "dots" (Ben-Day dots and ink), "grid" (Warhol).
    palette:    a palette's name, a file, or colours dark to light as "#..,#.."; in "grid", several with ";" between.
    grid:       (columns, rows) of mode "grid", each 1 to 4.
    background: "colour" (the palette's own), "#rrggbb", "transparent", or "keep" (the photo's pixels).
    frame:      "photo" (all of it), "bust" (head and shoulders, needs a face), or "auto": a bust where a face
                was found, except with a kept background.
    outlines:   ink on the silhouette and on borders that jump two tones; None means only in mode "dots".
    likeness:   raise detail and tame the colours, three times at most, while the result's face cannot be found.
    """

    tones: int = 5
    detail: float = 0.5
    segments: int | None = None
    mode: str = "ramp"
    palette: str = ""
    grid: tuple[int, int] = (2, 2)
    background: str = "colour"
    frame: str = "auto"
    outlines: bool | None = None
    likeness: bool = True

    def __post_init__(self) -> None:
        if not 3 <= self.tones <= 8:
            raise InputError(f"tones is {self.tones}; it must be between 3 and 8.")
        if not 0 <= self.detail <= 1:
            raise InputError(f"detail is {self.detail}; it must be between 0 and 1.")
        if self.segments is not None and not 8 <= self.segments <= 400:
            raise InputError(f"segments is {self.segments}; it must be between 8 and 400.")
        if self.mode not in MODES:
            raise InputError(f"mode is {self.mode!r}; it must be one of {', '.join(MODES)}.")
        if self.frame not in FRAMES:
            raise InputError(f"frame is {self.frame!r}; it must be one of {', '.join(FRAMES)}.")
        if not all(1 <= n <= 4 for n in self.grid):
            raise InputError(f"grid is {self.grid[0]}x{self.grid[1]}; each side must be between 1 and 4.")
        if self.mode != "grid" and len([s for s in self.palette.split(";") if s.strip()]) > 1:
            raise InputError(f"Several palettes, {self.palette!r}, are for mode grid only; name one, or use mode grid.")
        if self.background not in ("keep", "colour", "transparent") and not HEX.fullmatch(self.background):
            raise InputError(
                f"background is {self.background!r}; it must be keep, colour, transparent or a colour as #rrggbb."
            )
        if self.background == "keep" and (self.frame == "bust" or self.mode == "grid"):
            raise InputError("A kept background needs the whole photo: use frame photo, and another mode than grid.")
