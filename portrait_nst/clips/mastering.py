"""What an HDR clip says of the display that it was graded on, and of its brightest pixels (SMPTE ST 2086, CTA-861.3)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

_COORDINATE = 50_000  # units of a chromaticity in the bit stream
_NIT = 10_000  # and of a luminance
_DISPLAY = struct.Struct("=20i2i")  # AVMasteringDisplayMetadata: red, green, blue, white; least and greatest; what is there
_LIGHT = struct.Struct("=2I")  # AVContentLightMetadata


@dataclass(frozen=True)
class Mastering:
    """The display and the brightest pixels of an HDR clip.

    display: x and y of red, green, blue and white, the least and the greatest luminance in nits; () where nothing is known.
    light:   the greatest luminance of a pixel, and the greatest mean of a frame, in nits; () where nothing is known.
    """

    display: tuple[Fraction, ...] = ()
    light: tuple[int, ...] = ()

    def options(self, codec: str) -> dict[str, str]:
        """What x265 ("hevc") and SVT-AV1 ("av1") are told of it: entries of their parameters; other encoders take none."""
        found: dict[str, str] = {}
        if self.display:
            scaled = codec == "hevc"  # whole units; SVT-AV1 takes decimals
            x265 = [round(value * _COORDINATE) for value in self.display[:8]]
            x265 += [round(value * _NIT) for value in self.display[8:]]
            values = [str(value) for value in x265] if scaled else [f"{float(value):.5f}" for value in self.display]
            pairs = [f"({x},{y})" for x, y in zip(values[:8:2], values[1:8:2], strict=True)]
            red, green, blue, white = pairs
            name = "master-display" if scaled else "mastering-display"
            found[name] = f"G{green}B{blue}R{red}WP{white}L({values[9]},{values[8]})"
        if self.light:
            found["max-cll" if codec == "hevc" else "content-light"] = f"{self.light[0]},{self.light[1]}"
        return found if codec in ("hevc", "av1") else {}


def mastering_of(path: Path) -> Mastering:
    """What the first frame of the clip `path` says of it."""
    import av
    from av.sidedata.sidedata import Type

    with av.open(str(path)) as clip:
        for frame in clip.decode(video=0):
            display = frame.side_data.get(Type.MASTERING_DISPLAY_METADATA)  # type: ignore[call-overload]
            light = frame.side_data.get(Type.CONTENT_LIGHT_LEVEL)  # type: ignore[call-overload]
            return Mastering(
                () if display is None else _display(bytes(display)),
                () if light is None else _LIGHT.unpack_from(bytes(light)),
            )
    return Mastering()


def _display(said: bytes) -> tuple[Fraction, ...]:
    numbers = _DISPLAY.unpack_from(said)
    if not all(numbers[20:]) or not all(numbers[1:20:2]):
        return ()
    return tuple(Fraction(above, below) for above, below in zip(numbers[:20:2], numbers[1:20:2], strict=True))
