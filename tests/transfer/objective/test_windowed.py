"""Windows: each pixel may change as far as every other, and variances add up part by part."""

from __future__ import annotations

import pytest
import torch

from portrait_nst.transfer.functional import content_factor
from portrait_nst.transfer.objective.windowed import RunningVariance, windows


@pytest.mark.parametrize("size", [(64, 64), (65, 331), (400, 150), (129, 260)])
@pytest.mark.parametrize("between", [False, True])
def test_every_pixel_may_change_as_far_as_every_other(size: tuple[int, int], between: bool) -> None:
    seen = torch.zeros(size)
    found = windows(size, 128, 16, 16, between)
    for window in found:
        assert window.outer.top % 16 == 0 and window.outer.left % 16 == 0
        window.outer.part(seen).add_(window.fade() ** 2)
        for axis, (outer, core) in enumerate(zip(window.outer.slices, window.core.slices)):
            fade = window.fade().movedim(axis, 0)
            assert core.start - outer.start == min(32, core.start)
            assert outer.stop - core.stop == min(32, size[axis] - core.stop)
            assert core.start < 32 or not fade[:16].any()
            assert core.stop > size[axis] - 32 or not fade[-16:].any()
    torch.testing.assert_close(seen, torch.ones(size))
    if between:
        edges = {w.core.left for w in windows(size, 128, 16, 16, False)} - {0}
        assert edges.isdisjoint({w.core.left for w in found})


def test_a_sum_of_parts_has_the_spread_of_the_whole() -> None:
    features, area = torch.rand(1, 4, 9, 11), torch.rand(1, 9, 11)
    total = RunningVariance()
    total.add(features[:, :, :4], area[:, :4])
    total.add(features[:, :, 4:], area[:, 4:])
    share = area / area.sum()
    mean = (features * share).sum((2, 3), keepdim=True)
    assert total.factor() == pytest.approx(float(content_factor(features, area)), rel=1e-5)
    assert total.total == pytest.approx(float(((features - mean).square() * area).sum()), rel=1e-5)
