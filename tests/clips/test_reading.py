from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from portrait_nst import clips
from portrait_nst.clips.info import ColourTags
from portrait_nst.clips.planar_frame import PlanarFrame
from tests.clips import makers
from tests.clips.makers import number_of, picture, plain_clip

ENCODERS = (
    ("libx264", "yuv420p", "h264"),
    ("libx265", "yuv420p10le", "hevc"),
    ("libvpx-vp9", "yuv420p", "vp9"),
    ("libsvtav1", "yuv420p10le", "av1"),
    ("prores_ks", "yuv422p10le", "prores"),
    ("ffv1", "yuv444p12le", "ffv1"),
    ("mpeg4", "yuv420p", "mpeg4"),
    ("mjpeg", "yuvj420p", "mjpeg"),
    ("rawvideo", "uyvy422", "rawvideo"),
    ("rawvideo", "nv12", "rawvideo"),
    ("png", "rgb24", "png"),
    ("gif", "rgb8", "gif"),
    ("apng", "rgba", "apng"),
)


def times(frames: list[PlanarFrame]) -> list[Fraction]:
    return [frame.pts * frame.time_base for frame in frames]


@pytest.mark.parametrize("encoder, pixel_format, codec", ENCODERS)
def test_frames_of_every_codec_are_read_in_order(tmp_path: Path, encoder: str, pixel_format: str, codec: str) -> None:
    with clips.read(plain_clip(tmp_path, encoder, pixel_format)) as clip:
        frames = list(clip)
        assert clip.info.codec == codec and clip.info.size == (96, 128) and clip.damaged == 0
    assert [frame.number for frame in frames] == list(range(10))
    assert times(frames) == [Fraction(i, 25) for i in range(10)]
    assert [number_of(frame.rgb) for frame in frames] == list(range(10))
    assert clip.info.seconds == pytest.approx(0.4) and clip.info.rate == 25
    assert clip.info.frames in (10, None)
    for frame in frames:
        assert np.abs(frame.rgb[20:, 2:].astype(int) - picture(frame.number)[20:, 2:]).mean() < (25 if codec == "gif" else 6)  # rgb8 has 256 colours
        assert clip.info.bits == frame.samples.layout.bits


def test_a_phones_clip(tmp_path: Path) -> None:
    with clips.read(makers.phone_clip(tmp_path)) as clip:
        info, frames = clip.info, list(clip)
    assert (info.size, info.rotation, info.mirrored) == ((128, 96), 270, False)
    assert (info.audio, info.data, info.subtitles, info.chapters) == (1, 1, 0, 0)
    assert info.colour == ColourTags(1, 1, 1, False, True)
    assert times(frames) == [Fraction(stamp, 600) for stamp in makers.PHONE_TIMES]
    assert info.frames == 12 and len(info.sha256) == 64 and info.loops is None
    for frame in frames:
        assert frame.rgb.shape == (128, 96, 3) == (*frame.size, 3)
        assert np.abs(frame.rgb.astype(int) - picture(frame.number, (128, 96))).mean() < 3
        assert (frame.native.height, frame.native.width) == (96, 128)
        assert (frame.upright.height, frame.upright.width) == (128, 96)


