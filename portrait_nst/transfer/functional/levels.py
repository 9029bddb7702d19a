"""The image pyramid over which a style loss is summed."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from portrait_nst.transfer.functional.batches import require


def level_count(size: tuple[int, int], most: int) -> int:
    """The number of levels x1, x1/2, x1/4 ... of a picture of `size` (h, w) whose sides have at least 16 pixels; at most `most`.

    >>> level_count((70, 65), 2), level_count((70, 65), 8)
    (2, 3)
    """
    return 1 + sum(min(size) >> level >= 32 for level in range(most - 1))


def image_levels(image: Tensor, levels: int) -> list[Tensor]:
    """`image` (B, C, H, W) at x1, x1/2, x1/4 ..., by averaging 2x2 pixels; see `level_count`.

    Raises ValueError for another shape.

    >>> import torch
    >>> [tuple(level.shape[2:]) for level in image_levels(torch.rand(1, 3, 70, 65), 8)]
    [(70, 65), (35, 32), (17, 16)]
    """
    require("image", image, "B, C, H, W")
    found = [image]
    for _ in range(1, level_count((image.shape[-2], image.shape[-1]), levels)):
        found.append(F.avg_pool2d(found[-1], 2))
    return found
