from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from av.video.reformatter import Interpolation

from portrait_nst import clips
from portrait_nst.clips.blending import blended
from portrait_nst.clips.info import ColourTags
from portrait_nst.clips.layout import Layout, layout, layout_of
from portrait_nst.clips.planes import Planes, to_frame
from portrait_nst.types import FloatArray
from tests.clips import makers

SDR = ColourTags(1, 1, 1, False, True)
FORMATS = ("yuv420p", "yuv422p", "yuv444p", "yuv411p", "yuv440p", "yuv420p10le", "yuv422p10le", "yuv444p12le")
RGB_FORMATS = ("bgr0", "bgra", "gbrp10le", "gbrp12le", "gbrp16le", "gray", "gray10le", "yuva420p", "yuva444p10le")


def noise(form: Layout, size: tuple[int, int], tags: ColourTags = SDR) -> Planes:
    rng = np.random.default_rng(1)
    kind = np.uint8 if form.bits == 8 else np.uint16
    shapes = [(-(-size[0] // down), -(-size[1] // across)) for down, across in form.blocks]
    return Planes(form, tuple(rng.integers(0, form.greatest + 1, shape).astype(kind) for shape in shapes), tags)


def disc(size: tuple[int, int]) -> FloatArray:
    """A matte: 1 in a disc off the middle, with a soft rim, else exactly 0."""
    y, x = np.mgrid[: size[0], : size[1]]
    far = np.hypot(y - size[0] * 0.55, x - size[1] * 0.4)
    return np.clip((min(size) * 0.3 - far) / 5, 0, 1).astype(np.float32)


@pytest.mark.parametrize("rotation", (0, 90, 180, 270))
@pytest.mark.parametrize("pixel_format", FORMATS + RGB_FORMATS)
def test_nothing_changes_outside_the_matte_through_ffv1(tmp_path: Path, pixel_format: str, rotation: int) -> None:
    source = makers.plain_clip(tmp_path, "ffv1", pixel_format, frames=3, size=(62, 86), rotation=rotation, matrix=1)
    with clips.read(source) as clip:
        assert clip.info.rotation == rotation
        before = list(clip)
        alpha = disc(before[0].size)
        rng = np.random.default_rng(2)
        after = [frame.over(rng.random((*frame.size, 3), np.float32), alpha) for frame in before]
    out = makers.lossless(tmp_path / "out.mkv", after)
    with clips.read(out) as clip:
        written = list(clip)
    assert len(written) == 3
    stored = np.rot90(alpha, -rotation // 90 % 4)
    for old, new, read in zip(before, after, written, strict=True):
        for a, b, c in zip(old.samples.planes, new.samples.planes, read.samples.planes, strict=True):
            assert np.array_equal(b, c)
            if a.shape == stored.shape:
                assert np.array_equal(a[stored == 0], b[stored == 0])
        assert np.array_equal(old.rgb[alpha == 0], new.rgb[alpha == 0])
        assert np.abs(old.rgb[alpha == 1].astype(int) - new.rgb[alpha == 1]).mean() > 20
        full = Interpolation.BILINEAR | Interpolation.FULL_CHR_H_INT
        # Without the second flag swscale averages the full chroma of a row of this format by pairs.
        for flags in [full] if pixel_format == "yuv440p" else [full, Interpolation.BILINEAR]:
            rgb = [f.native.reformat(format="rgb24", interpolation=flags).to_ndarray() for f in (old, new)]
            assert np.array_equal(rgb[0][stored == 0], rgb[1][stored == 0])


@pytest.mark.parametrize("rotation", (0, 90, 180, 270))
@pytest.mark.parametrize("pixel_format", ("yuv420p", "yuv422p", "yuv444p10le"))
def test_turned_planes_are_the_same_outside_the_matte(pixel_format: str, rotation: int) -> None:
    old = makers.in_time(noise(layout_of(pixel_format), (62, 86)), rotation)
    alpha = disc(old.size)
    new = old.over(np.full((*old.size, 3), 255, np.uint8), alpha)
    rgb = [f.upright.reformat(format="rgb24", interpolation=Interpolation.BILINEAR).to_ndarray() for f in (old, new)]
    assert np.array_equal(rgb[0][alpha == 0], rgb[1][alpha == 0])
    inside = cv2.erode(alpha, np.ones((7, 7))) == 1  # at the rim chroma is that of the place
    assert rgb[1][inside].min() >= 254


@pytest.mark.parametrize("pixel_format", ("yuv420p", "yuv422p", "yuv411p", "yuv410p", "yuv420p10le"))
def test_nothing_is_seen_to_change_outside_the_matte_of_odd_sizes(pixel_format: str) -> None:
    frame = makers.in_time(noise(layout_of(pixel_format), (161, 97)))
    alpha = np.zeros(frame.size, np.float32)
    alpha[150:157, 80:95] = 1
    alpha[20:80, 30:61] = 1
    new = frame.over(np.random.default_rng(5).random((161, 97, 3), np.float32), alpha)
    assert np.array_equal(frame.rgb[alpha == 0], new.rgb[alpha == 0])


@pytest.mark.parametrize("size", ((161, 97), (1, 1), (2, 3), (3, 2)))
@pytest.mark.parametrize("pixel_format", ("yuv420p", "yuv422p", "yuv410p", "yuv411p"))
def test_odd_sizes_are_painted_to_their_edges(pixel_format: str, size: tuple[int, int]) -> None:
    frame = makers.in_time(noise(layout_of(pixel_format), size), 0)
    new = frame.over(np.full((*size, 3), 255, np.uint8), np.ones(size, np.float32))
    assert new.rgb.min() >= 254 and new.rgb.shape == (*size, 3)
    assert frame.over(np.zeros((*size, 3), np.uint8), np.zeros(size, np.float32)).samples is frame.samples


@pytest.mark.parametrize("shift", (-0.5, 0.0))  # of a sample in its block, in samples: at the left or top; in the middle
@pytest.mark.parametrize("pixel_format", ("yuv420p", "yuv422p", "yuv440p", "yuv411p", "yuv410p"))
def test_a_chroma_sample_changes_only_where_all_that_depends_on_it_is_painted(pixel_format: str, shift: float) -> None:
    """Against the weights of linear interpolation, pixel by pixel."""
    form = layout_of(pixel_format)
    down, across = form.block
    size = (24, 32)
    samples = noise(form, size)
    for hole in ((12, 13), (8, 16), (0, 0), (23, 31), (11, 18)):
        alpha = np.ones(size, np.float32)
        alpha[hole] = 0
        new = blended(samples, np.full((*size, 3), (255, 0, 255), np.uint8), alpha)
        changed = samples.planes[1] != new.planes[1]
        for row, column in np.argwhere(changed):
            reach = 1.0
            for at, sample, step in ((hole[0], row, down), (hole[1], column, across)):
                centre = sample * step + (step - 1) / 2 + (shift * (step - 1) if step > 1 else 0)
                reach *= max(0.0, 1 - abs(at - centre) / step)
            assert reach == 0
        assert changed.mean() > 0.6


def test_samples_are_blended_by_the_matte_and_rounded() -> None:
    form = Layout("rgb", 8)
    old = Planes(form, tuple(np.full((4, 6), code, np.uint8) for code in (10, 20, 30)), ColourTags(1, 13, 0, True))
    alpha = np.linspace(0, 1, 24, dtype=np.float32).reshape(4, 6)
    new = blended(old, np.full((4, 6, 3), (200, 100, 50), np.uint8), alpha)
    for plane, before, painted in zip(new.planes, (10, 20, 30), (100, 50, 200), strict=True):
        exact = before + alpha.astype(np.float64) * (painted - before)
        assert np.abs(plane - exact).max() <= 0.5 + 1e-4


def test_what_is_painted_where_the_matte_is_0_does_not_matter() -> None:
    frame = makers.in_time(noise(Layout("yuv", 10, (2, 2)), (40, 60)))
    alpha = disc(frame.size)
    painted = np.random.default_rng(4).random((40, 60, 3), np.float32)
    spoilt = np.where((alpha > 0)[..., None], painted, np.float32(np.nan))
    for one, other in zip(frame.over(painted, alpha).samples.planes, frame.over(spoilt, alpha).samples.planes):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("name", ("yuv444p10le", "yuv444p12le", "gbrp16le"))
def test_paintings_of_floats_keep_all_bits(name: str) -> None:
    """A ramp has as many steps as the samples have, not 256."""
    form = layout_of(name)
    frame = makers.in_time(noise(form, (2, 4096), ColourTags(1, 1, 0 if form.kind == "rgb" else 1, True)))
    ramp = np.repeat(np.linspace(0, 1, 4096, dtype=np.float32)[None, :, None], 3, axis=2).repeat(2, axis=0)
    luma = frame.over(ramp, np.ones((2, 4096), np.float32)).samples.planes[0][0]
    np.testing.assert_allclose(luma, ramp[0, :, 0] * form.greatest, atol=0.5 + 1e-2)
    assert len(np.unique(luma)) == min(4096, form.greatest + 1)


def test_alpha_of_the_clip_stays() -> None:
    frame = makers.in_time(noise(Layout("yuv", 8, (1, 1), True), (20, 30)), 90)
    new = frame.over(np.zeros((30, 20, 3), np.uint8), np.ones((30, 20), np.float32))
    assert new.alpha is not None and np.array_equal(new.alpha, frame.alpha)
    assert np.array_equal(new.alpha, np.rot90(frame.samples.planes[3]))


@pytest.mark.parametrize("rotation", (0, 90))
def test_replaced_frames_are_of_the_clips_kind(rotation: int) -> None:
    frame = makers.in_time(noise(Layout("yuv", 10, (2, 2)), (40, 60)), rotation)
    rgb = cv2.resize(makers.picture(3), (50, 80))
    new = frame.replaced(rgb)
    assert new.size == (80, 50) and new.samples.layout == frame.samples.layout and new.alpha is None
    assert np.abs(new.rgb.astype(int) - rgb).mean() < 2
    opacity = np.linspace(0, 1, 4000, dtype=np.float32).reshape(80, 50)
    clear = frame.replaced(rgb, opacity)
    assert clear.samples.layout == Layout("yuv", 10, (1, 1), True)
    assert np.abs(clear.rgb.astype(int) - rgb).max() <= 1
    assert clear.alpha is not None and np.abs(clear.alpha - opacity * 255).max() <= 0.75  # rounded twice
    assert (new.pts, new.number, new.time_base) == (frame.pts, frame.number, frame.time_base)


def test_pyavs_frames_have_time_and_colours() -> None:
    tags = ColourTags(9, 16, 9, False, True)
    frame = makers.in_time(noise(Layout("yuv", 10, (2, 2)), (40, 60), tags), 90)
    for made, size in ((frame.native, (40, 60)), (frame.upright, (60, 40))):
        assert (made.height, made.width) == size
        assert (made.pts, made.time_base, made.duration) == (0, frame.time_base, 1)
        assert (made.color_primaries, made.color_trc, made.colorspace, made.color_range) == (9, 16, 9, 1)
        assert made.format.name == "yuv420p10le"


def test_sizes_must_agree() -> None:
    frame = makers.in_time(noise(Layout("yuv", 8), (20, 30)))
    with pytest.raises(ValueError, match=r"must have the frame's size, \(20, 30\)"):
        frame.over(np.zeros((30, 20, 3), np.uint8), np.ones((30, 20), np.float32))


def test_every_layout_has_a_format_of_pyav() -> None:
    kinds = [("yuv", block) for block in ((1, 1), (1, 2), (2, 2), (2, 1), (1, 4), (4, 4))] + [("rgb", (1, 1)), ("grey", (1, 1))]
    for kind, block in kinds:
        for bits in (8, 9, 10, 12, 14, 16):
            for alpha in (False, True):
                form = layout(kind, bits, block, alpha)  # type: ignore[arg-type]
                assert form.bits >= bits and form.alpha == alpha
                assert layout_of(form.name) == form
                samples = noise(form, (17, 23))
                assert to_frame(samples).format.name == form.name
