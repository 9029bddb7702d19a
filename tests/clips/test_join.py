"""Joined clips: times, sound, chapters, tags, rotation, and whole or not at all."""

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
from portrait_nst.clips import ClipWriter, SegmentWriter, choose, join, probe, read, recipe_in
from tests.clips.makers import frame, phone_clip, plain_clip
from tests.clips.readers import loudest, planes, segments, stamps

UNEVEN = (0, 3003, 6100, 9009, 15015, 18100, 21018, 24000, 30030, 33500, 36600, 39600, 45000, 48000, 54321, 57000, 60000)
CLICK = 0.4  # seconds
RATE = 48_000


def film(folder: Path, *, offset: int = 0, suffix: str = ".mp4", sound: str = "aac", frames: int = 17) -> Path:
    """A clip of uneven times, of which all are later by `offset` / 90000 s, with a click at `CLICK`, chapters and tags."""
    path = folder / f"film{suffix}"
    unit = Fraction(1, 90_000)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.time_base = stream.codec_context.time_base = unit
        track = out.add_stream(sound, rate=RATE, layout="mono")
        out.metadata.update({"title": "A film", "creation_time": "2024-05-06T07:08:09.000000Z", "comment": "by hand"})
        thousandth = Fraction(1, 1000)
        out.set_chapters(
            [
                {"id": 1, "start": 0, "end": 300, "time_base": thousandth, "metadata": {"title": "one"}},
                {"id": 2, "start": 300, "end": 660, "time_base": thousandth, "metadata": {"title": "two"}},
            ]
        )
        for number, stamp in enumerate(UNEVEN[:frames]):
            made = frame(np.full((64, 96, 3), 10 * number, np.uint8), "yuv420p", matrix=1)
            made.pts, made.time_base = stamp + offset, unit
            out.mux(stream.encode(made))
        out.mux(stream.encode(None))
        wave = np.zeros((1, RATE * 7 // 10), np.float32)
        wave[0, int(CLICK * RATE) :][:480] = 0.9 * np.sin(np.arange(480))
        size = track.codec_context.frame_size
        for start in range(0, wave.shape[1] - size, size):
            part = av.AudioFrame.from_ndarray(wave[:, start : start + size], format="fltp", layout="mono")
            part.sample_rate, part.pts, part.time_base = RATE, start + round(offset * unit * RATE), Fraction(1, RATE)
            out.mux(track.encode(part))
        out.mux(track.encode(None))
    return path


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "h264"), ("a.mp4", "hevc"), ("a.mov", "hevc"), ("a.mp4", "av1"), ("a.mov", "prores")]
)
def test_time_stamps_are_those_of_the_source(name: str, codec: str, tmp_path: Path) -> None:
    path, out = film(tmp_path), tmp_path / name
    with read(path) as clip:
        encoding = choose(out, codec, clip.info)
        assert join(segments(tmp_path, clip, encoding, 5), out, encoding, clip.info) == ()
    shown, decoded = stamps(out)
    assert shown == [Fraction(stamp, 90_000) for stamp in UNEVEN]
    assert decoded == sorted(set(decoded))
    again = probe(out)
    assert (again.codec, again.audio, again.chapters) == (codec, 1, 2)
    assert again.seconds == pytest.approx(probe(path).seconds, abs=1e-3)


@pytest.mark.parametrize(("name", "codec"), [("a.mkv", "h264"), ("a.mkv", "hevc"), ("a.webm", "vp9"), ("a.webm", "av1")])
def test_matroska_has_them_to_the_millisecond(name: str, codec: str, tmp_path: Path) -> None:
    path, out = film(tmp_path), tmp_path / name
    with read(path) as clip:
        encoding = choose(out, codec, clip.info)
        join(segments(tmp_path, clip, encoding, 5), out, encoding, clip.info)
    shown, _ = stamps(out)
    assert all(abs(time - Fraction(stamp, 90_000)) <= Fraction(1, 2000) for time, stamp in zip(shown, UNEVEN, strict=True))


def packets_of_sound(path: Path) -> list[tuple[bytes, Fraction]]:
    with av.open(str(path)) as clip:
        found = [packet for packet in clip.demux(audio=0) if packet.pts is not None]
        return [(bytes(packet), packet.pts * packet.time_base) for packet in found]


def test_sound_is_the_sources_own_bytes_at_its_times(tmp_path: Path) -> None:
    path, out = film(tmp_path), tmp_path / "a.mp4"
    with read(path) as clip, ClipWriter(out, choose(out, None, clip.info), clip.info, source=clip.info) as writer:
        for shown in clip:
            writer.write(shown)
    assert packets_of_sound(out) == packets_of_sound(path)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm", "a.mov"])
