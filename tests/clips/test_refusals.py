"""What is no clip, or a spoilt one: one line that says so, and no other file is opened."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import threading
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from portrait_nst import clips
from portrait_nst.errors import InputError
from tests.clips import makers
from tests.clips.makers import number_of, plain_clip


def refusal(path: Path | str, **options: float) -> str:
    with pytest.raises(InputError) as caught, clips.read(path, **options) as clip:
        list(clip)
    message = str(caught.value)
    assert "\n" not in message and len(message) < 400
    return message


@pytest.mark.parametrize(
    "name, data, expected",
    [
        ("empty.mp4", b"", "is empty (0 bytes)"),
        ("text.mp4", b"Dear diary,\n" * 100, "looks like a text file"),
        ("noise.mp4", np.random.default_rng(0).bytes(5000), "no clip that can be read, or is damaged"),
        ("photo.mp4", b"\xff\xd8\xff\xe0" + bytes(100), "is a picture (JPEG)"),
        ("photo.heic", b"\0\0\0\x18ftypheic" + bytes(100), "is a picture (HEIC)"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1\nclip.mp4\n", "is a list of other files"),
        ("list.mp4", b"\xef\xbb\xbf#EXTM3U\n", "is a list of other files"),
        ("list.ffconcat", b"ffconcat version 1.0\nfile clip.mp4\n", "is a list of other files"),
        ("list.txt", b"file 'clip.mp4'\n", "looks like a text file"),
        ("list.sdp", b"v=0\no=- 0 0 IN IP4 127.0.0.1\n", "is a list of other files"),
        ("list.mpd", b"<?xml version='1.0'?><MPD></MPD>", "is a list of other files"),
        ("head.mp4", b"\0\0\0\x18ftypisom\0\0\2\0isomiso2", "ends before its index"),
        ("head.webm", b"\x1aE\xdf\xa3" + bytes(50), "no clip that can be read, or is damaged"),
    ],
)
def test_files_that_are_no_clips(tmp_path: Path, name: str, data: bytes, expected: str) -> None:
    plain_clip(tmp_path)
    (tmp_path / name).write_bytes(data)
    assert expected in refusal(tmp_path / name)


@pytest.mark.parametrize("suffix", (".jpg", ".png", ".gif", ".webp", ".tif", ".bmp"))
def test_pictures_are_for_stylize(tmp_path: Path, suffix: str) -> None:
    Image.fromarray(makers.picture(0)).save(tmp_path / f"photo{suffix}")
    assert "portrait-nst stylize" in refusal(tmp_path / f"photo{suffix}")


def test_what_is_no_file(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "missing.mp4")
    assert "is a folder" in refusal(tmp_path)
    assert "empty text" in refusal("")
    assert "no valid file name" in refusal("a\0b.mp4")
    os.mkfifo(tmp_path / "pipe.mp4")
    assert "pipe, device or socket" in refusal(tmp_path / "pipe.mp4")


@pytest.mark.parametrize(
    "start", ("http://{}/a.mp4", "rtsp://{}/a", "tcp://{}", "concat://{}", "file:http://{}/a", "hls+http://{}/a")
)
def test_addresses_are_not_opened(start: str) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.05)
        assert "is an address" in refusal(start.format(f"127.0.0.1:{server.getsockname()[1]}"))
        with pytest.raises(TimeoutError):
            server.accept()


def test_names_that_ffmpeg_would_take_for_something_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A protocol, a pattern of pictures, a list: here they are names of files."""
    source = plain_clip(tmp_path)
    monkeypatch.chdir(tmp_path)
    for name in ("concat:a|b.mkv", "pipe:0", "a%03d.mkv", "-i.mkv", "cache:x.mkv", "é ñ.mkv", "data:,x.mkv"):
        shutil.copy(source, name)
        with clips.read(name) as clip:
            assert len(list(clip)) == 10
    for name in ("subfile:,,start,0,end,9,,:clip.mkv", "concat:clip.mkv"):
        assert "does not exist" in refusal(name)


def test_a_list_within_a_known_format_opens_nothing(tmp_path: Path) -> None:
    """A QuickTime file whose samples lie in another file, by an absolute path."""
    data = bytearray(plain_clip(tmp_path, "libx264", suffix=".mov").read_bytes())
    at = data.find(b"url \0\0\0\1")
    assert at > 0
    data[at + 7] = 0  # the samples are said not to be in this file
    (tmp_path / "else.mov").write_bytes(data)
    with clips.read(tmp_path / "else.mov") as clip:
        assert len(list(clip)) in (0, 10)


def test_sound_only(tmp_path: Path) -> None:
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48000)
        for part in makers.tone_of(Fraction(1, 4)):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    assert "sound only and no pictures" in refusal(path)


def test_sound_files_and_unknown_codecs(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "song.wav"), "wb") as song:
        song.setparams((1, 2, 8000, 0, "NONE", ""))
        song.writeframes(bytes(16000))
    assert "sound only and no pictures" in refusal(tmp_path / "song.wav")
    data = plain_clip(tmp_path, "libx264").read_bytes()
    (tmp_path / "strange.mp4").write_bytes(data.replace(b"avc1", b"zzz9"))
    assert "of a kind that cannot be decoded" in refusal(tmp_path / "strange.mp4")


