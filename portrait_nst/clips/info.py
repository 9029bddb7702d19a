"""What a clip's file says of itself."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from portrait_nst import resources

PQ, HLG = 16, 18  # transfer characteristics of ITU-T H.273
BT2020 = 9  # primaries, and matrix for non-constant luminance


@dataclass(frozen=True)
class ColourTags:
    """How the samples of a clip mean colours: numbers of ITU-T H.273, with none unspecified any more.

    A clip that leaves them out has those that players assume: BT.709 where it is larger than television of standard definition
    (more than 576 rows, or 1280 columns), else BT.601 (5 for 576 rows, else 6). Clips of RGB samples have a matrix of 0.
    primaries, transfer, matrix: as in H.273 (1 for BT.709).
    full_range: whether samples span all codes (JPEG's range); else 16 to 235 of 255 (MPEG's).
    stated: whether the file said so itself.
    """

    primaries: int = 1
    transfer: int = 1
    matrix: int = 1
    full_range: bool = False
    stated: bool = False

    @property
    def hdr(self) -> str:
        """One of "PQ" and "HLG", or "" for a clip of standard range."""
        return {PQ: "PQ", HLG: "HLG"}.get(self.transfer, "")


@dataclass(frozen=True)
class ClipInfo:
    """A clip as its file describes it.

    path:      the file.
    container: PyAV's name of the format ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "gif", ...).
    codec:     of the pictures ("h264", "hevc", "vp9", "av1", "prores", "ffv1", "gif", "webp", "apng").
    size:      (height, width) as it is shown, upright.
    rotation:  degrees counter-clockwise (0, 90, 180, 270) by which the stored pictures are turned to be upright.
    mirrored:  whether left and right of the stored pictures are exchanged before they are turned; frames are read so.
    frames:    how many there are as far as the file says; None where it does not.
    seconds:   how long it lasts; None where the file does not say.
    rate:      frames a second on average.
    begins:    the time stamp of the first frame, in seconds of the clip's own clock, from which `start` and `end` count.
    time_base: the unit of its time stamps, in seconds.
    pixel_format: PyAV's name ("yuv420p", "yuv420p10le", "rgba", ...).
    bits:      of a sample: 8 to 16.
    pixel_aspect: width by height of a pixel, as stored (before it is turned).
    colour:    how samples mean colours.
    interlaced: whether frames are of two fields.
    transparent: whether it has an alpha channel.
    audio, subtitles, chapters, data: how many of each it has; data tracks are what a phone writes beside (places, gravity).
    loops:     for animations how often it is played, 0 for ever; None for films.
    notes:     remarks for the user on how it is read.
    """

    path: Path
    container: str
    codec: str
    size: tuple[int, int]
    rotation: int
    frames: int | None
    seconds: float | None
    rate: Fraction
    time_base: Fraction
    pixel_format: str
    bits: int
    colour: ColourTags
    interlaced: bool = False
    transparent: bool = False
    audio: int = 0
    subtitles: int = 0
    chapters: int = 0
    data: int = 0
    loops: int | None = None
    begins: Fraction = Fraction(0)
    pixel_aspect: Fraction = Fraction(1)
    mirrored: bool = False
    notes: tuple[str, ...] = ()

    @functools.cached_property
    def sha256(self) -> str:
        """Of the file's bytes, hexadecimal; all of them are read when it is asked for first. Raises OSError."""
        return resources.file_digest(self.path)
