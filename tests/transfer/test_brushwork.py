"""Brush work: the style's own detail comes back at its resolution, nothing that is masked shows, and tones stay."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from portrait_nst.transfer import colour
from portrait_nst.transfer.config import StylePart, StyleSource
from portrait_nst.transfer.patches import CUT, PATCH, brushwork
from portrait_nst.transfer.target_store import style_size
from portrait_nst.types import FloatArray

from .nearest.scenes import orders, texture

module = importlib.import_module("portrait_nst.transfer.patches")  # whose name its function has
SMALL = (64, 64)  # of a painting: a power of two, beside which a style of as many pixels is seen as it is
HOW = orders(SMALL)


def whole(*parts: StylePart, size: tuple[int, int] = SMALL) -> StyleSource:
    return StyleSource(parts, np.ones(size, np.float32))


def strokes(height: int, width: int, seed: int = 0, period: float = 4.0) -> FloatArray:
    """(h, w, 3): broad colours, by which fine stripes turn that come to nothing when blurred."""
    rng = np.random.default_rng(seed)
    broad = colour.blur(rng.random((height, width, 3)).astype(np.float32), 9.0)
    broad = 0.5 + (broad - broad.mean((0, 1))) / broad.std((0, 1)) * 0.1
    y, x = np.mgrid[:height, :width]
    turn = 6 * broad[..., 0]
    stripes = np.sin((x * np.cos(turn) + y * np.sin(turn)) * 2 * np.pi / period)[..., None]
    return np.asarray(np.clip(broad + 0.12 * stripes + rng.normal(0, 0.02, (height, width, 3)), 0, 1), np.float32)


def detail_of(rgb: FloatArray) -> FloatArray:
    return rgb - colour.blur(rgb, CUT)


def alike(a: FloatArray, b: FloatArray) -> float:
    """Correlation, away from the border."""
    return float(np.corrcoef(a[8:-8, 8:-8].ravel(), b[8:-8, 8:-8].ravel())[0, 1])


@pytest.fixture(scope="module")
def style() -> FloatArray:
    return strokes(128, 128)


@pytest.fixture(scope="module")
def piece(style: FloatArray) -> FloatArray:
    return np.ascontiguousarray(style[20:84, 36:100])


AS_IT_IS = replace(HOW, style_scale=2.0)  # of a style of 128 pixels


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_a_blurred_piece_of_the_style_gets_its_detail_back(turn: int, style: FloatArray, piece: FloatArray) -> None:
    """The tones are kept, and the detail is that of the very place, whichever way the style lies."""
    turned = np.ascontiguousarray(np.rot90(style, turn))
    assert style_size(StylePart(turned), SMALL, 2.0) == (128, 128)
    painted = colour.blur(piece, 1.5)
    low, detail = brushwork(painted, SMALL, [whole(StylePart(turned))], AS_IT_IS)
    assert low.shape == detail.shape == (64, 64, 3) and low.dtype == detail.dtype == np.float32
    assert np.array_equal(low, colour.blur(painted, CUT))
    assert alike(detail, detail_of(piece)) > 0.99
    assert 0.95 < detail[8:-8, 8:-8].std() / detail_of(piece)[8:-8, 8:-8].std() < 1.05


def test_another_styles_detail_is_not_the_pieces(piece: FloatArray) -> None:
    """But it is as strong as that style's, though patches that do not fit cancel."""
    other = strokes(128, 128, seed=7)
    _, detail = brushwork(colour.blur(piece, 1.5), SMALL, [whole(StylePart(other))], AS_IT_IS)
    assert abs(alike(detail, detail_of(piece))) < 0.2
    assert 0.7 < detail.std() / detail_of(other).std() < 1.1


def test_tones_stay_the_paintings(style: FloatArray) -> None:
    painted = texture(*SMALL, 3)
    low, detail = brushwork(painted, SMALL, [whole(StylePart(style))], AS_IT_IS)
    assert detail.std() > 0.03, "there is something to be seen"
    moved = colour.blur(detail, 6.0)
    assert np.abs(moved).max() < 0.03 and moved.std() < 0.1 * detail.std()
    assert alike(colour.blur(low + detail, 6.0), colour.blur(painted, 6.0)) > 0.98


def test_the_same_call_gives_the_same_bytes(style: FloatArray) -> None:
    painted = texture(*SMALL, 3)
    once, again = (brushwork(painted, (90, 90), [whole(StylePart(style))], HOW) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(once, again))


