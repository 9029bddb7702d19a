"""What is learned of a painting: Gaussians that features are carried to, covariances, and a book of hypercolumns.

Several paintings are one target: the mixture of their statistics, and a book in which each has cells by its weight. They are
looked at one after the other, so that any number takes the memory of one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.errors import MaskError
from portrait_nst.instant.features import guides, pyramid
from portrait_nst.instant.gaussian import Gaussian, mixture
from portrait_nst.instant.learning import recipe
from portrait_nst.instant.learning.paintings import Blend, LearnPainting
from portrait_nst.transfer.functional import propagate_guide
from portrait_nst.transfer.functional.powers import power

COLOUR = "colour"  # the "layer" of the pixels themselves
TURNS: tuple[Callable[[Tensor], Tensor], ...] = (  # strokes lie in any direction
    lambda x: x,
    lambda x: x.transpose(-2, -1).flip(-2),
    lambda x: x.flip(-2, -1),
    lambda x: x.transpose(-2, -1).flip(-1),
)
SURE = 0.9  # least weight of a cell in the book: others show what does not count
STEP = {"1": 4, "2": 2, "3": 1}  # cells of a block along the side of one of relu3


@dataclass(frozen=True, eq=False)
class LayerTarget:
    """Mean (C,), deviations (C,), and the covariance in units of these (C, C), of a layer; `size` is the last one's squared."""

    mean: Tensor
    deviation: Tensor
    correlation: Tensor
    size: float

    @classmethod
    def of(cls, gaussian: Gaussian, device: torch.device) -> LayerTarget:
        """The target that a `gaussian` of features is."""
        deviation = gaussian.covariance.diagonal().clamp_min(0).sqrt()
        least = max(recipe.LEAST * float(deviation.mean()), recipe.FLAT * _size(gaussian.mean, gaussian.covariance))
        deviation = deviation.clamp_min(least)
        correlation = gaussian.covariance / torch.outer(deviation, deviation)
        mean, own, goal = (t.float().to(device) for t in (gaussian.mean, deviation, correlation))
        return cls(mean, own, goal, max(float(correlation.square().sum()), recipe.LEAST))


@dataclass(frozen=True, eq=False)
class Columns:
    """Hypercolumns in the teacher's metric, centred by the painting's means, each layer in units of its deviation."""

    bases: Mapping[str, Tensor]
    centres: Mapping[str, Tensor]

    @classmethod
    def of(cls, layers: Mapping[str, Gaussian], encoder: Encoder, device: torch.device) -> Columns:
        """Those that fit the Gaussians of a painting's `layers`."""
        bases, centres = {}, {}
        for name in recipe.COLUMN_LAYERS:
            own = layers[name]
            basis = encoder.bases[name].cpu().double().T
            covariance = basis.T @ own.covariance @ basis
            spread = max(
                float(covariance.trace().clamp_min(0).sqrt()), recipe.FLAT * float((own.mean @ basis).norm()), 1e-12
            )
            if basis.shape[1] > recipe.WIDTH:
                basis = basis @ torch.linalg.eigh(covariance).eigenvectors[:, -recipe.WIDTH :]
            bases[name] = (basis / spread).float().contiguous().to(device)
            centres[name] = own.mean.float().to(device)
        return cls(bases, centres)

    def __call__(self, features: Mapping[str, Tensor]) -> Tensor:
        """(N, D, h, w) float32 of the maps of `recipe.COLUMN_LAYERS`, on the cells of relu3_1."""
        parts = []
        for name in recipe.COLUMN_LAYERS:
            basis, centre, step = self.bases[name], self.centres[name], STEP[name[4]]
            x = features[name]
            x = F.avg_pool2d(x, step) if step > 1 else x
            parts.append(F.conv2d(x, basis.T[:, :, None, None].to(x.dtype), -(centre @ basis).to(x.dtype)))
        height, width = parts[-1].shape[-2:]
        return torch.cat([part[..., :height, :width] for part in parts], 1).float()


@dataclass(frozen=True, eq=False)
class LevelTarget:
    """A painting at one level: its layers' covariances, its hypercolumns and the book of them (n, D), of length 1."""

    layers: Mapping[str, LayerTarget]
    columns: Columns
    book: Tensor


@dataclass(frozen=True, eq=False)
class Targets:
    """What is learned of the paintings.

    gaussians: of relu3_1 at x1, x1/2 and x1/4, as `Network.targets` has them. colour: that of the pixels.
    means, roots: the same, colour last, as maps to them need them: means, and roots of covariances with the ridge.
    levels: what the losses compare, at x1 and x1/2.
    """

    gaussians: tuple[Gaussian, ...]
    colour: Gaussian
    means: tuple[Tensor, ...]
    roots: tuple[Tensor, ...]
    levels: tuple[LevelTarget, ...]


