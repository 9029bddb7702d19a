"""Paint with nothing but torch and the loss library: own features, own optimizer, guided by a mask.

    python docs/examples/paint_with_losses.py painted.ppm

A few random convolutions are the features: untrained ones know textures too (Ustyuzhaninov et al., "Texture Synthesis Using
Shallow Convolutional Networks with Random Filters", 2016). A disc of a smooth picture takes a style of stripes, by Gram matrices
under a guide; the rest keeps its content. The picture is written as PPM, which needs no library.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portrait_nst.encoders.geometry import Geometry
from portrait_nst.transfer import functional, losses

CONTENT_WEIGHT, SMOOTH_WEIGHT = 0.1, 0.3


class Filters(nn.Module):
    """Random convolutions of several sizes, each with its rectified maps: (B, 3, H, W) to (B, C, H/2, W/2)."""

    def __init__(self, channels: int = 48) -> None:
        super().__init__()
        self.branches = nn.ModuleList(nn.Conv2d(3, channels, side, padding=side // 2) for side in (3, 7, 11))
        self.geometry = Geometry().then(11, 1, 5).then(2, 2)  # of the widest: where each cell of the maps looks
        for parameter in self.parameters():
            parameter.requires_grad_(False)

    def forward(self, image: Tensor) -> Tensor:
        """The maps of `image`, each channel around its own filter's response to grey."""
        return F.avg_pool2d(torch.cat([F.relu(branch(image - 0.5)) for branch in self.branches], 1), 2)


def stripes(side: int) -> Tensor:
    """(1, 3, side, side): a style of wavy stripes in red, ochre and blue."""
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    wave = torch.sin((x + y + 4 * torch.sin(y / 9)) / 3)[None]
    colours = torch.tensor([[0.75, 0.2, 0.15], [0.95, 0.8, 0.45], [0.1, 0.2, 0.5]]).view(3, 3, 1, 1)
    return (colours[1] + wave.clamp_min(0) * (colours[0] - colours[1]) - wave.clamp_max(0) * (colours[2] - colours[1]))[
        None
    ]


def landscape(side: int) -> tuple[Tensor, Tensor]:
    """(1, 3, side, side) a sky with a sun, and (1, side, side) the guide: where the sun is."""
    y, x = torch.meshgrid(torch.linspace(-1, 1, side), torch.linspace(-1, 1, side), indexing="ij")
    sun = torch.sigmoid((0.6 - torch.hypot(x, y)) * 30)
    sky = torch.stack([0.35 + 0.15 * y, 0.5 + 0.2 * y, 0.75 + 0.1 * y])
    return (sky + sun * (torch.tensor([0.95, 0.75, 0.35]).view(3, 1, 1) - sky))[None], sun[None]


def paint(side: int = 160, steps: int = 40) -> Tensor:
    """(1, 3, side, side) RGB in [0, 1]: the landscape whose sun has the style of the stripes."""
    torch.manual_seed(0)
    encoder, style, (content, mask) = Filters(), stripes(side), landscape(side)
    guide = functional.propagate_guide(mask, encoder.geometry)
    style_maps, content_maps = encoder(style), encoder(content)
    target = functional.guided_gram(style_maps, torch.ones(1, *style_maps.shape[2:]))
    style_loss = losses.GuidedGramLoss(target, guide)
    content_loss = losses.ContentLoss(content_maps, 1 - guide)
    smooth_loss = losses.TotalVariationLoss(within=1.0)
    image = (content + 0.05 * torch.randn(content.shape)).requires_grad_(True)
    optimizer = torch.optim.LBFGS([image], max_iter=steps, line_search_fn="strong_wolfe")

    def closure() -> float:
        optimizer.zero_grad()
        maps = encoder(image)
        loss = style_loss(maps) + CONTENT_WEIGHT * content_loss(maps) + SMOOTH_WEIGHT * smooth_loss(image)
        loss.backward()
        return float(loss.detach())

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return image.detach().clamp(0, 1)


def save(image: Tensor, path: Path) -> None:
    """Write `image` (1, 3, H, W) in [0, 1] as a PPM file."""
    pixels = (image[0].permute(1, 2, 0) * 255).round().to(torch.uint8)
    header = f"P6 {pixels.shape[1]} {pixels.shape[0]} 255\n"
    path.write_bytes(header.encode() + pixels.contiguous().numpy().tobytes())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Paint with nothing but torch and the loss library.")
    parser.add_argument("output", type=Path, help="the picture that is written, as PPM")
    parser.add_argument("--side", type=int, default=160, help="its height and width in pixels")
    parser.add_argument("--steps", type=int, default=40, help="of L-BFGS")
    options = parser.parse_args()
    save(paint(options.side, options.steps), options.output)
