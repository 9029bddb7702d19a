"""Written clips: samples, colours, sizes, and files that are whole or not there."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from portrait_nst import InputError, ResourceError
from portrait_nst.clips import ClipWriter, SegmentWriter, choose, join, probe, read
from tests.clips.films import film
from tests.clips.makers import phone_clip, plain_clip
from tests.clips.readers import planes, segments


def test_lossless_is_lossless(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (62, 92, 3)).astype(np.uint8) for _ in range(4)]
    for pixel_format in ("yuv420p", "yuvj420p", "yuv422p10le", "yuv444p12le", "gray", "bgr0", "gbrp10le"):
        encoder = "libx264" if pixel_format == "yuvj420p" else "ffv1"
        path = plain_clip(tmp_path, encoder, pixel_format, pictures=pictures, suffix=".mkv")
        out = tmp_path / "out.mkv"
        with read(path) as clip, ClipWriter(out, choose(out, "ffv1", clip.info), clip.info) as writer:
            for shown in clip:
                writer.write(shown)
        for before, after in zip(planes(path), planes(out), strict=True):
            for one, other in zip(before, after, strict=True):
                np.testing.assert_array_equal(one, other, err_msg=pixel_format)


@pytest.mark.parametrize(
    ("matrix", "transfer", "primaries", "full"),
    [(1, 1, 1, False), (6, 6, 6, False), (5, 6, 5, True), (9, 16, 9, False)],
)
@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "h264"), ("a.mp4", "hevc"), ("a.mov", "prores"), ("a.webm", "av1")]
)
def test_colours_are_tagged_as_they_were(
    name: str, codec: str, matrix: int, transfer: int, primaries: int, full: bool, tmp_path: Path
) -> None:
    pictures = [np.full((64, 96, 3), (190, 60, 90), np.uint8)] * 2
    path = plain_clip(
        tmp_path,
        "ffv1",
        "yuv420p10le",
        pictures=pictures,
        matrix=matrix,
        transfer=transfer,
        primaries=primaries,
        full_range=full,
    )
    out = tmp_path / name
    with read(path) as clip, ClipWriter(out, choose(out, codec, clip.info), clip.info) as writer:
        for shown in clip:
            writer.write(shown)
    was, now = probe(path), probe(out)
    matrix = 6 if codec == "prores" and matrix == 5 else matrix  # the same one; ProRes has one number for both
    assert (now.colour.matrix, now.colour.transfer, now.colour.primaries) == (matrix, transfer, primaries)
    assert now.colour.full_range == (full and codec != "prores")
    assert now.bits == was.bits == 10
    with read(path) as before, read(out) as after:
        assert np.abs(next(iter(before)).rgb.astype(int) - next(iter(after)).rgb).max() <= 2


@pytest.mark.parametrize(
    ("name", "codec", "alpha", "tag"),
    [
        ("a.mp4", "hevc", False, "hvc1"),
        ("a.mov", "hevc", False, "hvc1"),
        ("a.mov", "prores", False, "apch"),
        ("a.mov", "prores", True, "ap4h"),
        ("a.mkv", "prores", True, "ap4h"),
    ],
)
def test_tags_are_those_that_players_ask_for(name: str, codec: str, alpha: bool, tag: str, tmp_path: Path) -> None:
    path, out = plain_clip(tmp_path, frames=2), tmp_path / name
    opacity = np.linspace(0, 1, 96 * 128, dtype=np.float32).reshape(96, 128)
    with read(path) as clip, ClipWriter(out, choose(out, codec, clip.info, alpha), clip.info) as writer:
        for shown in clip:
            writer.write(shown.replaced(shown.rgb, opacity) if alpha else shown)
    with av.open(str(out)) as container:
        assert container.streams.video[0].codec_context.codec_tag == tag
    if alpha:
        with read(out) as after:
            seen = next(iter(after)).alpha
        assert seen is not None
        assert np.abs(seen - 255 * opacity).max() <= 2


@pytest.mark.parametrize("name", ["a.webm", "a.mkv"])
def test_transparency_is_kept(name: str, tmp_path: Path) -> None:
    path, out = plain_clip(tmp_path, frames=3), tmp_path / name
    opacity = np.zeros((96, 128), np.float32)
    opacity[20:70, 30:90] = 1
    with read(path) as clip, ClipWriter(out, choose(out, None, clip.info, alpha=True), clip.info) as writer:
        for shown in clip:
            writer.write(shown.replaced(shown.rgb, opacity))
    if name == "a.webm":  # FFmpeg's own decoder of VP9 passes over what the alpha channel is kept in
        with av.open(str(out)) as container:
            said = {key.lower(): value for key, value in container.streams.video[0].metadata.items()}
            assert said.get("alpha_mode") == "1"
            packet = next(container.demux(video=0))
            assert packet.has_sidedata("matroska_block_additional")
    else:
        with read(out) as after:
            seen = next(iter(after)).alpha
        assert seen is not None
        np.testing.assert_array_equal(seen, np.uint8(255) * (opacity > 0))


def test_rgb_becomes_bt709(tmp_path: Path) -> None:
    pictures = [np.full((64, 96, 3), (190, 60, 90), np.uint8)] * 2
    path, out = plain_clip(tmp_path, "ffv1", "bgr0", pictures=pictures), tmp_path / "a.mp4"
    with read(path) as clip, ClipWriter(out, choose(out, None, clip.info), clip.info) as writer:
        for shown in clip:
            writer.write(shown)
    assert probe(out).colour.matrix == 1
    with read(out) as after:
        assert np.abs(next(iter(after)).rgb.astype(int) - (190, 60, 90)).max() <= 2


def test_pixels_that_are_not_square(tmp_path: Path) -> None:
    path = plain_clip(tmp_path, "libx264", frames=2, pixel_aspect=Fraction(16, 15))
    for name, codec in (("a.mp4", "h264"), ("a.mp4", "av1"), ("a.mkv", "hevc"), ("a.webm", "vp9"), ("a.gif", None)):
        out = tmp_path / name
        with read(path) as clip, ClipWriter(out, choose(out, codec, clip.info), clip.info) as writer:
            for shown in clip:
                writer.write(shown)
        made = probe(out)
        kept = name not in ("a.webm", "a.gif")
        assert (made.pixel_aspect, made.size) == ((Fraction(16, 15), (96, 128)) if kept else (1, (96, 137)))
        assert bool(writer.notes) != kept


def test_another_size(tmp_path: Path) -> None:
    path, out = phone_clip(tmp_path), tmp_path / "a.mp4"
    with read(path) as clip, ClipWriter(out, choose(out, None, clip.info), clip.info, size=(64, 48)) as writer:
        for shown in clip:
            writer.write(shown)
    assert probe(out).size == (64, 48)


@contextmanager
def small_disk(most: int) -> Iterator[None]:
    """No file may be longer than `most` bytes here, which is an error of the same kind as a full disk."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.gif", "a.webp", "a.apng"])
