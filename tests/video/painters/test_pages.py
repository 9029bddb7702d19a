"""Pages: carried exactly by whole pixels, interpolated once however often they move, bounded in number."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.types import FloatArray
from portrait_nst.video.painters.pages import MOST, Pages

SIZE = (48, 64)


def picture(seed: int = 0, channels: int = 6) -> FloatArray:
    """Texture in whole levels, as pages keep it."""
    return (np.random.default_rng(seed).integers(0, 256, (*SIZE, channels)) / 255).astype(np.float32)


def smooth(channels: int = 3) -> FloatArray:
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    return np.repeat((0.5 + 0.4 * np.sin(x / 3.0) * np.cos(y / 4.0))[..., None], channels, 2).astype(np.float32)


def by(x: float, y: float) -> FloatArray:
    return np.full((*SIZE, 2), (x, y), np.float32)


def test_what_does_not_move_stays_to_the_bit() -> None:
    first = picture()
    pages = Pages(first)
    for _ in range(5):
        pages.move(by(0, 0))
    np.testing.assert_allclose(pages.picture(), first, atol=1e-6)


def test_whole_pixels_move_exactly() -> None:
    first = picture()
    pages = Pages(first)
    pages.move(by(2, -1))
    pages.move(by(1, 0))
    np.testing.assert_allclose(pages.picture()[2:-2, :-4], first[1:-3, 3:-1], atol=1e-6)


def test_sixty_moves_to_and_fro_cost_no_sharpness() -> None:
    first = picture(channels=3)
    pages = Pages(first)
    for number in range(60):
        pages.move(by(0.37, -0.21) if number % 2 else by(-0.37, 0.21))
    np.testing.assert_allclose(pages.picture()[4:-4, 4:-4], first[4:-4, 4:-4], atol=1 / 255)


def test_fractions_add_up() -> None:
    pages = Pages(smooth())
    for _ in range(8):
        pages.move(by(0.25, 0))
    np.testing.assert_allclose(pages.picture()[4:-4, 4:-6], smooth()[4:-4, 6:-4], atol=0.01)


def test_what_is_written_moves_with_the_rest_and_keeps_its_edge() -> None:
    first, new = picture(1), picture(2)
    where = np.zeros(SIZE, bool)
    where[10:20, 10:30] = True
    pages = Pages(first)
    pages.write(new, where)
    np.testing.assert_allclose(pages.picture(), np.where(where[..., None], new, first), atol=1e-6)
    pages.move(by(-3, 0))  # everything goes 3 px to the right
    expected = np.where(where[..., None], new, first)
    np.testing.assert_allclose(pages.picture()[:, 4:], expected[:, 1:-3], atol=1e-6)


def test_there_are_no_more_than_some_pages_and_the_least_used_goes() -> None:
    pages, expected = Pages(picture(0)), picture(0)
    for number in range(1, 3 * MOST):
        where = np.zeros(SIZE, bool)
        where[number : number + 2, 3 : 3 + number] = True
        expected = np.where(where[..., None], picture(number), expected)
        pages.write(expected, where)
        np.testing.assert_allclose(pages.picture(), expected, atol=1e-6)
    assert pages.state()["pages"].shape == (MOST, *SIZE, 6)
    assert (pages.state()["page"] == 0).mean() > 0.5  # the first page has most pixels and is still there


def test_stretch_is_that_of_lines() -> None:
    pages = Pages(smooth())
    assert pages.stretch() == pytest.approx(np.ones(SIZE), abs=1e-4)
    y, x = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
    pages.move(np.stack([-0.5 * (x - 32), 0 * y], -1))  # twice as wide
    assert pages.stretch()[10:-10, 20:-20] == pytest.approx(np.full((28, 24), 2), abs=0.01)


def test_it_goes_on_from_its_state() -> None:
    pages = Pages(picture(1))
    pages.move(by(0.3, 0.6))
    where = np.zeros(SIZE, bool)
    where[5:9] = True
    pages.write(picture(2), where)
    again = Pages.restored({name: np.array(value) for name, value in pages.state().items()})
    for each in (pages, again):
        each.move(by(-0.4, 0.1))
    assert np.array_equal(pages.picture(), again.picture())
