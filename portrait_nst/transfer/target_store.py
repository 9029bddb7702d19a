"""Style targets: the feature statistics of a style's mixture of pictures at each scale, computed once and stored."""

from __future__ import annotations

import hashlib
import io
import math
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.imaging import write_atomic
from portrait_nst.transfer import colour
from portrait_nst.transfer.config import EngineConfig, StylePart
from portrait_nst.transfer.objective.style_targets import GramTargets, gram_targets

STEPS_PER_OCTAVE = 8
KEPT_BYTES = 256 << 20
MADE = 2  # the version of the computation: raised when a target changes, even by rounding, so that stored ones are not used


class TargetStore:
    """Stores targets by everything that they depend on: in memory, and in `folder` if one is given.

    A damaged or truncated file counts as missing.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.kept: OrderedDict[str, dict[tuple[int, str], Tensor]] = OrderedDict()
        self.bytes = 0
        self.computed = 0

    def of_mixture(
        self, encoder: Encoder, parts: tuple[StylePart, ...], size: tuple[int, int], config: EngineConfig
    ) -> GramTargets:
        """The weighted mean of the parts' targets for a frame of `size`; levels that are missing in some part are left out."""
        total = sum(part.weight for part in parts)
        mixed: dict[tuple[int, str], Tensor] = {}
        for number, part in enumerate(parts):
            found, share = self.of_picture(encoder, part, size, config), part.weight / total
            if number == 0:
                mixed = {key: share * value for key, value in found.items()}
            else:
                mixed = {key: value + share * found[key] for key, value in mixed.items() if key in found}
        return mixed

    def of_picture(
        self, encoder: Encoder, part: StylePart, size: tuple[int, int], config: EngineConfig
    ) -> dict[tuple[int, str], Tensor]:
        """The targets {(level, layer): (C, C)} of one picture for a frame of `size` (h, w), computed once."""
        weights, small = config.weights, style_size(part, size, config.style_scale)
        names = [name for name, weight in weights.style_layers if weight]
        made_by = (encoder.name, encoder.sha256, encoder.net.__class__.__name__, getattr(encoder.net, "pooling", ""))
        orders = (names, config.levels, config.bf16, config.grey, weights.style_loss)
        request = (MADE, *made_by, part.digest, small, *orders)
        key = hashlib.sha256(repr(request).encode()).hexdigest()[:32]
        found = self.kept.get(key) or self._read(key)
        if found is None:
            self.computed += 1
            rgb = colour.tensor(colour.resize(part.rgb, small), config.device)
            mask = None if part.mask is None else colour.tensor(colour.resize(part.mask, small), config.device)[0, 0]
            rgb = colour.grey(rgb) if config.grey else rgb
            found = gram_targets(
                encoder, rgb, mask, names, config.levels, config.bf16, weights.style_loss, config.tiling
            )
            self._write(key, found)
        found = {name: value.to(config.device) for name, value in found.items()}  # it was kept for another, perhaps
        self._keep(key, found)
        return found

    def _keep(self, key: str, found: dict[tuple[int, str], Tensor]) -> None:
        if key not in self.kept:
            self.bytes += _bytes(found)
        self.kept[key] = found
        self.kept.move_to_end(key)
        while self.bytes > KEPT_BYTES and len(self.kept) > 1:
            self.bytes -= _bytes(self.kept.popitem(last=False)[1])

    def _read(self, key: str) -> dict[tuple[int, str], Tensor] | None:
        if self.folder is None:
            return None
        try:
            with np.load(self.folder / f"{key}.npz", allow_pickle=False) as archive:
                arrays = {name: torch.from_numpy(archive[name]) for name in archive.files}
        except Exception:  # for a missing, truncated or damaged file, numpy and zipfile raise a dozen kinds of errors
            return None
        return {(int(name.split(" ", 1)[0]), name.split(" ", 1)[1]): value for name, value in arrays.items()}

    def _write(self, key: str, found: dict[tuple[int, str], Tensor]) -> None:
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        arrays = {f"{level} {layer}": value.cpu().numpy() for (level, layer), value in found.items()}
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)  # type: ignore[arg-type]
        write_atomic(self.folder / f"{key}.npz", buffer.getvalue(), overwrite=True)


def style_size(part: StylePart, size: tuple[int, int], scale: float) -> tuple[int, int]:
    """The (h, w) of a style picture for a frame of `size` (h, w): the frame's area times `scale` squared.

    Strokes keep their size on the canvas this way. The frame's side is rounded to eighths of an octave, so that photos of similar
    sizes share their targets.
    """
    height, width = part.rgb.shape[:2]
    side = 2 ** (round(math.log2(math.sqrt(size[0] * size[1])) * STEPS_PER_OCTAVE) / STEPS_PER_OCTAVE)
    factor = scale * side / math.sqrt(height * width)
    return max(16, round(height * factor)), max(16, round(width * factor))


def _bytes(found: dict[tuple[int, str], Tensor]) -> int:
    return sum(value.numel() * value.element_size() for value in found.values())