@pytest.mark.parametrize("joining", [False, True])
def test_a_full_disk_is_one_line_and_leaves_nothing(name: str, joining: bool, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (64, 96, 3)).astype(np.uint8) for _ in range(12)]
    path, out = plain_clip(tmp_path, "ffv1", "bgr0", pictures=pictures), tmp_path / "out" / name
    out.parent.mkdir()
    with read(path) as clip:
        encoding = choose(out, "ffv1" if name == "a.mkv" else None, clip.info)
        made = segments(tmp_path, clip, encoding, 6)
        with small_disk(20_000), pytest.raises(ResourceError, match=r"^The disk is full: .*Make room"):
            if joining:
                join(made, out, encoding)
            else:
                with ClipWriter(out, encoding, clip.info) as writer:
                    for shown in clip:
                        writer.write(shown)
    assert list(out.parent.iterdir()) == []


def test_names_that_are_taken(tmp_path: Path) -> None:
    path = film(tmp_path, frames=3)
    (tmp_path / "a.mp4").write_bytes(b"mine")
    info = probe(path)
    with pytest.raises(InputError, match="exists already"):
        ClipWriter(tmp_path / "a.mp4", choose(path, None, info), info, overwrite=False)
    with pytest.raises(InputError, match="one of the inputs"):
        ClipWriter(path, choose(path, None, info), info)
    with pytest.raises(InputError, match="does not exist"):
        ClipWriter(tmp_path / "nowhere" / "a.mp4", choose(path, None, info), info)
    with (
        pytest.raises(InputError, match="No frame was written"),
        ClipWriter(tmp_path / "b.mp4", choose(path, None, info), info),
    ):
        pass
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.mp4", "film.mp4"]
    with read(path) as clip, SegmentWriter(tmp_path / "s", choose(path, None, info), info) as out:
        for shown in clip:
            out.write(shown)
    with pytest.raises(InputError, match="exists already"):
        join([tmp_path / "s"], tmp_path / "a.mp4", choose(path, None, info), overwrite=False)
    assert (tmp_path / "a.mp4").read_bytes() == b"mine"


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe of FFmpeg is not installed here")
@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "h264"), ("a.mp4", "hevc"), ("a.mov", "prores"), ("a.webm", "vp9")]
)
def test_another_player_agrees(name: str, codec: str, tmp_path: Path) -> None:
    path, out = film(tmp_path), tmp_path / name
    with read(path) as clip:
        encoding = choose(out, codec, clip.info)
        join(segments(tmp_path, clip, encoding, 5), out, encoding, clip.info, recipe={"a": 1})
    said = subprocess.run(
        ["ffprobe", "-v", "error", "-show_streams", "-show_entries", "frame=pts_time", "-of", "json", out],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stderr == ""
    pictures = next(stream for stream in json.loads(said.stdout)["streams"] if stream["codec_type"] == "video")
    assert (pictures["codec_name"], pictures["width"], pictures["height"]) == (codec, 96, 64)
    if codec == "hevc":
        assert pictures["codec_tag_string"] == "hvc1"
    silent = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", out, "-fps_mode", "passthrough", "-enc_time_base", "-1", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert silent.stderr == ""
