"""Looking at files that were brought: whether they can be read, how large they are, and a view of them for the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from portrait_nst import imaging
from portrait_nst.errors import InputError, PortraitError
from portrait_nst.imaging.decoding.headers import picture_size
from portrait_nst.imaging.decoding.limits import ALWAYS_BELIEVED, PIXELS_A_BYTE
from portrait_nst.imaging.sources import read_bytes
from portrait_nst.studio.desk.pictures import write_view
from portrait_nst.types import Photo, UInt8Array

THUMB = 256  # pixels of the longer side of a thumbnail

Seen = dict[str, Any]


def examine(path: Path, name: str, pixels: int, shown: Path | None = None, longest: int = 1600) -> Seen:
    """What the picture in the file `path` is like: {"width", "height" (upright), "notes" (list of text)}.

    name: what messages call it. pixels: width times height at most, compared with the file's header before anything is
    decoded. It is decoded whole, so that what can be examined can be painted. shown: where to write its `view` of `longest`
    pixels, for which it is decoded already. Raises InputError, ResourceError.
    """
    photo = load(path, name, pixels)
    if shown is not None:
        write_view(photo.rgb, photo.alpha, longest, shown)
    return {"width": photo.width, "height": photo.height, "notes": list(photo.notes)}


def examine_clip(path: Path, name: str, pixels: int) -> Seen:
    """What the clip in the file `path` is like: as `examine` says, and "seconds". Raises InputError, ResourceError."""
    from portrait_nst import clips

    with named(path, name):
        info = clips.probe(path)
    height, width = info.size
    _check_pixels(name, width, height, pixels)
    return {"width": width, "height": height, "seconds": float(info.seconds or 0), "notes": list(info.notes)}


def view(path: Path, longest: int, out: Path, name: str = "the picture") -> str:
    """Write the picture `path` to `out`, upright, in sRGB, its longer side `longest` pixels at most; returns its media type.

    It is a JPEG of quality 88, or a PNG where the picture is partly transparent. Raises InputError, ResourceError.
    """
    with named(path, name):
        data = read_bytes(path)
    photo = imaging.decode(data, name)
    return write_view(photo.rgb, photo.alpha, longest, out)


def thumb(path: Path, out: Path, name: str = "the picture") -> str:
    """`view` of `THUMB` pixels."""
    return view(path, THUMB, out, name)


def view_clip(path: Path, longest: int, out: Path, name: str = "the clip") -> str:
    """As `view`, of the frame in the middle of the clip `path`."""
    with named(path, name):
        frame = middle_frame(path)
    return write_view(frame, None, longest, out)


def middle_frame(path: Path) -> UInt8Array:
    """(H, W, 3) uint8 sRGB, upright: the frame in the middle of the clip `path`, or its first. Raises InputError."""
    from portrait_nst import clips

    middle = (clips.probe(path).seconds or 0) / 2
    for start in (middle, None):
        try:
            with clips.read(path, start=start) as clip, closing(iter(clip)) as frames:
                for frame in frames:
                    return frame.rgb
        except InputError:  # a clip that says it is longer than it is
            if start is None:
                raise
    raise InputError(f"{path} has no frame that can be decoded.")


def load(path: Path, name: str, pixels: int) -> Photo:
    """The picture in the file `path`; see `examine`."""
    with named(path, name):
        data = read_bytes(path)
    height, width = picture_size(data, name)
    _check_pixels(name, width, height, pixels)
    if width * height > max(ALWAYS_BELIEVED, PIXELS_A_BYTE * len(data)):
        raise InputError(
            f"{name} says that it is {width} x {height} pixels, and is a file of {len(data)} bytes, which is next to nothing: it "
            "is damaged, or a decompression bomb. Save it anew with another program."
        )
    return imaging.decode(data, name, max_pixels=pixels)


@contextmanager
def named(path: Path, name: str) -> Iterator[None]:
    """A context whose PortraitErrors call the file `path` of ours by the `name` of the user's file."""
    try:
        yield
    except PortraitError as error:
        raise type(error)(str(error).replace(str(path), name)) from None


def _check_pixels(name: str, width: int, height: int, pixels: int) -> None:
    if width * height > pixels:
        raise InputError(
            f"{name} says that it is {width} x {height} pixels; the studio takes up to {pixels / 1e6:g} megapixels. Bring a "
            "smaller copy of it."
        )
