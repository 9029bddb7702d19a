"""How a clip is written follows from the suffix, the codec that was asked for and what the source is like."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from portrait_nst import InputError, ResourceError
from portrait_nst.clips import ClipInfo, ColourTags, choose
from portrait_nst.clips import encoding as encodings


def info(pixel_format: str = "yuv420p", bits: int = 8, **more: object) -> ClipInfo:
    """A clip of 128 x 96, of which only what is given is special."""
    known: dict[str, object] = {
        "path": Path("clip.mp4"),
        "container": "mov,mp4,m4a,3gp,3g2,mj2",
        "codec": "h264",
        "size": (96, 128),
        "rotation": 0,
        "frames": 10,
        "seconds": 0.4,
        "rate": Fraction(25),
        "time_base": Fraction(1, 25),
        "pixel_format": pixel_format,
        "bits": bits,
        "colour": ColourTags(),
    }
    return ClipInfo(**(known | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "codec", "alpha", "pixel_format", "expected"),
    [
        ("a.mp4", None, False, "yuv420p", ("h264", "yuv420p")),
        ("a.MP4", None, False, "yuvj420p", ("h264", "yuv420p")),
        ("a.mov", None, False, "yuv422p", ("h264", "yuv420p")),
        ("a.mkv", None, False, "bgr0", ("h264", "yuv420p")),
        ("a.mp4", None, False, "yuv420p10le", ("hevc", "yuv420p10le")),
        ("a.mp4", "h264", False, "yuv420p10le", ("h264", "yuv420p10le")),
        ("a.mp4", "hevc", False, "yuv422p12le", ("hevc", "yuv420p12le")),
        ("a.webm", None, False, "yuv420p", ("vp9", "yuv420p")),
        ("a.webm", None, False, "yuv420p10le", ("av1", "yuv420p10le")),
        ("a.mkv", "av1", False, "yuv420p12le", ("av1", "yuv420p10le")),
        ("a.mov", "prores", False, "yuv420p", ("prores", "yuv422p10le")),
        ("a.mov", "prores", False, "yuv444p10le", ("prores", "yuv444p10le")),
        ("a.mov", None, True, "yuv420p", ("prores", "yuva444p10le")),
        ("a.webm", None, True, "yuv420p", ("vp9", "yuva420p")),
        ("a.mkv", None, True, "yuv420p", ("ffv1", "yuva444p")),
        ("a.mkv", "ffv1", False, "yuvj420p", ("ffv1", "yuv420p")),
        ("a.mkv", "ffv1", False, "p010le", ("ffv1", "yuv420p10le")),
        ("a.mkv", "ffv1", False, "yuv422p10le", ("ffv1", "yuv422p10le")),
        ("a.mkv", "ffv1", False, "rgb24", ("ffv1", "bgr0")),
        ("a.mkv", "ffv1", False, "gbrp12le", ("ffv1", "gbrp12le")),
        ("a.mkv", "ffv1", False, "gray", ("ffv1", "gray")),
        ("a.gif", None, True, "yuv420p", ("gif", "bgra")),
        ("a.webp", None, False, "yuv420p", ("webp", "bgr0")),
        ("a.png", None, True, "yuv420p", ("apng", "bgra")),
    ],
)
def test_codec_and_samples(
    name: str, codec: str | None, alpha: bool, pixel_format: str, expected: tuple[str, str]
) -> None:
    found = choose(Path(name), codec, info(pixel_format), alpha)
    assert (found.codec, found.pixel_format) == expected
    assert found.alpha == alpha


@pytest.mark.parametrize(
    ("name", "codec", "alpha", "message"),
    [
        ("a.avi", None, False, r"written as \.mp4, .*\.apng, \.png, not as \.avi"),
        ("a", None, False, r"not as a file without a suffix"),
        ("a.mp4", "h263", False, r"'h263' is no codec; expected one of h264, "),
        ("a.mp4", "ffv1", False, r"\.mp4 cannot hold ffv1: it holds h264, hevc, av1, vp9, and ffv1 goes into \.mkv\."),
        ("a.webm", "h264", False, r"\.webm cannot hold h264: it holds vp9, av1, "),
        ("a.mp4", None, True, r"h264 in \.mp4 has no transparency; use prores in \.mov or \.mkv, vp9 in \.webm"),
        ("a.mov", "hevc", True, r"hevc in \.mov has no transparency"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(name: str, codec: str | None, alpha: bool, message: str) -> None:
    with pytest.raises(InputError, match=message):
        choose(Path(name), codec, info(), alpha)


def test_bits_are_not_lost_without_a_word() -> None:
    with pytest.raises(InputError, match=r"VP9 .* has 8 bits, and clip\.mp4 has 10; use --codec av1 or hevc\."):
        choose(Path("a.webm"), "vp9", info("yuv420p10le", 10))
    assert choose(Path("a.mp4"), None, info()).notes == ()
    assert "10 bits" in choose(Path("a.mp4"), None, info("yuv420p10le", 10)).notes[0]
    assert "10 of the clip's 12 bits" in choose(Path("a.mkv"), "av1", info("yuv420p12le", 12)).notes[0]
    assert "4:2:0" in choose(Path("a.mp4"), None, info("yuv444p")).notes[0]
    assert "no sound" in choose(Path("a.gif"), None, info(audio=1)).notes[0]


def test_ffv1_keeps_a_turned_clip_whole() -> None:
    assert choose(Path("a.mkv"), "ffv1", info("yuv422p", rotation=90)).pixel_format == "yuv444p"
    assert choose(Path("a.mkv"), "ffv1", info("yuv422p", rotation=180)).pixel_format == "yuv422p"
    assert choose(Path("a.mkv"), "ffv1", info("yuv420p", rotation=90)).pixel_format == "yuv420p"
    assert choose(Path("a.mkv"), "ffv1", info("yuv420p", rotation=90, size=(97, 128))).pixel_format == "yuv444p"


def test_an_encoder_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    own = encodings.encoder_formats
    monkeypatch.setattr(encodings, "encoder_formats", lambda name: () if name == "libx265" else own(name))
    with pytest.raises(ResourceError, match=r"PyAV cannot write HEVC; install PyAV's own wheel, or use --codec h264\."):
        choose(Path("a.mp4"), "hevc", info())
    assert encodings.encoder_formats("no such encoder") == ()
