"""Animated WebP by Pillow: ffmpeg does not decode it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from portrait_nst.clips.decoding import Damage
from portrait_nst.clips.info import ColourTags
from portrait_nst.clips.layout import Layout
from portrait_nst.clips.opening import animation
from portrait_nst.clips.planes import Planes
from portrait_nst.errors import InputError
from portrait_nst.imaging.decoding.limits import size_check

TIME_BASE = Fraction(1, 1000)
COLOUR = ColourTags(primaries=1, transfer=13, matrix=0, full_range=True)


def webp_frames(path: Path, damage: Damage, *, alpha: bool = True) -> Iterator[tuple[Planes, int, int]]:
    """Planes, time stamp and duration (milliseconds) of each frame, as far as they can be decoded.

    alpha: whether they have a plane of transparency. Raises InputError for absurd sizes.
    """
    form = Layout("rgb", 8, alpha=alpha)
    pts = 0
    try:
        with animation(path) as image:
            size_check(str(path), None, 1, path.stat().st_size)(*image.size)
            for number in range(getattr(image, "n_frames", 1)):
                image.seek(number)
                pixels = np.asarray(image.convert("RGBA"))
                planes = tuple(np.ascontiguousarray(pixels[..., i]) for i in ((1, 2, 0, 3) if alpha else (1, 2, 0)))
                duration = int(image.info.get("duration", 0))
                yield Planes(form, planes, COLOUR), pts, duration
                pts += max(duration, 1)
    except InputError:
        raise
    except Exception:  # whatever a decoder raises on damaged data; frames build on each other, so that this is the end
        damage.count += 1


def loops(path: Path) -> int | None:
    """How often an animated GIF, WebP or PNG is played, 0 for ever; None where that cannot be read."""
    try:
        with animation(path) as image:
            times = image.info.get("loop")
            # GIF counts repetitions after the first time, and without its extension is played once.
            return (1 if times is None else times + (times > 0)) if image.format == "GIF" else int(times or 0)
    except Exception:
        return None
