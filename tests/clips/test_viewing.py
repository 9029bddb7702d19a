from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.clips import colour, viewing
from portrait_nst.clips.info import ColourTags
from portrait_nst.clips.layout import Layout
from portrait_nst.clips.planes import Planes
from tests.clips import makers

PQ = ColourTags(9, 16, 9, False, True)
HLG = ColourTags(9, 18, 9, False, True)
WIDE = ColourTags(9, 1, 9, False, True)
P3 = ColourTags(12, 1, 1, False, True)
ALL = pytest.mark.parametrize("tags", (PQ, HLG, WIDE, P3), ids=("PQ", "HLG", "BT.2020", "P3"))


def test_pq_is_that_of_st_2084() -> None:
    """Nits and signals of ITU-R BT.2408, table 1, and of the standard's ends."""
    nits = np.array([0.0, 100, 203, 1000, 10000])
    light = viewing.to_light(np.array([0.0, 0.508078, 0.580689, 0.751827, 1]), PQ) * viewing.WHITE_NITS
    np.testing.assert_allclose(light, nits, rtol=2e-5, atol=1e-9)
    np.testing.assert_allclose(viewing.to_light(viewing.to_signal(nits / 203, PQ), PQ) * 203, nits, rtol=1e-9, atol=1e-9)


def test_hlg_is_that_of_bt_2100() -> None:
    """Grey: 75 % of the signal is the reference white, all of it the peak; below, scene light is E^2 / 3."""
    signal = np.repeat([[0.0], [0.25], [0.5], [0.75], [1.0]], 3, axis=1)
    light = viewing.to_light(signal, HLG)[:, 0] * viewing.WHITE_NITS
    scene = np.array([0.0, 0.0625 / 3, 0.25 / 3, (np.exp((0.75 - 0.55991073) / 0.17883277) + 0.28466892) / 12, 1.0])
    np.testing.assert_allclose(light, 1000 * scene**1.2, rtol=1e-6)
    assert light[3] == pytest.approx(203, abs=0.5)


def test_the_shoulder_is_smooth_monotone_and_undone_exactly() -> None:
    light = np.linspace(0, viewing.PEAK_NITS / viewing.WHITE_NITS, 100_001)
    shown = viewing.shoulder(light)
    assert (np.diff(shown) > 0).all() and shown[0] == 0 and shown[-1] == pytest.approx(1, abs=1e-12)
    assert np.array_equal(shown[light <= viewing.KNEE], light[light <= viewing.KNEE])
    slopes = np.gradient(shown, light)
    assert np.abs(np.diff(slopes)).max() < 2e-4  # no corner at the knee
    np.testing.assert_allclose(viewing.shoulder_inverse(shown), light, atol=1e-12)
    assert 0.85 < float(viewing.encode_srgb(viewing.shoulder(np.array([1.0])))[0]) < 0.92  # white stays a light tone


@ALL
def test_primaries_keep_white_and_change_back(tags: ColourTags) -> None:
    matrix = np.array(viewing._TO_SRGB[tags.primaries])
    np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=2e-6)
    np.testing.assert_allclose(matrix, _matrix(tags.primaries), atol=2e-6)


def _matrix(primaries: int) -> np.ndarray:
    """To linear sRGB, from the chromaticities of H.273, table 2, by way of XYZ."""
    corners = {
        1: ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)),
        9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
        12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    }
    white = np.array([0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290])

    def to_xyz(code: int) -> np.ndarray:
        columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in corners[code]]).T
        return columns * np.linalg.solve(columns, white)

    return np.linalg.solve(to_xyz(1), to_xyz(primaries))