@pytest.mark.parametrize("mirror", (False, True))
@pytest.mark.parametrize("rotation", (0, 90, 180, 270))
def test_clips_are_shown_upright_and_as_in_a_mirror_where_they_say_so(tmp_path: Path, rotation: int, mirror: bool) -> None:
    path = tmp_path / "turned.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "5"})
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        stream.set_display_rotation(rotation, hflip=mirror)
        container.mux(stream.encode(makers.frame(picture(2), "yuv420p")))
        container.mux(stream.encode(None))
    with clips.read(path) as clip:
        (frame,) = clip
    assert (clip.info.rotation, clip.info.mirrored) == (rotation, mirror) or mirror
    # ffmpeg's own documentation: the picture is turned, then mirrored.
    upright = np.rot90(picture(2), rotation // 90)
    shown = upright[:, ::-1] if mirror else upright
    assert frame.rgb.shape == shown.shape
    assert np.abs(frame.rgb.astype(int) - shown).mean() < 3


@pytest.mark.parametrize("suffix", (".gif", ".webp", ".png"))
def test_animations_have_their_own_times_and_transparency(tmp_path: Path, suffix: str) -> None:
    images = []
    for i in range(4):
        pixels = np.zeros((40, 60, 4), np.uint8)
        pixels[5:20, 5 + 8 * i : 20 + 8 * i] = (250, 120, 40, 255)
        images.append(Image.fromarray(pixels))
    path = tmp_path / f"moving{suffix}"
    lossless = {"lossless": True} if suffix == ".webp" else {}
    images[0].save(
        path, save_all=True, append_images=images[1:], duration=[50, 70, 90, 200], loop=0, disposal=2, **lossless
    )
    with clips.read(path) as clip:
        frames = list(clip)
        info = clip.info
    assert info.transparent and info.frames == 4 and info.loops == 0 and info.seconds == pytest.approx(0.41)
    assert times(frames) == [Fraction(ms, 1000) for ms in (0, 50, 120, 210)]
    assert [frame.duration * frame.time_base * 1000 for frame in frames] == [50, 70, 90, 200]
    for frame, image in zip(frames, images, strict=True):
        pixels = np.asarray(image)
        assert frame.alpha is not None and np.array_equal(frame.alpha, pixels[..., 3])
        assert np.abs(frame.rgb[frame.alpha > 0].astype(int) - pixels[frame.alpha > 0, :3]).max() <= 3


@pytest.mark.parametrize("suffix", (".gif", ".webp", ".png"))
def test_animations_that_cover_all_are_not_transparent(tmp_path: Path, suffix: str) -> None:
    images = [Image.fromarray(picture(i)) for i in range(3)]
    images[0].save(tmp_path / f"a{suffix}", save_all=True, append_images=images[1:], duration=40, loop=2)
    with clips.read(tmp_path / f"a{suffix}") as clip:
        assert not clip.info.transparent and clip.info.loops == (3 if suffix == ".gif" else 2)
        assert [number_of(frame.rgb) for frame in clip] == [0, 1, 2]
        assert all(frame.alpha is None for frame in clip)


@pytest.mark.parametrize(
    "encoder, pixel_format", (("prores_ks", "yuva444p10le"), ("libvpx-vp9", "yuva420p"), ("png", "rgba"), ("ffv1", "bgra"))
)
def test_transparency_of_films_is_read(tmp_path: Path, encoder: str, pixel_format: str) -> None:
    alpha = np.zeros((96, 128), np.uint8)
    alpha[20:70, 30:90] = 255
    alpha[70:, :] = 128
    pictures = [np.dstack([picture(i), alpha]) for i in range(5)]
    with clips.read(plain_clip(tmp_path, encoder, pixel_format, pictures=pictures)) as clip:
        assert clip.info.transparent
        frames = list(clip)
        assert len(frames) == 5
        for frame in clip.frames(first=2, pts=frames[2].pts):
            assert frame.alpha is not None and np.abs(frame.alpha.astype(int) - alpha).max() <= 4


PART_ENCODERS = (
    ("libx264", "yuv420p", {"g": "5", "bf": "2", "x264-params": "open-gop=1"}),
    ("libx265", "yuv420p", {"x265-params": "keyint=5:bframes=3:open-gop=1:log-level=none:pools=1:frame-threads=1"}),
    ("libvpx-vp9", "yuv420p", {"g": "5"}),
    ("ffv1", "yuv420p", {}),
    ("mpeg4", "yuv420p", {"g": "5", "bf": "2"}),
)


@pytest.mark.parametrize("encoder, pixel_format, options", PART_ENCODERS)
def test_reading_from_anywhere_gives_the_same_samples(
    tmp_path: Path, encoder: str, pixel_format: str, options: dict[str, str]
) -> None:
    path = plain_clip(tmp_path, encoder, pixel_format, frames=17, size=(48, 64), options=options)
    with clips.read(path) as clip:
        whole = list(clip)
        for first, known in itertools.product(range(17), (False, True)):
            part = list(clip.frames(first, whole[first].pts if known else None))
            assert [frame.number for frame in part] == list(range(first, 17))
            for frame, same in zip(part, whole[first:], strict=True):
                assert (frame.pts, frame.duration) == (same.pts, same.duration)
                for one, other in zip(frame.samples.planes, same.samples.planes, strict=True):
                    assert np.array_equal(one, other)


@pytest.mark.parametrize("encoder", ("libx264", "ffv1", "gif"))
def test_start_and_end_choose_frames_by_their_times(tmp_path: Path, encoder: str) -> None:
    path = plain_clip(tmp_path, encoder, "rgb8" if encoder == "gif" else "yuv420p", frames=20)
    for start, end, numbers in (
        (0.2, 0.4, range(5, 10)),
        (0.21, None, range(6, 20)),
        (None, 0.12, range(3)),
        (0.0, 9.0, range(20)),
        (0.76, None, [19]),
    ):
        with clips.read(path, start, end) as clip:
            frames = list(clip)
            assert [number_of(frame.rgb) for frame in frames] == list(numbers)
            assert [frame.number for frame in frames] == list(range(len(numbers)))
            assert times(frames) == [Fraction(i, 25) for i in numbers]
            assert clip.info.seconds == pytest.approx(len(numbers) / 25, abs=0.05)
            again = list(clip.frames(1, frames[1].pts)) if len(frames) > 1 else []
            assert times(again) == times(frames[1:])


def test_times_count_from_the_first_frame_whatever_the_clips_clock_shows(tmp_path: Path) -> None:
    path = plain_clip(tmp_path, "libx264", times=[i + 250 for i in range(10)], suffix=".mkv")
    with clips.read(path, 0.2, 0.3) as clip:
        assert clip.info.begins == 10
        assert [number_of(frame.rgb) for frame in clip] == [5, 6, 7]
        assert times(list(clip)) == [10 + Fraction(i, 25) for i in (5, 6, 7)]


@pytest.mark.parametrize("fps, expected", ((12.5, range(0, 10, 2)), (25, range(10)), (50, [i // 2 for i in range(20)])))
def test_an_even_grid_drops_and_repeats_frames(tmp_path: Path, fps: float, expected: list[int]) -> None:
    with clips.read(plain_clip(tmp_path), fps=fps) as clip:
        frames = list(clip)
        assert len(frames) == len(list(expected)) == clip.info.frames
        assert times(frames) == [Fraction(i) / Fraction(fps) for i in range(len(frames))]
        shown = [number_of(frame.rgb) for frame in frames]
        # Half-way between two beats the later one is meant, as in ffmpeg's filter.
        assert np.abs(np.array(shown) - list(expected)).max() <= 1 and shown == sorted(shown)
        assert clip.info.rate == Fraction(fps) == 1 / clip.info.time_base
        for first in range(len(frames)):
            part = list(clip.frames(first, frames[first].pts))
            assert [number_of(frame.rgb) for frame in part] == shown[first:]
            assert [(frame.number, frame.pts) for frame in part] == [(f.number, f.pts) for f in frames[first:]]


def test_uneven_times_on_an_even_grid(tmp_path: Path) -> None:
    """At each beat stands the last frame that is due, its time rounded to beats."""
    with clips.read(makers.phone_clip(tmp_path), fps=30) as clip:
        shown = [number_of(frame.rgb) for frame in clip]
    due = [int(Fraction(stamp * 30, 600) + Fraction(1, 2)) for stamp in makers.PHONE_TIMES]
    assert shown[: due[-1] + 1] == [max(i for i, beat in enumerate(due) if beat <= place) for place in range(due[-1] + 1)]
    assert len(shown) in (due[-1] + 1, due[-1] + 2)


def test_a_clip_is_read_again_and_again_and_in_part(tmp_path: Path) -> None:
    with clips.read(plain_clip(tmp_path)) as clip:
        frames = iter(clip)
        assert number_of(next(frames).rgb) == 0
        assert [number_of(frame.rgb) for frame in clip] == list(range(10))
        assert next(frames, None) is None  # the reading before has ended
        assert [number_of(frame.rgb) for frame in clip] == list(range(10))


@pytest.mark.parametrize("encoder, pixel_format", (("libx264", "yuv444p"), ("ffv1", "yuv420p"), ("libvpx-vp9", "yuv420p")))
def test_odd_sizes(tmp_path: Path, encoder: str, pixel_format: str) -> None:
    with clips.read(plain_clip(tmp_path, encoder, pixel_format, size=(161, 97), frames=3)) as clip:
        assert clip.info.size == (161, 97)
        for frame in clip:
            assert frame.rgb.shape == (161, 97, 3)
            assert np.abs(frame.rgb.astype(int) - picture(frame.number, (161, 97))).mean() < 4


def test_pixels_that_are_not_square_and_fields_are_noted(tmp_path: Path) -> None:
    info = clips.probe(plain_clip(tmp_path, "libx264", pixel_aspect=Fraction(4, 3)))
    assert info.pixel_aspect == Fraction(4, 3) and any("not square (4:3)" in note for note in info.notes)
    options = {"x264-params": "interlaced=1"}
    fields = clips.probe(plain_clip(tmp_path, "libx264", options=options, name="fields"))
    assert fields.interlaced and any("interlaced" in note for note in fields.notes)
    assert not info.interlaced


def test_hdr_is_noted_and_tagged(tmp_path: Path) -> None:
    path = plain_clip(tmp_path, "libx265", "yuv420p10le", matrix=9, transfer=16, primaries=9, suffix=".mp4")
    info = clips.probe(path)
    assert info.colour == ColourTags(9, 16, 9, False, True) and info.colour.hdr == "PQ" and info.bits == 10
    assert any("HDR clip (PQ)" in note for note in info.notes)


def test_what_changes_within_a_clip_is_made_like_its_first_frame(tmp_path: Path) -> None:
    """Two streams of other sizes behind each other, as some recorders write them."""
    parts = [plain_clip(tmp_path, "libx264", size=size, name=f"{size[0]}") for size in ((96, 128), (48, 64))]
    path = tmp_path / "both.ts"
    with av.open(str(path), "w") as container:
        out = None
        for shift, part in enumerate(parts):
            with av.open(str(part)) as source:
                stream = source.streams.video[0]
                out = out or container.add_stream_from_template(stream)
                annexb = av.BitStreamFilterContext("h264_mp4toannexb", stream)
                for packet in source.demux(stream):
                    if packet.dts is None:
                        continue
                    for ready in annexb.filter(packet):
                        ready.pts += shift * 10 * 512
                        ready.dts += shift * 10 * 512
                        ready.stream = out
                        container.mux(ready)
    with clips.read(path) as clip:
        frames = list(clip)
    assert {frame.size for frame in frames} == {(96, 128)}
    assert [number_of(frame.rgb) for frame in frames[-3:]] == [7, 8, 9]
