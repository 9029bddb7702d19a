"""One step of learning: the decoder paints a batch, the losses are summed, Adam moves the weights, and these are averaged."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.errors import PortraitError
from portrait_nst.instant.decoder import Decoder, channels_last
from portrait_nst.instant.features import unpadded
from portrait_nst.instant.learning import recipe
from portrait_nst.instant.learning.batches import Batch, prepare, unpadded_cells
from portrait_nst.instant.learning.crops import Crops
from portrait_nst.instant.learning.losses import (
    content_loss,
    covariance_loss,
    nearest_loss,
    outside_loss,
    shift_loss,
    tone_loss,
)
from portrait_nst.instant.learning.targets import Targets

SMOOTH = 0.98  # of the losses that are shown, over about fifty steps


class Learner:
    """A decoder that learns. What is random in a step depends on the seed and the number of the step alone.

    decoder: with the weights to begin with; it is copied. scale: features are divided by it before the decoder.
    """

    def __init__(
        self,
        encoder: Encoder,
        crops: Crops,
        targets: Targets,
        decoder: Decoder,
        scale: float,
        *,
        dtype: torch.dtype = torch.float32,
        seed: int = 0,
        side: int = recipe.CROP,
    ) -> None:
        """dtype: in which the networks compute; weights stay in float32. side: of the crops, in pixels, a multiple of 16."""
        self.encoder, self.crops, self.targets = encoder, crops, targets
        self.scale, self.dtype, self.seed, self.side = scale, dtype, seed, side
        self.device = crops.device
        self.decoder = channels_last(copy.deepcopy(decoder).to(self.device, torch.float32)).requires_grad_(True)
        self.weights = list(self.decoder.parameters())
        kind = {"fused": True} if self.device.type == "cuda" else {"foreach": True}
        self.optimizer = torch.optim.Adam(self.weights, lr=recipe.RATE, betas=recipe.BETAS, **kind)
        self.averages = [weight.detach().clone() for weight in self.weights]
        self.step = 0
        self.losses: dict[str, float] = {}
        self._ready: dict[int, Batch] = {}  # by their steps
        self._failed = 0

    def advance(self, part: float) -> None:
        """One step of a run of which `part` in [0, 1] is over.

        A step whose loss is not finite changes nothing. Raises PortraitError after `recipe.BEARABLE` such steps in a row.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = recipe.rate(self.step, part)
        losses = self._losses(self._batch(), torch.Generator().manual_seed(self._random(1, self.step)))
        total = torch.stack(list(losses.values())).sum()
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.weights, recipe.CLIP)
        values = torch.stack([norm, *losses.values()]).tolist()
        if np.isfinite(values).all():
            self.optimizer.step()
            self._average(dict(zip(losses, values[1:])))
            self._failed = 0
        else:
            self._failed += 1
        self.step += 1
        if self._failed >= recipe.BEARABLE:
            raise PortraitError(
                f"Learning failed: the losses of {self._failed} steps in a row were not finite, after {self.step} steps. "
                "Try again with --precision float32, or with another --seed."
            )

    def averaged(self) -> Decoder:
        """A decoder on the CPU with the weights averaged over the last steps."""
        found = copy.deepcopy(self.decoder)
        with torch.no_grad():
            for weight, average in zip(found.parameters(), self.averages):
                weight.copy_(average)
        return found.cpu().eval().requires_grad_(False)

    def _random(self, *key: int) -> int:
        return int(np.random.default_rng((self.seed, *key)).integers(2**62))

    def _batch(self) -> Batch:
        """The batch of this step; its block is prepared again where a run goes on in the middle of one."""
        if self.step not in self._ready:
            block, place = divmod(self.step, recipe.BLOCK)
            rng = np.random.default_rng((self.seed, 0, block))
            made = prepare(self.crops, self.encoder, self.targets, self.side, recipe.BLOCK, rng, self.dtype)
            self._ready = {self.step - place + k: batch for k, batch in enumerate(made)}
        return self._ready.pop(self.step)

    def _losses(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        """The weighted losses of a batch."""
        count, side = len(batch.moved), self.side
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
            maps = [torch.cat(pair) / self.scale for pair in zip(batch.mapped, batch.shifted)]
            both = unpadded(self.decoder(maps), (side, side)).float()
            painted, shifted = both[:count], both[count:]
            features = self._features(painted)
            columns = [level.columns(x) for level, x in zip(self.targets.levels, features)]
        cells = F.avg_pool2d(batch.face, 4)
        calm = 1 / (1 + recipe.FACE_CALM * cells)
        covariance, nearest = [], []
        for level, target in enumerate(self.targets.levels):
            covariance.append(covariance_loss(features[level], target.layers))
            counts = F.avg_pool2d(calm, 2**level)
            nearest.append(nearest_loss(columns[level], batch.columns[level], target.book, generator, counts))
        whole, half = (unpadded_cells(batch.mapped[level], side, level) for level in (0, 1))
        content = content_loss(features[1], batch.structure[1], half)
        in_faces = content_loss(features[0], batch.structure[0], whole, cells[:, 0])
        return {
            "covariance": recipe.COVARIANCE * torch.stack(covariance).mean(),
            "nearest": recipe.NEAREST * torch.stack(nearest).mean(),
            "content": recipe.CONTENT * (content + recipe.FACE_CONTENT * in_faces),
            "tones": recipe.FACE_TONE * tone_loss(painted, batch.moved, batch.face),
            "shift": recipe.SHIFT * shift_loss(painted, shifted, batch.down, batch.across),
            "outside": recipe.OUTSIDE * outside_loss(both),
        }

    def _features(self, painted: Tensor) -> Sequence[dict[str, Tensor]]:
        found = []
        for level in range(recipe.SCALED):
            painted = F.avg_pool2d(painted, 2) if level else painted
            found.append(self.encoder.features(painted, recipe.COLUMN_LAYERS))
        return found

    @torch.no_grad()
    def _average(self, losses: dict[str, float]) -> None:
        kept = min(recipe.AVERAGED, (self.step + 1) / (self.step + 11))
        torch._foreach_lerp_(self.averages, [weight.detach() for weight in self.weights], 1 - kept)
        for name, value in losses.items():
            self.losses[name] = SMOOTH * self.losses.get(name, value) + (1 - SMOOTH) * value