@ALL
def test_what_is_painted_is_seen_again(tags: ColourTags) -> None:
    """signal_of, then view: the same sRGB but for rounding; through samples of 12 bits nearly so."""
    rgb = np.random.default_rng(0).random((64, 64, 3)).astype(np.float32)
    rgb[0, :8] = [[0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 0]]
    signal = viewing.signal_of(rgb, tags)
    assert signal.min() >= 0 and signal.max() <= (1.09 if tags.hdr == "HLG" else 1.00001)
    seen = viewing.view(signal, tags)
    assert np.abs(seen - rgb * 255).max() < 0.8
    like = Planes(Layout("yuv", 12), tuple(np.full((64, 64), 2048, np.uint16) for _ in range(3)), tags)
    frame = makers.in_time(like).over(rgb, np.ones((64, 64), np.float32))
    error = np.abs(frame.rgb - rgb * 255)
    assert np.quantile(error, 0.99) < 2


@ALL
def test_signals_within_srgb_come_back(tags: ColourTags) -> None:
    """From a signal to light and back in float64, and through the view's whole way but its rounding."""
    inside = viewing.signal_of(np.random.default_rng(1).random((40, 50, 3)), tags).astype(np.float64)
    np.testing.assert_allclose(viewing.to_signal(viewing.to_light(inside, tags), tags), inside, atol=1e-9)
    light = viewing.to_light(inside, tags) @ np.array(viewing._TO_SRGB[tags.primaries]).T
    shown = viewing.encode_srgb(viewing.shoulder(light) if tags.hdr else light)
    np.testing.assert_allclose(viewing.signal_of(shown, tags), inside, atol=3e-6)


@ALL
def test_the_view_is_the_plain_formula_in_float64(tags: ColourTags) -> None:
    signal = np.random.default_rng(2).random((80, 80, 3))
    light = np.clip(viewing.to_light(signal, tags) @ np.array(viewing._TO_SRGB[tags.primaries]).T, 0, None)
    shown = viewing.shoulder(np.minimum(light, 1000 / 203)) if tags.hdr else light
    exact = np.clip(viewing.encode_srgb(shown), 0, 1) * 255
    assert np.abs(viewing.view(signal.astype(np.float32), tags) - exact).max() < 0.65


@ALL
def test_background_samples_are_untouched_and_10_bits_stay(tags: ColourTags) -> None:
    rng = np.random.default_rng(3)
    planes = (
        rng.integers(64, 941, (32, 48)).astype(np.uint16),
        *(rng.integers(64, 961, (16, 24)).astype(np.uint16) for _ in range(2)),
    )
    frame = makers.in_time(Planes(Layout("yuv", 10, (2, 2)), planes, tags))
    alpha = np.zeros((32, 48), np.float32)
    alpha[8:24, 16:40] = 1
    new = frame.over(np.linspace(0, 1, 32 * 48 * 3, dtype=np.float32).reshape(32, 48, 3), alpha)
    assert np.array_equal(new.samples.planes[0][alpha == 0], planes[0][alpha == 0])
    assert np.array_equal(new.rgb[alpha == 0], frame.rgb[alpha == 0])
    assert len(np.unique(new.samples.planes[0][alpha == 1] % 4)) == 4


def test_grey_ramps_in_pq_have_no_steps_of_8_bits() -> None:
    like = Planes(Layout("yuv", 10), tuple(np.full((1, 2000), 512, np.uint16) for _ in range(3)), PQ)
    ramp = np.repeat(np.linspace(0.1, 0.9, 2000, dtype=np.float32)[None, :, None], 3, axis=2)
    luma = makers.in_time(like).over(ramp, np.ones((1, 2000), np.float32)).samples.planes[0][0].astype(int)
    assert set(np.diff(luma)) <= {0, 1}


def test_notes_say_what_is_done() -> None:
    assert viewing.note(ColourTags()) == "" and viewing.is_direct(ColourTags())
    assert "HDR clip (PQ)" in viewing.note(PQ) and "203 nits" in viewing.note(PQ)
    assert "HDR clip (HLG)" in viewing.note(HLG)
    assert "wide range of colours" in viewing.note(P3)
    assert colour.complete(Layout("yuv", 10, (2, 2)), (1080, 1920), 9, 18, 9, 1) == HLG
