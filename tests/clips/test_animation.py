"""GIF, WebP and APNG: times, transparency, one palette, loops; frames are not all held."""

from __future__ import annotations

import zlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from portrait_nst.clips import ClipWriter, choose, probe, read, recipe_in
from portrait_nst.clips.animation import _hundredths
from portrait_nst.types import UInt8Array
from tests.clips.makers import picture, plain_clip
from tests.clips.readers import pages

TIMES = (0, 3003, 6100, 15015, 18100, 33000)  # of 1/90000 s
UNIT = Fraction(1, 90_000)


def made(folder: Path, name: str, *, alpha: bool = False) -> tuple[Path, list[UInt8Array]]:
    """An animation of a clip's frames, and what it should show, (h, w, 4) uint8 each."""
    path = plain_clip(folder, "libx264", frames=6, times=TIMES, time_base=UNIT, options={"crf": "1"})
    out, shown = folder / name, []
    with read(path) as clip, ClipWriter(out, choose(out, None, clip.info, alpha), clip.info) as writer:
        for one in clip:
            opacity = np.zeros(one.size, np.float32)
            opacity[20:70, 30 + 5 * one.number : 90] = 1
            given = one.replaced(one.rgb, opacity) if alpha else one
            writer.write(given)
            seen = given.alpha if given.alpha is not None else np.full(one.size, 255, np.uint8)
            shown.append(np.dstack([given.rgb, seen]))
    return out, shown


@pytest.mark.parametrize(("name", "unit"), [("a.gif", 10), ("a.webp", 1), ("a.apng", 0.02)])
def test_frames_stay_as_long_as_in_the_clip(name: str, unit: float, tmp_path: Path) -> None:
    out, shown = made(tmp_path, name)
    lengths, seen = pages(out)
    assert len(seen) == len(shown)
    starts = np.concatenate([[0], np.cumsum(lengths)])[: len(TIMES)]
    np.testing.assert_allclose(starts, [1000 * float(time * UNIT) for time in TIMES], atol=unit / 2 + 1e-6)
    last = 1000 * float(UNIT) * (33000 - 18100)  # the clip does not say; some time it must be
    assert 0 < lengths[-1] <= last


@pytest.mark.parametrize(("name", "levels"), [("a.gif", 12), ("a.webp", 12), ("a.apng", 0)])
@pytest.mark.parametrize("alpha", [False, True])
def test_they_show_what_the_frames_do(name: str, levels: int, alpha: bool, tmp_path: Path) -> None:
    out, shown = made(tmp_path, name, alpha=alpha)
    for want, got in zip(shown, pages(out)[1], strict=True):
        np.testing.assert_array_equal(got[..., 3], want[..., 3])
        seen = want[..., 3] > 0
        assert np.abs(got.astype(int) - want)[seen][:, :3].mean() <= levels / 3
        assert np.quantile(np.abs(got.astype(int) - want)[seen][:, :3], 0.99) <= 3 * levels


def test_what_does_not_move_does_not_crawl(tmp_path: Path) -> None:
    """Of a still picture with a moving disc, no pixel of a GIF changes where the clip's does not."""
    path = plain_clip(tmp_path, "ffv1", "bgr0", pictures=[picture(3 * i) for i in range(5)])
    out = tmp_path / "a.gif"
    with read(path) as clip, ClipWriter(out, choose(out, None, clip.info), clip.info) as writer:
        before = [one.rgb for one in clip]
        for one in clip:
            writer.write(one)
    after = pages(out)[1]
    for earlier, later in zip(range(4), range(1, 5), strict=True):
        still = (before[earlier] == before[later]).all(axis=2)
        assert still.mean() > 0.5
        assert (after[earlier] == after[later]).all(axis=2)[still].all()
    colours = {tuple(colour) for page in after for colour in page.reshape(-1, 4)}
    assert len(colours) <= 255


def test_browsers_play_nothing_faster_than_fifty_frames_a_second() -> None:
    times = [Fraction(i, 60) for i in range(7)]
    kept, starts = _hundredths(times)
    assert kept == [0, 1, 3, 4]
    assert starts == [0, 2, 5, 7, 10]
    assert _hundredths([Fraction(0), Fraction(1, 1000)]) == ([0], [0, 2])


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.apng"])
def test_loops_are_those_of_the_source(name: str, tmp_path: Path) -> None:
    from PIL import Image

    for loops in (0, 1, 3):
        pictures = [Image.fromarray(picture(i)) for i in range(3)]
        source = tmp_path / f"source{loops}.png"
        pictures[0].save(source, save_all=True, append_images=pictures[1:], duration=100, loop=loops)
        out = tmp_path / name
        with read(source) as clip, ClipWriter(out, choose(out, None, clip.info), clip.info, source=clip.info) as writer:
            for one in clip:
                writer.write(one)
        assert probe(out).loops == loops
        assert len(pages(out)[1]) == 3


def test_a_single_frame(tmp_path: Path) -> None:
    path = plain_clip(tmp_path, "ffv1", "bgr0", frames=1)
    for name in ("a.gif", "a.webp", "a.apng"):
        out = tmp_path / name
        with read(path) as clip, ClipWriter(out, choose(out, None, clip.info), clip.info, recipe={"a": 1}) as writer:
            for one in clip:
                writer.write(one)
        assert len(pages(out)[1]) == 1


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("name", ["a.apng", "a.png"])
def test_an_apng_with_a_long_recipe_is_found_by_its_contents(name: str, alpha: bool, tmp_path: Path) -> None:
    """FFmpeg looks for `acTL` in the first 2048 bytes, before which a text must not stand."""
    path, out = plain_clip(tmp_path, "ffv1", "bgra" if alpha else "bgr0", frames=3), tmp_path / name
    recipe = {"text": "x" * 5000}
    with read(path) as clip:
        encoding = choose(out, None, clip.info, alpha)
        with ClipWriter(out, encoding, clip.info, source=clip.info, recipe=recipe) as writer:
            for one in clip:
                writer.write(one)
    with av.open(str(out)) as found:
        assert found.format.name == "apng"
    info = probe(out)
    assert (info.frames, info.codec) == (3, "apng") and recipe_in(out) == recipe
    assert len(pages(out)[1]) == 3


def test_an_apng_whose_text_comes_first_is_read_too(tmp_path: Path) -> None:
    path = plain_clip(tmp_path, "apng", "rgb24", frames=3)
    data, body = path.read_bytes(), b"tEXtlong\0" + b"x" * 9000
    text = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    path.write_bytes(data[:33] + text + data[33:])
    assert probe(path).frames == 3
    with read(path) as clip:
        assert len(list(clip)) == 3
