"""The batches of several steps, prepared at once: crops, their features, the maps to the painting, and what they are held to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.instant.decoder import LEVELS
from portrait_nst.instant.features import PAD, pyramid
from portrait_nst.instant.gaussian import AffineMap
from portrait_nst.instant.ground import FACES, TILE, grain_at, grounded
from portrait_nst.instant.learning import recipe
from portrait_nst.instant.learning.crops import Crops
from portrait_nst.instant.learning.gaussians import monge
from portrait_nst.instant.learning.targets import Targets

AT_ONCE = 8  # crops that the encoder looks at, which bounds the memory of its first layers
CELL = 4  # pixels of a cell of relu3_1


@dataclass(frozen=True, eq=False)
class Batch:
    """What one step needs.

    moved:    (B, 3, S, S), the photos in the colours of the painting.
    face:     (B, 1, S, S), their face maps.
    mapped:   features of the photos under their grain at each level, carried to the painting's, (B, 128, h, w), padded.
    shifted:  those of the photos, and their grain, `down` and `across` pixels further on, with noise.
    columns:  hypercolumns of `moved` at each level that is compared, (B, D, h, w); structure: its relu3_2.
    """

    moved: Tensor
    face: Tensor
    mapped: tuple[Tensor, ...]
    shifted: tuple[Tensor, ...]
    columns: tuple[Tensor, ...]
    structure: tuple[Tensor, ...]
    down: int
    across: int


@torch.no_grad()
def prepare(
    crops: Crops,
    encoder: Encoder,
    targets: Targets,
    side: int,
    steps: int,
    rng: np.random.Generator,
    dtype: torch.dtype,
) -> list[Batch]:
    """The batches of `steps` steps of `recipe.BATCH` crops of `side` pixels, all that is random drawn from `rng`."""
    device, each = crops.device, recipe.BATCH
    count, whole = steps * each, side + recipe.SHIFT_MOST
    wide, faces = crops.draw(count, whole, rng)
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    wide = grounded(wide, recipe.GRAIN, faces, torch.zeros(1, 3, 1, 1, device=device))  # calmed; goals have no grain
    photo, face = wide[..., :side, :side].contiguous(), faces[..., :side, :side]
    noise = torch.cat([grain_at((whole, whole), (int(y), int(x))) for y, x in rng.integers(TILE, size=(count, 2))])
    wide = wide + recipe.GRAIN * noise.to(device) * (1 - FACES * faces.clamp(0, 1))
    shifts = rng.integers(0, recipe.SHIFT_MOST + 1, (steps, 2))
    groups = wide.split(each)
    shifted = torch.cat([x[..., d : d + side, a : a + side] for x, (d, a) in zip(groups, shifts)])
    deviation = recipe.NOISE * torch.rand(count, 1, 1, 1, generator=generator)
    shifted = shifted + (deviation * torch.randn(shifted.shape, generator=generator)).to(device)
    autocast = torch.autocast(device.type, dtype, enabled=dtype != torch.float32)
    seen = torch.cat([wide[..., :side, :side], shifted])
    with autocast:
        parts = [pyramid(encoder, part) for part in seen.split(AT_ONCE)]
    features = [torch.cat(level) for level in zip(*parts)]
    maps = [_maps(features[level][:count], steps, targets, level) for level in range(LEVELS)]
    moved = _moved(photo, steps, targets)
    batches = []
    for k in range(steps):
        here, columns, structure = moved[k * each : (k + 1) * each], [], []
        for level, target in enumerate(targets.levels):
            here = F.avg_pool2d(here, 2) if level else here
            with autocast:
                found = encoder.features(here, recipe.COLUMN_LAYERS)
                columns.append(target.columns(found))
            structure.append(found["relu3_2"])
        own, other = (slice(start + k * each, start + (k + 1) * each) for start in (0, count))
        batches.append(
            Batch(
                moved[own],
                face[own],
                tuple(maps[level][k](features[level][own]) for level in range(LEVELS)),
                tuple(maps[level][k](features[level][other]) for level in range(LEVELS)),
                tuple(columns),
                tuple(structure),
                int(shifts[k][0]),
                int(shifts[k][1]),
            )
        )
    return batches


def unpadded_cells(features: Tensor, side: int, level: int) -> Tensor:
    """The cells of padded `features` at a level that show a crop of `side` pixels and not what continues it."""
    cell = CELL * 2**level
    start, count = PAD // cell, side // cell
    return features[..., start : start + count, start : start + count]


def _maps(features: Tensor, steps: int, targets: Targets, level: int) -> Sequence[AffineMap]:
    """The map of each step, from the Gaussian of its crops to the painting's."""
    columns = features.permute(0, 2, 3, 1).reshape(steps, -1, features.shape[1])
    matrices, offsets = monge(columns, targets.means[level], targets.roots[level])
    return [AffineMap(matrix, offset) for matrix, offset in zip(matrices, offsets)]


def _moved(photo: Tensor, steps: int, targets: Targets) -> Tensor:
    """`photo` (N, 3, S, S) with the Gaussian of each step's colours moved to the painting's."""
    columns = photo.permute(0, 2, 3, 1).reshape(steps, -1, 3)
    matrices, offsets = monge(columns, targets.means[-1], targets.roots[-1])
    moved = columns @ matrices.mT + offsets[:, None]
    return moved.reshape(len(photo), *photo.shape[-2:], 3).permute(0, 3, 1, 2).clamp(0, 1).contiguous()
