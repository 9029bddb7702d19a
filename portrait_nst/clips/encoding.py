"""How a clip is written: which codecs a file can have, and what an encoder is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portrait_nst.clips.info import ClipInfo
from portrait_nst.clips.layout import Layout, layout, layout_of
from portrait_nst.clips.mastering import Mastering, mastering_of
from portrait_nst.errors import InputError, ResourceError

CONTAINERS = {
    ".mp4": "mp4",
    ".m4v": "mp4",
    ".mov": "mov",
    ".mkv": "matroska",
    ".webm": "webm",
    ".gif": "gif",
    ".webp": "webp",
    ".apng": "apng",
    ".png": "apng",
}
"""Suffixes of what can be written, with PyAV's names of the formats."""

CODECS = {
    "mp4": ("h264", "hevc", "av1", "vp9"),
    "mov": ("h264", "hevc", "prores"),
    "matroska": ("h264", "hevc", "vp9", "av1", "prores", "ffv1"),
    "webm": ("vp9", "av1"),
    "gif": ("gif",),
    "webp": ("webp",),
    "apng": ("apng",),
}
"""What each of them can hold, the usual one first."""

ANIMATIONS = ("gif", "webp", "apng")
_ENCODERS = {"h264": "libx264", "hevc": "libx265", "vp9": "libvpx-vp9", "av1": "libsvtav1", "prores": "prores_ks"}
_ENCODERS |= {"ffv1": "ffv1", "gif": "gif", "webp": "libwebp_anim", "apng": "apng"}
_WORDS = {"h264": "H.264", "hevc": "HEVC", "vp9": "VP9", "av1": "AV1", "prores": "ProRes", "ffv1": "FFV1"}
_WORDS |= {"gif": "GIF", "webp": "WebP", "apng": "APNG"}
_SEE_THROUGH = {"prores": (".mov", ".mkv"), "vp9": (".webm", ".mkv"), "ffv1": (".mkv",)}
_SEE_THROUGH |= {"webp": (".webp",), "apng": (".apng",), "gif": (".gif",)}
"""Codecs with transparency, and in which files players find it."""
_CRF = {"h264": 18, "hevc": 20, "vp9": 24, "av1": 24}
"""Visually lossless, each on its own scale."""
_PRESETS = {"h264": "medium", "hevc": "medium", "vp9": "4", "av1": "8"}
"""Speeds at which an encoder keeps up with a network that paints five frames a second on two cores."""
_WEBP_QUALITY = 85  # of 100
_UNKNOWN = Mastering()


