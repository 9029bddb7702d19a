"""The reference recipe by pystiche (1.0.1, 2021), in a Python that has it; started by `reference --pystiche PYTHON`.

    PYTHON -P pystiche_run.py SPEC.json

Its own MultiLayerEncoder, GramLoss and FeatureReconstructionLoss under guides, LossContainer, and image_optimization with
its default optimizer. Guides are sqrt(T), which its losses multiply features by, scaled by its mean over the cells, and score
weights are such that the sum is that of `recipe`. Total variation under a mask and the range of values it has not: they are a
RegularizationLoss here. It looks for torchvision's tables of download addresses, which are gone since 0.13: empty ones are
put there, as nothing is downloaded.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torchvision.models  # noqa: F401
from torch import Tensor, nn

sys.modules["torchvision.models.alexnet"].model_urls = {"alexnet": ""}  # type: ignore[attr-defined]
sys.modules["torchvision.models.vgg"].model_urls = {}  # type: ignore[attr-defined]
from pystiche import enc, loss, optim  # noqa: E402


class Scaled(nn.Module):
    def __init__(self, mean: Tensor, std: Tensor, bgr: bool) -> None:
        super().__init__()
        self.mean, self.std, self.bgr = mean, std, bgr

    def forward(self, image: Tensor) -> Tensor:
        return ((image.flip(1) if self.bgr else image) - self.mean) / self.std


class Smooth(loss.RegularizationLoss):  # type: ignore[misc]
    def __init__(self, mask: Tensor, tv: float, score_weight: float) -> None:
        super().__init__(score_weight=score_weight)
        self.mask, self.tv = mask[:-1, :-1], tv

    def input_enc_to_repr(self, image: Tensor) -> Tensor:
        return image

    def calculate_score(self, image: Tensor) -> Tensor:
        right = image[0, :, :-1, 1:] - image[0, :, :-1, :-1]
        down = image[0, :, 1:, :-1] - image[0, :, :-1, :-1]
        variation = ((right.square() + down.square()).sum(0) * self.mask).sum() / self.mask.sum()
        return self.tv * variation + (image - image.clamp(0, 1)).square().mean()


def encoder(facts: dict[str, Any]) -> enc.MultiLayerEncoder:
    modules: list[tuple[str, nn.Module]] = [("scaled", Scaled(facts["mean"], facts["std"], facts["bgr"]))]
    for number, name in enumerate(facts["names"]):
        if name:
            modules.append((name, nn.ReLU()))
            continue
        weight, bias = facts["state"].get(f"{number}.weight"), facts["state"].get(f"{number}.bias")
        if weight is None:
            modules.append((f"pool{number}", nn.AvgPool2d(2)))
            continue
        convolution = nn.Conv2d(weight.shape[1], weight.shape[0], 3, padding=1)
        convolution.load_state_dict({"weight": weight, "bias": bias})
        modules.append((f"conv{number}", convolution.requires_grad_(False)))
    return enc.MultiLayerEncoder(modules)


def criterion(facts: dict[str, Any], scale: float) -> loss.LossContainer:
    net = encoder(facts)
    parts: list[tuple[str, loss.Loss]] = []
    for name, weight in facts["style"].items():
        guide = facts["guides"][name]
        style = loss.GramLoss(net.extract_encoder(name))
        style.set_target_image(facts["picture"])
        style._input_guide = facts["mask"]
        style._input_enc_guide = (guide * guide.numel() / guide.sum()).sqrt()
        style.score_weight = scale * weight * style._target_repr.numel() / float(style._target_repr.square().sum())
        parts.append((f"style {name}".replace(".", "_"), style))
    for name, (weight, spread) in facts["content"].items():
        guide = facts["guides"][name].sqrt()
        content = loss.FeatureReconstructionLoss(net.extract_encoder(name))
        content.set_target_image(facts["start"])
        content._input_guide, content._input_enc_guide = facts["mask"], guide
        content._target_repr = content._target_repr * guide
        content.score_weight = scale * weight * content._target_repr.numel() / spread
        parts.append((f"content {name}", content))
    net.trim()
    return loss.LossContainer([*parts, ("smooth", Smooth(facts["mask"], facts["tv"], scale))])


class Counted(nn.Module):
    """The criterion, with a clock that stands still while pictures are kept: a call is one iteration."""

    def __init__(self, inner: nn.Module, folder: Path, wanted: set[int], began: float, scale: float) -> None:
        super().__init__()
        self.inner, self.folder, self.wanted, self.since, self.scale = inner, folder, wanted, began, scale
        self.seconds: list[float] = []
        self.values: list[float] = []
        self.saved: list[int] = []
        self.spent = 0.0

    def forward(self, image: Tensor) -> Any:
        if self.values:
            self.after(image)
        found = self.inner(image)
        self.values.append(float(found) / self.scale)
        return found

    def after(self, image: Tensor) -> None:
        self.spent += time.perf_counter() - self.since
        self.seconds.append(self.spent)
        number = len(self.seconds)
        if number in self.wanted:
            self.saved.append(number)
            np.save(self.folder / f"{number:06d}.npy", image.detach()[0].permute(1, 2, 0).numpy())
        self.since = time.perf_counter()


def peak_memory() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def main() -> None:
    spec = json.loads(Path(sys.argv[1]).read_text())
    torch.set_num_threads(spec["threads"])
    folder, scale, count = Path(spec["folder"]), spec["scale"], spec["iterations"]
    facts = torch.load(spec["facts"], weights_only=True)
    before = peak_memory()
    warm = facts["start"][..., :64, :64].clone().requires_grad_(True)
    encoder(facts)(warm, facts["names"][1]).sum().backward()
    began = time.perf_counter()
    image = facts["start"].clone()
    counted = Counted(criterion(facts, scale), folder, set(spec["wanted"]), began, scale)
    counted.after(optim.image_optimization(image, counted, num_steps=count, quiet=True))
    kept = {"seconds": counted.seconds, "values": counted.values, "saved": counted.saved, "sizes": []}
    (folder / "times.json").write_text(json.dumps({**kept, "peak": peak_memory(), "before": before, "steps": count}))


if __name__ == "__main__":
    main()