@pytest.mark.parametrize("soft", [False, True])
def test_what_a_styles_mask_hides_changes_nothing(soft: bool, style: FloatArray) -> None:
    mask = np.zeros((128, 128), np.float32)
    mask[30:, :90] = 1
    if soft:
        mask[26:30, :90] = 0.4
    hidden = mask == 0
    found = []
    for other in (None, 0.0, 1.0, texture(128, 128, 9)[hidden]):
        rgb = style.copy()
        if other is not None:
            rgb[hidden] = other
        found.append(brushwork(texture(*SMALL, 3), SMALL, [whole(StylePart(rgb, mask))], AS_IT_IS)[1])
    assert found[0].std() > 0.03 and all(np.array_equal(each, found[0]) for each in found[1:])
    seen = style.copy()
    seen[60:100, 20:60] = 0.5
    changed = brushwork(texture(*SMALL, 3), SMALL, [whole(StylePart(seen, mask))], AS_IT_IS)[1]
    assert not np.array_equal(changed, found[0]), "what it shows does"


def test_patches_lie_within_the_mask_as_a_whole(style: FloatArray) -> None:
    mask = np.zeros((128, 128), np.float32)
    mask[30:100, 10:90] = 1
    patches = module.patches_of([StylePart(style, mask)], SMALL, 1.0, AS_IT_IS)
    allowed = torch.nonzero(patches.allowed)[:, 0]
    assert len(allowed) > 500 and len(patches.index.starts) == 4
    turned = [np.rot90(mask, turn) for turn in range(4)]
    for number, row, column in zip(*(each.tolist() for each in patches.index.locate(allowed))):
        top, left = 2 * row + 1 - PATCH // 2, 2 * column + 1 - PATCH // 2
        assert turned[number][top : top + PATCH, left : left + PATCH].min() == 1 and min(top, left) >= 0
    assert set(patches.index.locate(allowed)[0].tolist()) == {0, 1, 2, 3}


def test_a_grey_style_gives_equal_channels(style: FloatArray) -> None:
    painted = colour.grey_array(texture(*SMALL, 3))
    low, detail = brushwork(painted, (96, 96), [whole(StylePart(style))], replace(HOW, grey=True))
    assert detail.std() > 0.03 and np.ptp(detail, axis=2).max() == 0 and np.ptp(low, axis=2).max() < 1e-6
    _, coloured = brushwork(painted, (96, 96), [whole(StylePart(style))], HOW)
    assert np.ptp(coloured, axis=2).max() > 0.01


@pytest.mark.parametrize(
    "own, output, style_scale, expected",
    [
        (256, 64, 1.0, 1.0),  # the output shows no more
        (256, 128, 1.0, 2.0),
        (256, 1000, 1.0, 4.0),  # the style has no more
        (256, 1000, 2.0, 2.0),  # strokes twice as broad are seen at twice the size
        (40, 1000, 1.0, 1.0),  # a style that is enlarged as it is
        (256, 40, 1.0, 1.0),  # an output that is smaller than the painting
        (256, 110, 1.0, 1.5),  # 1.71 goes down to whole quarters, so that cells lie at whole pixels
    ],
)
def test_the_scale_is_what_output_and_style_have(own: int, output: int, style_scale: float, expected: float) -> None:
    config = replace(HOW, style_scale=style_scale)
    part = StylePart(texture(own, own, 2))
    assert module._scale([part], SMALL, (output, output), config) == expected
    large = StylePart(np.zeros((2048, 2048, 3), np.float32))
    assert module._scale([large, part], SMALL, (output, output), config) == expected, "the smallest of several"
    _, detail = brushwork(texture(*SMALL, 3), (output, output), [whole(part)], config)
    assert detail.shape == (64 * expected, 64 * expected, 3)


def test_the_scale_ends_at_the_largest_side() -> None:
    part = StylePart(np.zeros((4000, 4000, 3), np.float32))
    assert module._scale([part], (256, 512), (8000, 16000), orders((256, 512))) == module.LARGEST / 512
    assert module._scale([part], (3000, 3000), (9000, 9000), orders((3000, 3000))) == 1


def test_the_styles_own_resolution_reaches_the_output() -> None:
    """Of a style of twice the pixels there is detail at periods that the painting itself has not."""
    style = strokes(128, 128, period=3.0)
    painted = colour.resize(colour.blur(style, 4.0), SMALL)
    _, detail = brushwork(painted, (128, 128), [whole(StylePart(style))], HOW)
    assert detail.shape == (128, 128, 3)
    finest = [np.abs(each - colour.blur(each, 1.0)).mean() for each in (detail, style)]
    assert finest[0] > 0.6 * finest[1]