def test_no_frames(tmp_path: Path) -> None:
    """All packets spoilt; and a film without any."""
    path = plain_clip(tmp_path, "ffv1", suffix=".avi")
    data = bytearray(path.read_bytes())
    start, end = data.find(b"movi"), data.find(b"idx1")
    at = start + 4
    while at < end:
        length = struct.unpack_from("<I", data, at + 4)[0]
        data[at + 8 : at + 8 + length] = b"\0" * length
        at += 8 + length + length % 2
    path.write_bytes(data)
    assert "no frame that can be decoded" in refusal(path)
    with av.open(str(tmp_path / "none.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.start_encoding()
    assert any(words in refusal(tmp_path / "none.mp4") for words in ("no frame that can be decoded", "no pictures"))


def test_half_a_film(tmp_path: Path) -> None:
    """Without its index there is nothing; with the index first, what is there is read, with a note."""
    path = plain_clip(tmp_path, "libx264", frames=20, options={"g": "5"})
    data = path.read_bytes()
    (tmp_path / "half.mp4").write_bytes(data[: data.find(b"moov") - 20])
    assert "ends before its index" in refusal(tmp_path / "half.mp4")
    mkv = plain_clip(tmp_path, "ffv1", frames=20).read_bytes()
    (tmp_path / "half.mkv").write_bytes(mkv[: len(mkv) // 2])
    with clips.read(tmp_path / "half.mkv") as clip:
        assert 3 < len(list(clip)) < 20


@pytest.mark.parametrize("encoder", ("libx264", "ffv1", "mpeg4", "libvpx-vp9"))
def test_damaged_frames_are_left_out_and_counted_and_the_others_keep_their_times(tmp_path: Path, encoder: str) -> None:
    path = plain_clip(tmp_path, encoder, frames=20, options={"g": "5"})
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        packet = [p for p in container.demux(video=0) if p.size][10]
        at = data.find(bytes(packet))
        assert at > 0
        data[at : at + packet.size] = np.random.default_rng(1).bytes(packet.size)
    path.write_bytes(data)
    with clips.read(path) as clip:
        frames = list(clip)
        assert clip.damaged >= 1 and "damaged" in clip.notes[-1]
        assert len(frames) >= 14
        sound = [frame for frame in frames if frame.pts * frame.time_base * 25 < 10]
        for frame in sound + frames[-5:]:
            assert frame.pts * frame.time_base == Fraction(number_of(frame.rgb), 25)
        list(clip.frames(0, frames[-2].pts))
        assert clip.damaged == 0 and clip.notes == clip.info.notes


def test_a_damaged_webp_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    images = [Image.fromarray(makers.picture(i)) for i in range(6)]
    path = tmp_path / "a.webp"
    images[0].save(path, save_all=True, append_images=images[1:], duration=40, lossless=True)
    data = bytearray(path.read_bytes())
    at = len(data) * 2 // 3
    data[at : at + 600] = bytes(600)
    path.write_bytes(data)
    try:
        with clips.read(path) as clip:
            assert 1 <= len(list(clip)) <= 6
    except InputError as error:
        assert "damaged" in str(error)


def test_absurd_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = plain_clip(tmp_path, "libx264", name="large")
    monkeypatch.setenv("PORTRAIT_NST_MAX_PIXELS", "10000")
    assert "128 x 96 pixels, more than the limit" in refusal(path)
    monkeypatch.delenv("PORTRAIT_NST_MAX_PIXELS")
    path = plain_clip(tmp_path, "rawvideo", suffix=".avi")
    data = bytearray(path.read_bytes())
    at = data.find(b"strf") + 8  # the header of the pictures: its size, width and height
    struct.pack_into("<ii", data, at + 4, 60000, 60000)
    path.write_bytes(data)
    assert "the size of its pictures, or nonsense" in refusal(path)


def test_times_and_rates_that_make_no_sense(tmp_path: Path) -> None:
    path = plain_clip(tmp_path)
    assert "lasts 0.4 s" in refusal(path, start=5)
    assert "lasts 0.4 s" in refusal(path, start=0.4)
    assert "end is 0.1 s; expected a time after the start" in refusal(path, start=0.2, end=0.1)
    assert "end is 0 s" in refusal(path, end=0)
    assert "start is -1; expected seconds" in refusal(path, start=-1)
    assert "end is nan" in refusal(path, end=float("nan"))
    for fps in (0, -5, float("nan"), float("inf"), 5000):
        assert "fps is" in refusal(path, fps=fps)
    assert "no frame in the time that is read" in refusal(path, start=0.37, end=0.38)


def test_reading_stops_in_the_middle_without_a_trace(tmp_path: Path) -> None:
    before = threading.active_count()
    with clips.read(plain_clip(tmp_path, "libx264", frames=20)) as clip:
        next(iter(clip))
    assert threading.active_count() == before
    assert len(list(Path("/proc/self/fd").iterdir())) < 200


@pytest.mark.parametrize("start", [None, 0.2])
def test_a_film_that_ends_before_it_says_is_told_of(start: float | None, tmp_path: Path) -> None:
    path = plain_clip(tmp_path, "libx264", frames=30, options={"g": "5"}, container={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with clips.read(path, start) as clip:
        found = [frame.number for frame in clip]
        assert 0 < len(found) < 28
        expected = (
            f"the file ends after {len(found)} of 30 frames" if start is None else "the file ends early: its pictures"
        )
        assert expected in clip.notes[-1] and not any("damaged" in note for note in clip.notes)
        next(iter(clip))
        assert clip.again().notes == clip.info.notes


def test_a_part_that_is_there_is_not_told_to_be_missing(tmp_path: Path) -> None:
    path = plain_clip(tmp_path, "libx264", frames=30, options={"g": "5"}, container={"movflags": "faststart"})
    with clips.read(path) as clip:
        assert len(list(clip)) == 30 and clip.notes == ()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with clips.read(path, end=0.2) as clip:
        assert len(list(clip)) == 5 and not any("ends" in note for note in clip.notes)


def test_an_address_is_said_as_it_was_given() -> None:
    for address in ("https://example.org/a/b.mp4", "rtsp://camera/1"):
        assert refusal(Path(address)).startswith(f"{address} is an address")
