"""What a codebook is made of: pictures and their quarter turns, patches and crops of them, so many entries at most."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from portrait_nst.transfer.config import StylePart
from portrait_nst.transfer.nearest import grids, hypercolumns

from .scenes import KEYS, codebook, float_encoder, tensor, texture

SIZE = (128, 128)  # at which a style of that size is seen as it is


def test_a_picture_comes_with_its_quarter_turns() -> None:
    rgb = texture(64, 256, 3)
    book = codebook(float_encoder(), [StylePart(rgb)])
    assert book.index.heights.tolist() == [16, 64, 16, 64] and book.index.widths.tolist() == [64, 16, 64, 16]
    assert len(book.entries) == 4 * 16 * 64 and bool(book.allowed.all()) and not book.penalties.any()
    for turn in range(4):
        image, encoder = tensor(np.rot90(rgb, turn)), float_encoder()
        grid = hypercolumns.cells_of((image.shape[-2], image.shape[-1]))
        found = hypercolumns.columns(encoder, hypercolumns.features(encoder, image, KEYS, False), KEYS, grid)
        rows = slice(turn * 1024, (turn + 1) * 1024)
        torch.testing.assert_close(book.entries[rows], book.metric.project(found), rtol=1e-4, atol=1e-5)


def test_a_blends_metric_counts_each_part_by_its_weight_and_not_by_its_size() -> None:
    mask = np.zeros((64, 256), np.float32)
    mask[8:40, 12:53] = 1
    parts = [StylePart(texture(*SIZE, 1), None, 1.0), StylePart(texture(64, 256, 2), mask, 3.0)]
    encoder = float_encoder()
    book = codebook(encoder, parts)
    means = [codebook(encoder, [part]).metric.centres for part in parts]
    for key, centre in book.metric.centres.items():
        torch.testing.assert_close(centre, 0.25 * means[0][key] + 0.75 * means[1][key], rtol=1e-4, atol=1e-5)
    weights = torch.zeros(len(book.entries), dtype=torch.float64)
    for number, share in enumerate((0.25, 0.75)):
        there = book.parts == number
        inside = torch.cat([torch.from_numpy(np.rot90(_seen(parts[number]), k).copy()).flatten() for k in range(4)])
        weights[there] = share * inside / inside.sum()
    squares = torch.split(book.entries.double().square(), book.metric.widths, 1)
    for each in squares:
        assert float(weights @ each.sum(1)) == pytest.approx(1, abs=1e-3)


def _seen(part: StylePart) -> NDArray[np.float64]:
    """How much of each cell of a part is inside its mask."""
    mask = np.ones(part.rgb.shape[:2]) if part.mask is None else part.mask.astype(np.float64)
    return np.asarray(mask.reshape(mask.shape[0] // 4, 4, mask.shape[1] // 4, 4).mean((1, 3)))


@pytest.mark.parametrize("entries", [200, 640, 1500])
def test_patches_keep_to_the_number_of_entries(entries: int) -> None:
    book = codebook(float_encoder(), [StylePart(texture(150, 190, 4))], (192, 192), entries)
    assert 0.6 * entries <= len(book.entries) <= 1.2 * entries
    assert int(book.index.heights.max()) <= grids.PATCH and int(book.index.widths.max()) <= grids.PATCH


def test_a_movement_stays_bounded() -> None:
    parts = [StylePart(texture(70 + 4 * number, 90, number)) for number in range(12)]
    book = codebook(float_encoder(), parts, (160, 160), 3000)
    assert len(book.entries) <= 1.1 * 3000
    assert book.shares is None and torch.bincount(book.parts, minlength=12).min() >= 128
    small = codebook(float_encoder(), parts, (160, 160), 100)  # a patch of each is the least
    assert len(small.entries) <= 12 * grids.PATCH**2


def test_a_small_mask_has_as_many_patches_as_a_whole_picture() -> None:
    """Patches are taken where the mask is: of a sitter who fills a tenth of a painting there are no tenth of the entries."""
    mask = np.zeros((192, 192), np.float32)
    mask[60:130, 70:130] = 1
    book = codebook(float_encoder(), [StylePart(texture(192, 192, 4), mask)], (192, 192), 640)
    assert int(book.allowed.sum()) > 0.25 * 640
    assert len(book.entries) <= 1.2 * 640


@pytest.fixture
def cropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grids, "LARGEST", 20_000)
    monkeypatch.setattr(grids, "CROP", 64)


def test_of_a_large_picture_crops_are_looked_at(cropped: None) -> None:
    book = codebook(float_encoder(), [StylePart(texture(256, 256, 4))], (256, 256))
    assert 0.5 * 20_000 <= 16 * len(book.entries) <= 1.5 * 20_000
    assert set(book.index.heights.tolist()) == {16}
    faces = np.zeros((256, 256), np.float32)
    faces[:128] = 1
    mask = np.ones((256, 256), np.float32)
    mask[:, 200:] = 0
    book = codebook(float_encoder(), [StylePart(texture(256, 256, 4), mask, faces=faces)], (256, 256))
    assert book.faces is not None and 0.2 < float(book.faces.mean()) < 0.8
    assert 0 < float(book.allowed.float().mean()) <= 1


@pytest.mark.parametrize("top, left", [(70, 70), (0, 0), (239, 243), (100, 250)])
def test_a_large_picture_with_a_small_mask_is_looked_at_there(cropped: None, top: int, left: int) -> None:
    mask = np.zeros((256, 256), np.float32)
    mask[top : top + 17, left : left + 6] = 1
    book = codebook(float_encoder(), [StylePart(texture(256, 256, 4), mask)], (256, 256))
    assert book.allowed.any() and len(book.places) > 0
    assert bool(book.allowed[book.match(torch.randn(5, book.entries.shape[1]))].all())


@pytest.mark.parametrize("where", [np.s_[126:, :], np.s_[:, 127:], np.s_[50:52, 50:52], np.s_[10:13, 30:60]])
def test_a_mask_of_a_few_pixels_leaves_something_to_match(where: Any) -> None:
    """Alone, and beside another style whose mask is large."""
    mask = np.zeros(SIZE, np.float32)
    mask[where] = 1
    thin = StylePart(texture(*SIZE, 1)[:127], mask[:127])
    for parts in ([thin], [thin, StylePart(texture(*SIZE, 2))]):
        for entries in (65_536, 128):
            book = codebook(float_encoder(), parts, (127, 128), entries)
            found = book.match(torch.randn(300, book.entries.shape[1]))
            assert bool(book.allowed[found].all()) and bool(book.entries.isfinite().all())
            assert float(book.entries.float().abs().max()) < 1e3
            if len(parts) == 2:
                assert 0.4 < float((book.parts[found] == 0).float().mean()) < 0.6


def test_every_entry_has_the_tones_around_it() -> None:
    """Of the picture and of its turns, also where patches are taken, which know what lies around them."""
    rgb = texture(128, 128, 3)
    whole = []
    for turn in range(4):
        image = tensor(np.rot90(rgb, turn))
        whole.append(hypercolumns.tones(image, (32, 32)).permute(1, 2, 0))
    book = codebook(float_encoder(), [StylePart(rgb)])
    assert torch.equal(book.tones, torch.cat([each.flatten(0, 1) for each in whole]))
    taken = codebook(float_encoder(), [StylePart(rgb)], entries=600)
    assert taken.tones.shape == (len(taken.entries), 3) and len(taken.entries) < 900
    every = torch.stack([each.unfold(0, 8, 8).unfold(1, 8, 8) for each in whole])  # (4, 4, 4, 3, 8, 8)
    known = every.permute(0, 1, 2, 4, 5, 3).reshape(-1, 8 * 8 * 3)
    for patch in taken.tones.view(-1, 8 * 8 * 3):
        assert float((known - patch).abs().sum(1).min()) == 0
