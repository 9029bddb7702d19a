"""The presets of `--quality`: size, scales and steps of a painting, for each method."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Quality:
    """A preset of `--quality`.

    size:       longest side that is painted, in pixels.
    scales:     painted sizes, coarse to fine, as fractions of `size`.
    iterations: greatest number of optimiser steps at each of them.
    tolerance:  a scale ends when the objective falls by less than this fraction over eight steps.
    """

    size: int
    scales: tuple[float, ...]
    iterations: tuple[int, ...]
    tolerance: float


# Chosen for each method. Nearest features are asked for again every few steps, so that no scale settles: no tolerance.
QUALITIES: dict[str, dict[str, Quality]] = {
    "painterly": {
        "draft": Quality(400, (0.25, 0.5, 1.0), (12, 7, 4), 0.0),
        "standard": Quality(512, (0.25, 0.5, 1.0), (36, 24, 14), 0.0),
        "fine": Quality(1024, (0.125, 0.25, 0.5, 1.0), (60, 50, 40, 24), 0.0),
    },
    "gram": {
        "draft": Quality(448, (0.3, 0.6, 1.0), (12, 8, 5), 0.03),
        "standard": Quality(512, (0.25, 0.5, 1.0), (40, 30, 24), 0.01),
        "fine": Quality(768, (0.25, 0.5, 0.71, 1.0), (80, 60, 40, 40), 0.004),
    },
}

# What a network paints at once, with either method.
INSTANT = Quality(512, (1.0,), (1,), 0.0)

OF_CLIPS = "instant"  # the quality of films, unless another is asked for: they have hundreds of frames