def test_a_part_is_in_time_with_its_sound(name: str, tmp_path: Path) -> None:
    path, out = film(tmp_path), tmp_path / name
    with read(path, start=0.2, end=0.6) as clip:
        encoding = choose(out, None, clip.info)
        notes = join(segments(tmp_path, clip, encoding, 4), out, encoding, clip.info, 0.2, 0.6)
        first = next(iter(clip)).pts
    assert [note for note in notes if "sound" in note.lower()] == (
        ["Sound was encoded again as Opus: the file cannot hold the clip's aac."] if name == "a.webm" else []
    )
    shown, _ = stamps(out)
    assert shown[0] == 0
    assert loudest(out) == pytest.approx(loudest(path) - first / 90_000, abs=2e-3)
    with av.open(str(out)) as container:
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == ["one", "two"]
        end = container.chapters()[1]["end"] * container.chapters()[1]["time_base"]
        assert float(end) == pytest.approx(0.6 - first / 90_000, abs=0.04)


def test_a_clock_that_does_not_begin_at_0(tmp_path: Path) -> None:
    path, out = film(tmp_path, offset=900_000, suffix=".mkv"), tmp_path / "a.mp4"
    assert probe(path).begins == 10
    with read(path) as clip:
        encoding = choose(out, None, clip.info)
        join(segments(tmp_path, clip, encoding, 5), out, encoding, clip.info)
    assert stamps(out)[0][0] == pytest.approx(0, abs=0.03)  # AAC is primed by a frame of 21 ms
    assert loudest(out) - float(stamps(out)[0][0]) == pytest.approx(loudest(path) - 10, abs=2e-3)


def test_what_is_there_so_far_is_a_clip(tmp_path: Path) -> None:
    path, out = film(tmp_path), tmp_path / "a.mp4"
    with read(path) as clip:
        encoding = choose(out, None, clip.info)
        made = segments(tmp_path, clip, encoding, 5)
        join(made[:2], out, encoding, clip.info, end=99)
    assert stamps(out)[0] == [Fraction(stamp, 90_000) for stamp in UNEVEN[:10]]
    assert max(time for _, time in packets_of_sound(out)) < Fraction(UNEVEN[10], 90_000)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.webm", "a.gif", "a.webp", "a.apng"])
def test_recipe_and_tags(name: str, tmp_path: Path) -> None:
    path, out = film(tmp_path, frames=3), tmp_path / name
    recipe = {"portrait_nst": "1", "inputs": {"style": "x" * 600}}
    with read(path) as clip:
        encoding = choose(out, None, clip.info)
        with ClipWriter(out, encoding, clip.info, source=clip.info, recipe=recipe) as writer:
            for shown in clip:
                writer.write(shown)
    assert recipe_in(out) == recipe
    assert recipe_in(path) is None
    if not encoding.animation:
        with av.open(str(out)) as container:
            said = {key.lower(): value for key, value in container.metadata.items()}
        assert said["title"] == "A film"
        assert said["creation_time"].startswith("2024-05-06T07:08:09")


def test_a_comment_stays_where_there_is_no_recipe(tmp_path: Path) -> None:
    path, out = film(tmp_path, frames=3), tmp_path / "a.mp4"
    with read(path) as clip, ClipWriter(out, choose(out, None, clip.info), clip.info, source=clip.info) as writer:
        for shown in clip:
            writer.write(shown)
    with av.open(str(out)) as container:
        assert container.metadata["comment"] == "by hand"


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.webm", "a.gif"])
def test_a_phones_clip_stays_upright(name: str, tmp_path: Path) -> None:
    path, out = phone_clip(tmp_path), tmp_path / name
    with read(path) as clip, ClipWriter(out, choose(out, None, clip.info), clip.info, source=clip.info) as writer:
        for shown in clip:
            writer.write(shown)
    was, now = probe(path), probe(out)
    assert now.size == was.size == (128, 96)
    assert now.rotation == (was.rotation if name in ("a.mp4", "a.mov") else 0)
    assert now.data == (1 if name in ("a.mp4", "a.mov") else 0)
    with read(path) as before, read(out) as after:
        differences = [np.abs(a.rgb.astype(int) - b.rgb).mean() for a, b in zip(before, after, strict=True)]
    assert max(differences) < 4


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
    ("matrix", "transfer", "primaries", "full"), [(1, 1, 1, False), (6, 6, 6, False), (5, 6, 5, True), (9, 16, 9, False)]
)
@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "h264"), ("a.mp4", "hevc"), ("a.mov", "prores"), ("a.webm", "av1")])
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
    for name in ("a.mp4", "a.mkv", "a.webm"):
        out = tmp_path / name
        with read(path) as clip, ClipWriter(out, choose(out, None, clip.info), clip.info) as writer:
            for shown in clip:
                writer.write(shown)
        assert probe(out).pixel_aspect == Fraction(16, 15)


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
    with pytest.raises(InputError, match="No frame was written"), ClipWriter(tmp_path / "b.mp4", choose(path, None, info), info):
        pass
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.mp4", "film.mp4"]
    with read(path) as clip, SegmentWriter(tmp_path / "s", choose(path, None, info), info) as out:
        for shown in clip:
            out.write(shown)
    with pytest.raises(InputError, match="exists already"):
        join([tmp_path / "s"], tmp_path / "a.mp4", choose(path, None, info), overwrite=False)
    assert (tmp_path / "a.mp4").read_bytes() == b"mine"


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe of FFmpeg is not installed here")
@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "h264"), ("a.mp4", "hevc"), ("a.mov", "prores"), ("a.webm", "vp9")])
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