@dataclass(frozen=True)
class Encoding:
    """How pictures are encoded.

    codec:     its word, one of those in `CODECS`.
    container: PyAV's name of the file's format.
    pixel_format: of the samples that the encoder is given, PyAV's name.
    crf:       constant quality on the codec's own scale, less is better; WebP's quality, more is better; None where it has none.
    preset:    the encoder's word for its speed; None where it has none.
    alpha:     whether transparency is written.
    mastering: what an HDR clip says of its display, for encoders that write it.
    notes:     remarks for the user, on what differs from the source.
    """

    codec: str
    container: str
    pixel_format: str
    crf: int | None = None
    preset: str | None = None
    alpha: bool = False
    mastering: Mastering = _UNKNOWN
    notes: tuple[str, ...] = ()

    @property
    def animation(self) -> bool:
        """Whether it is a GIF, WebP or APNG, which are made of the whole clip at once and have no sound."""
        return self.container in ANIMATIONS

    @property
    def encoder(self) -> str:
        """PyAV's name of the encoder of segments; those of an animation are kept without loss until all of them are there."""
        return "ffv1" if self.animation else _ENCODERS[self.codec]

    @property
    def keeps_rotation(self) -> bool:
        """Whether pictures are stored as they lay in the source, and the file says how they are turned."""
        return self.container in ("mp4", "mov")

    @property
    def keeps_pixel_aspect(self) -> bool:
        """Whether the file says that pixels are not square; into Matroska itself PyAV cannot write it."""
        return self.container in ("mp4", "mov") or self.codec in ("h264", "hevc", "ffv1")

    @property
    def tag(self) -> str:
        """The tag of the codec in the file, where players ask for a certain one; "" for FFmpeg's own choice."""
        if self.codec == "prores":
            return "ap4h" if "444" in self.pixel_format else "apch"
        return (
            "hvc1" if self.codec == "hevc" and self.container in ("mp4", "mov") else ""
        )  # Apple's players take no other

    @property
    def word(self) -> str:
        """The codec as it is written in messages."""
        return _WORDS[self.codec]

    def options(self) -> dict[str, str]:
        """What `encoder` is told. Every encoder begins a clip with a key frame and lets no frame refer past a later one."""
        crf, preset = str(self.crf), str(self.preset)
        if self.codec == "h264":
            return {"crf": crf, "preset": preset}
        if self.codec == "hevc":  # x265 opens groups of pictures unless it is told not to, and talks
            told = {"log-level": "none", "open-gop": "0"} | self.mastering.options(self.codec)
            return {"crf": crf, "preset": preset, "x265-params": _parameters(told)}
        if self.codec == "vp9":
            hidden = {"auto-alt-ref": "0"} if self.alpha else {}  # libvpx has no frames that are not shown beside alpha
            return {"crf": crf, "b": "0", "deadline": "good", "cpu-used": preset, "row-mt": "1"} | hidden
        if self.codec == "av1":
            told = self.mastering.options(self.codec)
            return {"crf": crf, "preset": preset} | ({"svtav1-params": _parameters(told)} if told else {})
        if self.codec == "prores":
            return {"profile": "4444" if "444" in self.pixel_format else "hq", "vendor": "apl0"}
        return {"level": "3", "slicecrc": "1", "g": "1"}  # FFV1's version 3 with checksums, each frame on its own

    def as_dict(self) -> dict[str, Any]:
        """What decides the bytes, JSON-ready: segments of equal ones can be joined."""
        return {
            "codec": self.codec,
            "format": self.pixel_format,
            "rotation": self.keeps_rotation,
            "options": self.options(),
        }


def choose(path: Path, codec: str | None, source: ClipInfo, alpha: bool = False) -> Encoding:
    """How the file `path` is written for the clip `source`, with transparency if `alpha` is true.

    codec: the user's word; None for what the suffix has: H.264 in MP4, MOV and MKV (HEVC for more than 8 bits, whose 10 bits
        players decode where they refuse those of H.264), VP9 in WebM (AV1 for more than 8 bits), and with transparency ProRes
        4444 in MOV, VP9 in WebM and FFV1 in MKV.

    Raises InputError for a suffix that is not written, a codec that the file cannot hold, and transparency or a depth that the
    codec has not; ResourceError where the installed PyAV lacks the encoder.
    """
    suffix = path.suffix.lower()
    if suffix not in CONTAINERS:
        known = ", ".join(CONTAINERS)
        raise InputError(f"{path.name}: clips are written as {known}, not as {suffix or 'a file without a suffix'}.")
    container = CONTAINERS[suffix]
    possible = CODECS[container]
    held = layout_of(source.pixel_format)
    if codec is not None and codec not in _ENCODERS:
        raise InputError(f"{codec!r} is no codec; expected one of {', '.join(_ENCODERS)}.")
    if codec is not None and codec not in possible:
        homes = ", ".join(ending for ending, name in CONTAINERS.items() if codec in CODECS[name])
        raise InputError(
            f"{suffix} cannot hold {codec}: it holds {', '.join(possible)}, and {codec} goes into {homes}."
        )
    chosen = codec or _usual(suffix, held, alpha)
    if alpha and suffix not in _SEE_THROUGH.get(chosen, ()) and chosen != "apng":
        ways = ", ".join(f"{word} in {' or '.join(homes)}" for word, homes in _SEE_THROUGH.items())
        raise InputError(f"{chosen} in {suffix} has no transparency; use {ways}.")
    formats = encoder_formats(_ENCODERS[chosen])
    if not formats:
        others = [word for word in possible if encoder_formats(_ENCODERS[word])]
        instead = f"use --codec {others[0]}" if others else "choose another suffix"
        raise ResourceError(
            f"The installed PyAV cannot write {_WORDS[chosen]}; install PyAV's own wheel, or {instead}."
        )
    samples = _samples(chosen, source, held, alpha, formats)
    crf = _WEBP_QUALITY if chosen == "webp" else _CRF.get(chosen)
    mastering = mastering_of(source.path) if source.colour.hdr and chosen not in ANIMATIONS else _UNKNOWN
    notes = _notes(chosen, codec, samples, source)
    if mastering != _UNKNOWN and not mastering.options(chosen):
        notes = (*notes, f"What the clip says of its mastering display is left out of {_WORDS[chosen]}.")
    return Encoding(chosen, container, samples, crf, _PRESETS.get(chosen), alpha, mastering, notes)


