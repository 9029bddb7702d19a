"""Animated WebP by Pillow: ffmpeg does not decode it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from portrait_nst.clips.decoding import Damage
from portrait_nst.clips.info import ColourTags
from portrait_nst.clips.layout import Layout
from portrait_nst.clips.planes import Planes
from portrait_nst.errors import InputError
from portrait_nst.imaging.decoding.limits import size_check

TIME_BASE = Fraction(1, 1000)
COLOUR = ColourTags(primaries=1, transfer=13, matrix=0, full_range=True)


def webp_frames(path: Path, damage: Damage, *, alpha: bool = True) -> Iterator[tuple[Planes, int, int]]:
    """Planes, time stamp and duration (milliseconds) of each frame.

    alpha: whether they have a plane of transparency. Raises InputError where nothing of the file can be read.
    """
    from PIL import Image

    pts = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = Image.open(path, formats=("WEBP",))
        except Exception as error:
            raise InputError(f"{path} is damaged or incomplete; get a whole copy of it.") from error
        with image:
            size_check(str(path), None, 1, path.stat().st_size)(*image.size)
            form = Layout("rgb", 8, alpha=alpha)
            for number in range(getattr(image, "n_frames", 1)):
                try:
                    image.seek(number)
                    pixels = np.asarray(image.convert("RGBA"))
                except Exception:  # whatever a decoder raises on damaged data; its frames build on each other
                    damage.count += 1
                    return
                order = (1, 2, 0, 3) if form.alpha else (1, 2, 0)
                planes = tuple(np.ascontiguousarray(pixels[..., i]) for i in order)
                duration = int(image.info.get("duration", 0))
                yield Planes(form, planes, COLOUR), pts, duration
                pts += max(duration, 1)


def loops(path: Path) -> int | None:
    """How often an animated GIF, WebP or PNG is played, 0 for ever; None for films."""
    from PIL import Image

    try:
        with Image.open(path, formats=("GIF", "WEBP", "PNG")) as image:
            times = image.info.get("loop")
            # GIF counts repetitions after the first time, and without its extension is played once.
            return (1 if times is None else times + (times > 0)) if image.format == "GIF" else int(times or 0)
    except Exception:
        return None