def make_targets(
    paintings: Blend, encoder: Encoder, size: int, device: torch.device, dtype: torch.dtype, seed: int = 0
) -> Targets:
    """The targets of `paintings` at a longest side of `size` pixels. Raises MaskError where nothing of one of them counts.

    dtype: of features and books, float32 or bfloat16.
    """
    look = _Look(encoder, size, device, dtype)
    seen = [look.gaussians(painting) for painting in paintings]
    weights = [painting.weight for painting in paintings]
    maps = tuple(mixture(list(zip(own, weights))) for own in zip(*(maps for maps, _ in seen)))
    levels = []
    for level in range(recipe.SCALED):
        names = (*recipe.COLUMN_LAYERS, *([COLOUR] if level == 0 else []))
        levels.append({n: mixture([(own[level][n], w) for (_, own), w in zip(seen, weights)]) for n in names})
    columns = [Columns.of(layers, encoder, device) for layers in levels]
    books = _books(look, paintings, columns, seed)
    goals = (*maps, levels[0][COLOUR])
    on = device if device.type == "cuda" else torch.device("cpu")
    return Targets(
        maps,
        levels[0][COLOUR],
        tuple(goal.mean.to(on) for goal in goals),
        tuple(power(goal.ridged(), 0.5).to(on) for goal in goals),
        tuple(
            LevelTarget(
                {name: LayerTarget.of(layers[name], device) for name in recipe.COVARIANCE_LAYERS},
                own,
                F.normalize(book, dim=1).to(dtype).contiguous(),
            )
            for layers, own, book in zip(levels, columns, books)
        ),
    )


@dataclass(frozen=True, eq=False)
class _Look:
    """How paintings are looked at."""

    encoder: Encoder
    size: int
    device: torch.device
    dtype: torch.dtype

    def tensors(self, painting: LearnPainting) -> tuple[Tensor, Tensor]:
        picture, guide = painting.tensors(self.size)
        if not (guide > 0).any():
            raise MaskError(
                f"Nothing of the painting {painting.name or 'that was given'} counts: its mask is empty. Give a mask with "
                "white in it, or use --style-region whole."
            )
        return picture.to(self.device), guide.to(self.device)

    @torch.no_grad()
    def gaussians(self, painting: LearnPainting) -> tuple[tuple[Gaussian, ...], list[dict[str, Gaussian]]]:
        """Those of the maps at each level, and those of the layers that are compared."""
        picture, guide = self.tensors(painting)
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
            features = pyramid(self.encoder, picture)
        maps = tuple(Gaussian.of(x, own) for x, own in zip(features, guides(self.encoder, guide)))
        found = []
        for x, own, layers in self.levels(picture, guide):
            here = {n: Gaussian.of(f, propagate_guide(own, self.encoder.geometry(n))) for n, f in layers.items()}
            found.append(here | {COLOUR: Gaussian.of(x, own)})
        return maps, found

    def levels(self, picture: Tensor, guide: Tensor) -> Iterator[tuple[Tensor, Tensor, dict[str, Tensor]]]:
        """The picture, its guide and its features at x1 and x1/2."""
        for level in range(recipe.SCALED):
            if level:
                picture, guide = F.avg_pool2d(picture, 2), F.avg_pool2d(guide, 2)
            with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
                yield picture, guide, self.encoder.features(picture, recipe.COLUMN_LAYERS)


@torch.no_grad()
def _books(look: _Look, paintings: Blend, columns: Sequence[Columns], seed: int) -> list[Tensor]:
    """Hypercolumns (n, D) of each level: of one painting in its four turns, of several in fewer."""
    generator = torch.Generator().manual_seed(seed)
    total, turns = sum(painting.weight for painting in paintings), math.ceil(len(TURNS) / len(paintings))
    books: list[list[Tensor]] = [[] for _ in columns]
    for index, painting in enumerate(paintings):
        picture, guide = look.tensors(painting)
        share = max(1, math.ceil(recipe.BOOK * painting.weight / total / turns))
        for turn in range(turns):
            turned = TURNS[(index * turns + turn) % len(TURNS)]
            seen = look.levels(turned(picture).contiguous(), turned(guide).contiguous())
            for book, own, (_, here, features) in zip(books, columns, seen):
                cells = own(features)[0].flatten(1).T
                counts = propagate_guide(here, look.encoder.geometry("relu3_1")).flatten()
                cells = cells[counts >= min(SURE, SURE * float(counts.max()))]
                book.append(cells[torch.randperm(len(cells), generator=generator)[:share].to(cells.device)])
    return [torch.cat(book) for book in books]


def _size(mean: Tensor, covariance: Tensor) -> float:
    """The root mean square of the features of a Gaussian, over its channels."""
    return float((mean.square() + covariance.diagonal().clamp_min(0)).mean().sqrt().clamp_min(1e-6))
