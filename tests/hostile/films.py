"""Hostile clips: small films and animations, damaged."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import numpy as np

from tests.hostile import cases
from tests.hostile.flips import Rng

MOST_FRAMES = 40  # a hostile file may state as many as it likes
# Suffix, encoder, pixel format, and a picture's format whose container is of the same kind. Not HEVC: its encoder needs more
# memory than a child of the campaign may have.
_KINDS = (
    (".mp4", "libx264", "yuv420p", "avif"),
    (".mov", "prores_ks", "yuva444p10le", "avif"),
    (".mkv", "ffv1", "yuv422p10le", ""),
    (".webm", "libvpx-vp9", "yuva420p", ""),
    (".avi", "mpeg4", "yuv420p", "webp"),
    (".gif", "gif", "rgb8", "gif"),
    (".png", "apng", "rgba", "png"),
    (".webp", "", "", "webp"),
)


@functools.cache
def _whole(number: int) -> bytes:
    from PIL import Image

    from tests.clips import makers

    suffix, encoder, pixel_format, _ = _KINDS[number]
    pictures = [makers.picture(i, (32, 48)) for i in range(4)]
    with tempfile.TemporaryDirectory() as folder:
        if encoder:
            path = makers.plain_clip(Path(folder), encoder, pixel_format, pictures=pictures, suffix=suffix)
            return path.read_bytes()
        path = Path(folder) / "a.webp"
        images = [Image.fromarray(pixels) for pixels in pictures]
        images[0].save(path, save_all=True, append_images=images[1:], duration=40)
        return path.read_bytes()


def hostile_clip(rng: Rng) -> bytes:
    """One of the clips, changed."""
    number = int(rng.integers(len(_KINDS)))
    return cases.changed(rng, _whole(number), _KINDS[number][3])


def read_clip(data: bytes, folder: Path) -> object:
    """Read it as painting does: what it says, some frames, one from the middle, a painting laid over it."""
    from portrait_nst import clips

    path = folder / "input"
    path.write_bytes(data)
    info = clips.probe(path)
    assert all("\n" not in note for note in info.notes)
    with clips.read(path, fps=10) as clip:
        for _ in zip(range(MOST_FRAMES), clip, strict=False):
            pass
    with clips.read(path) as clip:
        frames = [(frame.number, frame.pts) for _, frame in zip(range(MOST_FRAMES), clip, strict=False)]
        number, pts = frames[len(frames) // 2]
        frame = next(iter(clip.frames(number, pts)), None)
        if frame is not None:
            ones = np.ones(frame.size, np.float32)
            assert frame.over(np.zeros((*frame.size, 3), np.uint8), ones).rgb.shape == (*info.size, 3)
    return frames
