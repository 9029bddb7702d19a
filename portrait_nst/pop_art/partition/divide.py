"""Dividing a photograph step by step: into tones, regions, their borders, straight borders, and segments."""

from __future__ import annotations

from portrait_nst.pop_art.partition import parts, regions, slivers, tones
from portrait_nst.pop_art.partition.cleanup import clean_up, snap
from portrait_nst.pop_art.partition.costs import costs_for
from portrait_nst.pop_art.partition.edge_cost import EdgeCost
from portrait_nst.pop_art.partition.framing import Frame
from portrait_nst.pop_art.partition.regions import Regions
from portrait_nst.pop_art.partition.segments import Partition, assemble
from portrait_nst.pop_art.partition.straighten import straighten
from portrait_nst.pop_art.partition.topology import faces, is_partition
from portrait_nst.pop_art.partition.trace import trace


def divide(
    frame: Frame, tone_count: int, detail: float, segments: int | None = None, even: float = tones.EVEN
) -> Partition:
    """The segments of a frame.

    detail:   0 (few, large segments) to 1 (many, small ones).
    segments: how many to aim for, or None to leave that to `detail`, which otherwise grows until there are enough.
    even:     the share of the slow change of light over the face that is taken away; see `tones.smooth`.

    The result is always a valid coverage of the frame. Where the cleaned borders are not, less clean ones take their
    place, and `Partition.notes` says so.
    """
    found = _regions(frame, tone_count, detail, segments, even)
    while segments is not None and len(found.tones) < segments and detail < 1:
        detail = min(1.0, detail + 0.25)
        found = _regions(frame, tone_count, detail, segments, even)
    return drawn(frame, found, tone_count, detail, merge_thin_regions=segments is None)


def drawn(frame: Frame, found: Regions, tone_count: int, detail: float, merge_thin_regions: bool = True) -> Partition:
    """Regions of a frame as segments with straight borders; see `divide`."""
    exact = trace(found.labels)
    edge_cost, costs = EdgeCost(frame, found), costs_for(frame, detail)
    straight = straighten(exact, edge_cost, costs)
    for topology, notes in (
        (clean_up(straight, edge_cost, found, costs, merge_thin_regions=merge_thin_regions), ()),
        (snap(straight), ("borders were left untidied, to keep them from crossing",)),
        (exact, ("borders were left as the pixels have them, to keep them from crossing",)),
    ):
        try:
            polygons, owners = faces(topology)
        except ValueError:
            continue
        if is_partition(polygons, frame.width, frame.height):
            return assemble(frame, found, topology, polygons, owners, tone_count, notes)
    raise AssertionError("the pixels' own borders are always a partition")


def _regions(frame: Frame, tone_count: int, detail: float, segments: int | None, even: float) -> Regions:
    """The regions of a frame, whose borders are still those of pixels."""
    light = tones.smooth(frame, detail, even)
    tone = tones.quantise(frame, light, tone_count)
    tone, fixed = parts.mark_parts(frame, tone, tone_count)
    tone = slivers.remove_slivers(frame, light, tone, tone_count, detail, fixed)
    return regions.find_regions(frame, tone, detail, segments, fixed)
