"""Opening a clip's file: what is none is refused in one line, and ffmpeg reads that file and no other."""

from __future__ import annotations

import re
import stat
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from portrait_nst.errors import InputError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream
    from PIL import Image

# Formats that hold their pictures themselves. ffmpeg's others are lists of other files or addresses (hls, dash, concat, sdp,
# image sequences), devices, or games' films that nobody has.
_FORMATS = (
    *("mov", "matroska", "avi", "gif", "apng", "flv", "asf", "mpegts", "mpeg", "mxf", "ogg", "nut", "ivf"),
    *("h264", "hevc", "obu", "m4v", "mpegvideo", "dv", "yuv4mpegpipe"),
    *("mp3", "wav", "flac", "aac"),  # so that they are said to be sound
)
_LISTS = (
    b"#EXTM3U",
    b"ffconcat",
    b"v=0",
    b"<MPD",
    b"<?xml",
    b"[playlist]",
    b"[Reference]",
    b"RTSPtext",
    b"RTSPtextRTSP",
)
_PICTURES = {b"\xff\xd8\xff": "JPEG", b"BM": "BMP", b"II*\0": "TIFF", b"MM\0*": "TIFF"}
_PICTURE_BRANDS = {b"avif": "AVIF", b"mif1": "HEIC"} | dict.fromkeys((b"heic", b"heix", b"heim", b"heis"), "HEIC")
_EXPECTED = "expected a clip: MP4, MOV, MKV, WebM, AVI, or an animated GIF, WebP or PNG"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9.+-]+):/")  # of an address, longer than the letter of a drive
_PNG = b"\x89PNG\r\n\x1a\n"
_HEAD = 4096  # bytes that are looked at


def checked(path: str | Path) -> Path:
    """`path`, where it is a file that has bytes. Raises InputError."""
    name = str(path)
    if address := _address(path):
        raise InputError(f"{address} is an address; clips are read from files only. Download it first.")
    if not name:
        raise InputError("The path of a clip is an empty text; expected the name of a file.")
    try:
        status = Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"{name} does not exist; check the name and the folder.") from None
    except ValueError as error:  # a NUL byte in the name
        raise InputError(f"{name!r} is no valid file name ({error}).") from None
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror or error}.") from error
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{name} is a folder; {_EXPECTED}.")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{name} is a pipe, device or socket; clips are read from files, since they are sought in.")
    if not status.st_size:
        raise InputError(f"{name} is empty (0 bytes); {_EXPECTED}. Was the download or copy cut short?")
    return Path(path)


def _address(path: str | Path) -> str:
    """`path` where it is an address, else ""; a `Path` has lost one of its slashes."""
    name = str(path)
    if "://" in name:
        return name
    found = _SCHEME.match(name)
    return f"{found[1]}://{name[found.end() :]}" if found and isinstance(path, Path) and not path.exists() else ""


def kind_of(path: Path) -> str:
    """How the file `path` is decoded: "webp" by Pillow, "" by PyAV. Raises InputError for pictures, lists and text."""
    head = _head(path, _HEAD)
    if any(head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(start) for start in _LISTS):
        raise InputError(f"{path} is a list of other files or addresses, which are not opened; {_EXPECTED}.")
    picture = next((kind for magic, kind in _PICTURES.items() if head.startswith(magic)), "")
    if head[4:8] == b"ftyp":
        picture = _PICTURE_BRANDS.get(head[8:12], "")
    animated = {b"GIF8": "GIF", b"RIFF": "WebP", b"\x89PNG": "PNG"}.get(head[:4], "")
    if animated and (animated != "WebP" or head[8:12] == b"WEBP"):
        picture = "" if _moves(path) else animated
    if picture:
        raise InputError(f"{path} is a picture ({picture}), not a clip; paint it with `portrait-nst stylize`.")
    if _is_text(head):
        raise InputError(f"{path} is no clip: it looks like a text file; {_EXPECTED}.")
    return "webp" if animated == "WebP" and head[8:12] == b"WEBP" else ""


def _head(path: Path, count: int) -> bytes:
    """The first `count` bytes of a file. Raises InputError."""
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error


def _moves(path: Path) -> bool:
    """Whether a GIF, WebP or PNG has more than a frame; also where it is too damaged to say, for decoders to complain about."""
    try:
        with warnings.catch_warnings(), animation(path) as image:
            warnings.simplefilter("ignore")
            return bool(getattr(image, "is_animated", False))
    except Exception:
        return True


def animation(path: Path) -> Image.Image:
    """Pillow's image of a GIF, WebP or PNG, opened without its warnings. Raises what Pillow raises."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Image.open(path, formats=("GIF", "WEBP", "PNG"))


def _is_text(head: bytes) -> bool:
    return all(byte in b"\t\n\r\f\b\x1b" or byte >= 32 for byte in head)


def opened(path: Path) -> InputContainer:
    """PyAV's container of the file `path`, which opens no other file. Raises InputError."""
    import av

    options = {"protocol_whitelist": "file", "format_whitelist": ",".join(_FORMATS)}
    try:
        # FFmpeg takes a PNG for a list of pictures where its `acTL` chunk comes late, as after a long text or colour profile.
        known = "apng" if _head(path, len(_PNG)) == _PNG else None
        return av.open(
            f"file:{path.absolute()}", "r", format=known, container_options=options, metadata_errors="replace"
        )
    except (av.FFmpegError, ValueError, OSError) as error:
        if _head(path, 12)[4:8] == b"ftyp":
            reason = "the file ends before its index, the `moov` box, or that is spoilt"
            raise InputError(f"{path} is damaged or incomplete ({reason}); get a whole copy of it.") from error
        raise InputError(f"{path} is no clip that can be read, or is damaged; {_EXPECTED}.") from error


def video_stream(container: InputContainer, path: Path) -> VideoStream:
    """The stream of moving pictures; covers of music are none. Raises InputError where there is no such stream."""
    from av.stream import Disposition

    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            if stream.codec_context is None:
                raise InputError(f"{path} has pictures of a kind that cannot be decoded; convert it to MP4 first.")
            return stream
    if container.streams.audio:
        raise InputError(f"{path} has sound only and no pictures; {_EXPECTED}.")
    raise InputError(f"{path} has no pictures; {_EXPECTED}.")
