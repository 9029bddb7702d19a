"""The pictures of all segments in one row of packets, with the time stamps of the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait_nst.clips.segments import opened
from portrait_nst.errors import InputError

if TYPE_CHECKING:
    from av import Packet


class Timeline:
    """When the pictures of joined segments are shown and decoded, in units of `time_base` seconds of the source's clock.

    shown: of each picture, ascending.
    end:   when the last one ends.
    rotation: degrees counter-clockwise by which pictures are turned to be upright.

    Only the last frame's duration counts: those of the others are what lies between time stamps. (What MP4 says of a frame's
    duration is wrong where pictures are decoded out of their turn and times are uneven.)

    Segments were encoded apart, and where frames have uneven times, the decoding times of one could lie after those of the
    next. They are made anew for the whole: with `delay` the most places by which a picture is decoded after its turn, the picture
    decoded n-th has the time at which the one `delay` places earlier is shown, which is never later than its own.
    """

    def __init__(self, segments: Sequence[Path]) -> None:
        """Raises InputError where there are none, or where one is no segment or does not follow upon the one before."""
        if not segments:
            raise InputError("There is nothing to join: no segment was written.")
        self._segments = segments
        self.shown: list[int] = []
        self.delay = self.end = 0
        bases = set()
        for path in segments:
            with opened(path) as (segment, container):
                packets = [(packet.pts, packet.duration) for packet in container.demux(video=0) if packet.pts is not None]
                times = [time for time, _ in packets]
                ranks = {time: place for place, time in enumerate(sorted(times))}
                if len(ranks) < len(times) or not times or (self.shown and segment.first <= self.shown[-1]):
                    raise InputError(f"{path} does not follow upon the segment before it.")
                self.delay = max(self.delay, max(place - ranks[time] for place, time in enumerate(times)))
                self.shown += [segment.first + time for time in ranks]
                self.end = segment.first + sum(value or 0 for value in max(packets))
                self.rotation, self.time_base = segment.rotation, segment.time_base
                bases.add(segment.time_base)
        if len(bases) > 1:
            raise InputError("The segments count time in different units; they are not of one clip.")

    @property
    def rate(self) -> Fraction:
        """Frames a second on average."""
        return Fraction(len(self.shown), max(1, self.end - self.shown[0])) / self.time_base

    @property
    def first_second(self) -> Fraction:
        """When the first picture is shown, in seconds."""
        return self.shown[0] * self.time_base

    @property
    def last_second(self) -> Fraction:
        """When the last picture ends, in seconds."""
        return self.end * self.time_base

    def decoded(self, place: int) -> int:
        """When the picture that is decoded as number `place` is decoded."""
        if place >= self.delay:
            return self.shown[place - self.delay]
        # As long before the first picture as the last ones are apart: MP4 takes a clip to last as long as its decoding.
        ahead = max(self.delay, self.shown[-1] - self.shown[-1 - self.delay])
        return self.shown[0] - ahead * (self.delay - place) // self.delay

    def packets(self, origin: int) -> Iterator[Packet[Any]]:
        """All packets in the order of decoding, with their times less `origin`."""
        place = 0
        stays = dict(zip(self.shown, [later - here for here, later in zip(self.shown, [*self.shown[1:], self.end])]))
        for path in self._segments:
            with opened(path) as (segment, container):
                for packet in container.demux(video=0):
                    if packet.pts is None:
                        continue
                    shown = segment.first + packet.pts
                    packet.pts, packet.dts = shown - origin, self.decoded(place) - origin
                    packet.duration, packet.time_base = stays[shown], self.time_base
                    place += 1
                    yield packet
