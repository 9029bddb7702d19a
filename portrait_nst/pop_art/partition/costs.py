"""What short edges and many vertices cost, beside the tonal error of a border."""

from __future__ import annotations

from dataclasses import dataclass

from portrait_nst.pop_art.partition.framing import Frame


@dataclass(frozen=True)
class StraightnessCosts:
    """What straightness costs, in frame pixels and squared lightness.

    vertex:    the cost of one vertex.
    shortest:  edges under this length cost up to `short` more.
    short:     the cost of an edge without length.
    deviation: how far an edge may leave the exact border.
    """

    vertex: float = 2.0
    shortest: float = 34.0
    short: float = 14.0
    deviation: float = 15.0


def costs_for(frame: Frame, detail: float) -> StraightnessCosts:
    """The costs at a detail in [0, 1]; lengths grow with a frame that is larger than a bust."""
    loose = 1.6 ** (1 - 2 * detail)
    grow = max(1.0, frame.diagonal / 1200)
    base = StraightnessCosts()
    return StraightnessCosts(
        vertex=base.vertex * loose,
        shortest=base.shortest * loose**0.3 * grow / frame.unit,
        short=base.short,
        deviation=base.deviation * loose**0.5,
    )