@pytest.mark.parametrize("count, turns", [(1, 4), (3, 4), (4, 1), (12, 1), (40, 1)])
def test_pictures_of_a_style_stay_within_the_most(count: int, turns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all quarter turns would be too much each picture has one, of which windows are cut where that is too much still."""
    monkeypatch.setattr(module, "MOST", 50_000)
    parts = [StylePart(texture(64, 64, number)) for number in range(count)]
    patches = module.patches_of(parts, SMALL, 2.0, HOW)
    index = patches.index  # of half pixels
    pixels = [4 * high * wide for high, wide in zip(index.heights.tolist(), index.widths.tolist())]
    assert sum(pixels) <= 50_000 and len(pixels) == turns * count == len(patches.strides)
    assert sum(pixels) > 0.6 * min(50_000, turns * count * 64 * 64), "and not much below it"
    assert len(patches.columns) == len(patches.allowed) == sum(pixels) // 4
    most = 2 * (2 * int(index.heights[0]) + 1) + 2 * 24  # at twice the size, and a patch on all sides
    assert patches.pixels.shape[1] <= count * most**2, "once for all turns"
    used = patches.index.locate(torch.arange(len(patches.columns)))[0]
    assert set(used.tolist()) == set(range(turns * count))
    _, detail = brushwork(texture(*SMALL, 99), SMALL, [whole(*parts)], HOW)
    assert detail.std() > 0.01


def test_the_window_of_a_large_style_lies_where_its_mask_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3000)
    mask = np.zeros((128, 128), np.float32)
    mask[80:120, 10:50] = 1
    rgb = np.zeros((128, 128, 3), np.float32)
    rgb[80:120, 10:50] = texture(40, 40, 1)
    patches = module.patches_of([StylePart(rgb, mask)], SMALL, 1.0, AS_IT_IS)
    assert patches.pixels.shape == (3, (54 + 2 * PATCH) ** 2) and bool(patches.allowed.any())
    view = patches.pixels.view(3, 54 + 2 * PATCH, 54 + 2 * PATCH)[:, PATCH:-PATCH, PATCH:-PATCH]
    middle = view[:, 20:34, 20:34].permute(1, 2, 0).numpy()
    there = slice(100 - 27 + 20, 100 - 27 + 34), slice(30 - 27 + 20, 30 - 27 + 34)
    np.testing.assert_allclose(middle, detail_of(rgb)[there], atol=1e-6)


def test_each_region_takes_its_own_styles_detail() -> None:
    fields: list[StyleSource] = []
    for channel, columns in ((0, slice(0, 32)), (2, slice(32, 64))):
        rgb = np.full((64, 64, 3), 0.5, np.float32)
        rgb[..., channel] = strokes(64, 64)[..., channel]
        region = np.zeros(SMALL, np.float32)
        region[:, columns] = 1
        fields.append(StyleSource((StylePart(rgb),), region))
    _, detail = brushwork(texture(*SMALL, 3), (128, 128), fields, HOW)
    left, right = detail[:, :56].std((0, 1)), detail[:, -56:].std((0, 1))
    assert detail.shape[0] == 64 and detail[:, :24, 2].std() < 1e-6 and detail[:, -24:, 0].std() < 1e-6
    assert detail[:, :24, 0].std() > 0.03 and detail[:, -24:, 2].std() > 0.03, (left, right)
    nowhere = StyleSource(fields[0].parts, np.zeros(SMALL, np.float32))
    alone = brushwork(texture(*SMALL, 3), (128, 128), [fields[0]], HOW)[1]
    beside = brushwork(texture(*SMALL, 3), (128, 128), [fields[0], nowhere], HOW)[1]
    assert (
        np.array_equal(beside[:, :30], alone[:, :30])
        and not brushwork(texture(*SMALL, 3), (128, 128), [nowhere], HOW)[1].any()
    )


@pytest.mark.parametrize("size", [(16, 16), (16, 100), (17, 33), (4, 64), (5, 4)])
@pytest.mark.parametrize(
    "side, mask",
    [
        ((64, 64), None),
        ((7, 9), None),  # a style smaller than a patch
        ((3, 90), None),
        ((64, 64), np.s_[61:, 10:40]),  # masks thinner than one
        ((64, 64), np.s_[30:32, 30:32]),
        ((64, 64), np.s_[:0]),  # and of nothing
    ],
)
def test_the_smallest_styles_masks_and_paintings_give_something(
    size: tuple[int, int], side: tuple[int, int], mask: Any
) -> None:
    shown = None
    if mask is not None:
        shown = np.zeros(side, np.float32)
        shown[mask] = 1
    painted = texture(*size, 4)
    source = whole(StylePart(texture(*side, 5), shown), size=size)
    low, detail = brushwork(painted, (2 * size[0], 2 * size[1]), [source], orders(size))
    assert low.shape == painted.shape and np.isfinite(detail).all() and np.abs(detail).max() <= 2
    if shown is None:
        assert detail.std() > 1e-3