def _parameters(told: dict[str, str]) -> str:
    return ":".join(f"{name}={value}" for name, value in told.items())


def _usual(suffix: str, held: Layout, alpha: bool) -> str:
    container = CONTAINERS[suffix]
    if alpha:
        return {"mov": "prores", "matroska": "ffv1", "webm": "vp9"}.get(container, CODECS[container][0])
    if held.bits > 8:
        return {"mp4": "hevc", "mov": "hevc", "matroska": "hevc", "webm": "av1"}.get(container, CODECS[container][0])
    return CODECS[container][0]


def _samples(codec: str, source: ClipInfo, held: Layout, alpha: bool, formats: tuple[str, ...]) -> str:
    """The format that the encoder is given: what players take, with the depth of the source. Raises InputError."""
    if codec == "ffv1":
        return _lossless(held, alpha, source)
    if codec in ANIMATIONS:
        return "bgra" if alpha else "bgr0"
    if codec == "prores":
        return (
            "yuva444p10le"
            if alpha
            else "yuv444p10le"
            if held.kind != "grey" and held.block == (1, 1)
            else "yuv422p10le"
        )
    depths = [depth for depth in (8, 10, 12) if _reduced(depth, alpha) in formats]
    enough = [depth for depth in depths if depth >= held.bits]
    if held.bits > 8 and max(depths) == 8:
        raise InputError(
            f"{_WORDS[codec]} as the installed PyAV writes it has 8 bits, and {source.path.name} has {held.bits}; "
            "use --codec av1 or hevc."
        )
    return _reduced(min(enough, default=max(depths)), alpha)


def _reduced(bits: int, alpha: bool) -> str:
    """The format with 4:2:0 chroma, the only one that all players take."""
    return f"yuv{'a' if alpha else ''}420p{'' if bits == 8 else f'{bits}le'}"


def _lossless(held: Layout, alpha: bool, source: ClipInfo) -> str:
    """The format in which FFV1 keeps the samples of upright frames, and those that `Frame.replaced` makes with an opacity."""
    rows, columns = held.block
    fits = source.rotation % 180 == 0 or rows == columns
    whole = source.rotation == 0 or (source.size[0] % rows == 0 and source.size[1] % columns == 0)
    block = held.block if fits and whole and alpha <= held.alpha else (1, 1)
    form = layout(held.kind, held.bits, block, alpha)
    if form.kind == "rgb" and form.bits == 8:  # FFV1 has no planes of 8-bit RGB
        return "bgra" if alpha else "bgr0"
    return form.name


def encoder_formats(encoder: str) -> tuple[str, ...]:
    """The sample formats that PyAV's encoder of this name takes; empty where the installed PyAV has no such encoder."""
    import av

    try:
        return tuple(found.name for found in av.Codec(encoder, "w").video_formats or ())
    except ValueError:
        return ()


def _notes(codec: str, wished: str | None, samples: str, source: ClipInfo) -> tuple[str, ...]:
    if codec in ANIMATIONS:
        sound = [f"{_WORDS[codec]} has no sound: it was left out."] if source.audio else []
        return (*sound, *([f"{_WORDS[codec]} has colours of standard range."] if source.colour.hdr else []))
    held, kept = layout_of(source.pixel_format), layout_of(samples)
    notes = []
    if held.bits > 8 and wished is None and codec in ("hevc", "av1"):
        notes.append(
            f"The clip has {held.bits} bits a sample; {_WORDS[codec]} keeps more than 8 and is played with them."
        )
    if codec == "h264" and kept.bits > 8:
        notes.append("Few players decode H.264 with 10 bits; --codec hevc is played by more.")
    if kept.bits < held.bits:
        notes.append(f"{_WORDS[codec]} holds {kept.bits} of the clip's {held.bits} bits.")
    if kept.kind == held.kind == "yuv" and kept.block > held.block:
        notes.append(
            "Colours are stored at half the width and height (4:2:0), which all players take; see --codec ffv1."
        )
    return tuple(notes)
