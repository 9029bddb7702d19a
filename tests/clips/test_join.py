"""Joined clips: times, sound, chapters, tags and rotation are the source's."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from portrait_nst.clips import ClipWriter, choose, join, probe, read, recipe_in
from tests.clips.films import UNEVEN, film, subtitled
from tests.clips.makers import phone_clip
from tests.clips.readers import loudest, segments, stamps


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


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mkv", "h264"), ("a.mkv", "hevc"), ("a.webm", "vp9"), ("a.webm", "av1")]
)
def test_matroska_has_them_to_the_millisecond(name: str, codec: str, tmp_path: Path) -> None:
    path, out = film(tmp_path), tmp_path / name
    with read(path) as clip:
        encoding = choose(out, codec, clip.info)
        join(segments(tmp_path, clip, encoding, 5), out, encoding, clip.info)
    shown, _ = stamps(out)
    assert all(
        abs(time - Fraction(stamp, 90_000)) <= Fraction(1, 2000) for time, stamp in zip(shown, UNEVEN, strict=True)
    )


def packets_of_sound(path: Path) -> list[tuple[bytes, Fraction]]:
    with av.open(str(path)) as clip:
        found = [packet for packet in clip.demux(audio=0) if packet.pts is not None]
        return [(bytes(packet), (packet.pts or 0) * Fraction(packet.time_base or 1)) for packet in found]


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
        end = container.chapters()[1]["end"] * Fraction(container.chapters()[1]["time_base"] or 1)
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


@pytest.mark.parametrize(
    ("name", "form"), [("a.mkv", "subrip"), ("a.mp4", "mov_text"), ("a.mov", "mov_text"), ("a.webm", "webvtt")]
)
def test_subtitles_are_kept_in_a_form_that_the_file_can_hold(name: str, form: str, tmp_path: Path) -> None:
    path, out = subtitled(tmp_path), tmp_path / name
    with read(path, start=0.05) as clip:
        encoding = choose(out, None, clip.info)
        notes = join(segments(tmp_path, clip, encoding, 20), out, encoding, clip.info, start=0.05)
        first = next(iter(clip))
    assert [note for note in notes if "Subtitles were written as" in note] == list(notes)
    assert bool(notes) == (form != "subrip")
    with av.open(str(out)) as written:
        track = written.streams.subtitles[0]
        assert track.codec_context.codec.canonical_name == form
        unit = Fraction(track.time_base or 1)
        shown = {(packet.pts or 0) * unit: packet for packet in written.demux(track) if b"hello" in bytes(packet)}
    assert [float(time) for time in shown] == pytest.approx([0.1 - first.time], abs=1e-3)
    assert [float((packet.duration or 0) * unit) for packet in shown.values()] == pytest.approx([0.3], abs=1e-3)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.mov", "a.webm"])
def test_subtitles_are_cut_at_both_ends_of_a_part(name: str, tmp_path: Path) -> None:
    path, out = tmp_path / "said.mkv", tmp_path / name
    # In time order, as files have them: before the part, over its beginning, over its end, and after it.
    lines = [(b"before", 0, 50), (b"over", 60, 250), (b"within", 310, 40), (b"ends", 400, 400), (b"after", 700, 50)]
    subtitled(tmp_path, lines).rename(path)
    with read(path, start=0.2, end=0.6) as clip:
        encoding = choose(out, None, clip.info)
        join(segments(tmp_path, clip, encoding, 20), out, encoding, clip.info, 0.2, 0.6)
        shown = list(clip)
    first, last = shown[0].pts / 1000, 0.6
    found = {
        text: times
        for text, times in said_in(out).items()
        if text in {b"before", b"over", b"within", b"ends", b"after"}
    }
    assert list(found) == [b"over", b"within", b"ends"]
    for text, begins, ends in ((b"over", first, 0.31), (b"within", 0.31, 0.35), (b"ends", 0.4, last)):
        assert found[text] == pytest.approx((begins - first, ends - first), abs=0.02)
    assert min(begin for begin, _ in said_in(out).values()) >= 0
    assert max(end for _, end in said_in(out).values()) <= last - first + 0.002


def said_in(path: Path) -> dict[bytes, tuple[float, float]]:
    """When each line of the first track of subtitles appears and goes, in seconds."""
    found = {}
    with av.open(str(path)) as clip:
        for packet in clip.demux(clip.streams.subtitles[0]):
            if packet.pts is not None and packet.time_base is not None:
                text = bytes(packet).lstrip(b"\0\1\2\3\4\5\6\7").split(b"\n")[0]
                times = (packet.pts * packet.time_base, (packet.pts + (packet.duration or 0)) * packet.time_base)
                found[text] = (float(times[0]), float(times[1]))
    return found


@pytest.mark.parametrize("name", ["a.mov", "a.mp4", "a.mkv"])
@pytest.mark.parametrize(
    ("word", "in_mov"), [("deu", "ger"), ("eng", "eng"), ("fra", "fra"), ("nld", "dut"), ("zho", "chi")]
)
def test_languages_are_kept(name: str, word: str, in_mov: str, tmp_path: Path) -> None:
    path, out = film(tmp_path, frames=3, language=word), tmp_path / name
    with read(path) as clip, ClipWriter(out, choose(out, None, clip.info), clip.info, source=clip.info) as writer:
        for shown in clip:
            writer.write(shown)
    with av.open(str(out)) as written:
        assert written.streams.audio[0].metadata["language"] == (in_mov if name == "a.mov" else word)


def test_names_that_ffmpeg_would_take_for_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = film(tmp_path, frames=3)
    monkeypatch.chdir(tmp_path)
    Path("http:a").mkdir()
    for name in ("http:a/a.mp4", "http:a/%d.gif", "http:a/a.webp"):
        out = Path(name)
        with read(path) as clip, ClipWriter(out, choose(out, None, clip.info), clip.info, source=clip.info) as writer:
            for shown in clip:
                writer.write(shown)
        assert probe(out).size == (64, 96)
    assert recipe_in(Path("nowhere.mp4")) is None


def test_a_webp_is_a_source_too(tmp_path: Path) -> None:
    path, webp, out = film(tmp_path, frames=3), tmp_path / "a.webp", tmp_path / "a.mp4"
    for source, target in ((path, webp), (webp, out)):
        with (
            read(source) as clip,
            ClipWriter(target, choose(target, None, clip.info), clip.info, source=clip.info) as writer,
        ):
            for shown in clip:
                writer.write(shown)
    assert len(stamps(out)[0]) == 3
