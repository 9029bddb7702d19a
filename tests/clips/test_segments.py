"""Segments keep samples and time stamps, and appear whole or not at all."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from portrait_nst import InputError
from portrait_nst.clips import SegmentWriter, choose, probe, read
from portrait_nst.clips.segments import opened
from portrait_nst.clips.timeline import Timeline
from tests.clips.makers import plain_clip
from tests.clips.readers import segments

UNEVEN = (100, 3103, 6200, 9109, 15115, 18200, 21118, 24100, 30130, 33500, 36600, 39700)


def source(folder: Path, codec: str = "libx264", pixel_format: str = "yuv420p") -> Path:
    return plain_clip(
        folder, codec, pixel_format, frames=12, times=UNEVEN, time_base=Fraction(1, 90_000), suffix=".mov", name="source"
    )


@pytest.mark.parametrize("codec", ["h264", "hevc", "vp9", "av1", "ffv1"])
def test_times_are_exact_and_decoding_times_rise(codec: str, tmp_path: Path) -> None:
    path = source(tmp_path)
    encoding = choose(Path("a.mkv"), codec, probe(path))
    with read(path) as clip:
        made = segments(tmp_path, clip, encoding, 5)
        stamps = [frame.pts for frame in clip]
    timeline = Timeline(made)
    assert len(made) == 3
    assert timeline.shown == stamps
    assert timeline.time_base == Fraction(1, 90_000)
    packets = list(timeline.packets(0))
    assert sorted(packet.pts or 0 for packet in packets) == stamps
    decoded = [packet.dts or 0 for packet in packets]
    assert all(earlier < later for earlier, later in zip(decoded, decoded[1:], strict=False))
    assert all((packet.dts or 0) <= (packet.pts or 0) for packet in packets)
    assert [packet.is_keyframe for packet in packets][::5] == [True] * 3
    if codec in ("h264", "hevc"):
        assert timeline.delay > 0, "the test is of pictures that are decoded out of their turn"


def test_a_segment_without_an_end_leaves_nothing(tmp_path: Path) -> None:
    path = source(tmp_path)
    encoding = choose(Path("a.mkv"), "ffv1", probe(path))
    with read(path) as clip, pytest.raises(KeyboardInterrupt), SegmentWriter(tmp_path / "s", encoding, clip.info) as out:
        for frame in clip:
            out.write(frame)
        raise KeyboardInterrupt
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_an_empty_segment_is_no_file(tmp_path: Path) -> None:
    path = source(tmp_path)
    with SegmentWriter(tmp_path / "s", choose(Path("a.mkv"), "ffv1", probe(path)), probe(path)):
        pass
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_what_is_no_segment_or_stands_in_the_wrong_place(tmp_path: Path) -> None:
    path = source(tmp_path)
    (tmp_path / "text").write_text("no clip")
    for file in (path, tmp_path / "text"):
        with pytest.raises(InputError, match="no segment of a clip"), opened(file):
            pass
    with read(path) as clip:
        made = segments(tmp_path, clip, choose(Path("a.mkv"), "ffv1", clip.info), 5)
    with pytest.raises(InputError, match="does not follow"):
        Timeline([made[1], made[0]])
    with pytest.raises(InputError, match="nothing to join"):
        Timeline([])


def test_the_last_frame_stays_as_long_as_it_did(tmp_path: Path) -> None:
    path = source(tmp_path)
    with read(path) as clip:
        last = list(clip)[-1]
        made = segments(tmp_path, clip, choose(Path("a.mkv"), "ffv1", clip.info), 12)
    assert last.duration > 0
    assert Timeline(made).end == last.pts + last.duration


def test_odd_sizes_stay_whole(tmp_path: Path) -> None:
    pictures = [np.full((61, 91, 3), 40 * i, np.uint8) for i in range(3)]
    path = plain_clip(tmp_path, "ffv1", "yuv420p", pictures=pictures)
    for codec, size in (("h264", (62, 92)), ("av1", (61, 91)), ("ffv1", (61, 91))):
        encoding = choose(Path("a.mkv"), codec, probe(path))
        with read(path) as clip, SegmentWriter(tmp_path / codec, encoding, clip.info) as out:
            for frame in clip:
                out.write(frame)
        with opened(tmp_path / codec) as (_, container):
            stream = container.streams.video[0]
            assert (stream.height, stream.width) == size
        assert bool(out.notes) == (codec == "h264")
    assert "the last column and row stands twice" in SegmentWriter(
        tmp_path / "x", choose(Path("a.mp4"), None, probe(path)), probe(path)
    ).notes[0]
