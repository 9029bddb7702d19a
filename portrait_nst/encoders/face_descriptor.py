"""dlib's network that describes a face by 128 numbers, which are near each other for two pictures of one person.

King, "High Quality Face Recognition with Deep Metric Learning" (2017): a ResNet of 29 convolutions (He et al. 2016, with fewer
layers and half the filters). Its batch normalisations are fixed scales here, which we multiply into the filters.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from portrait_nst import resources

FILE = "face_descriptor.npz"
SIDE = 150  # pixels along each side of the picture of a face
MEAN = (122.782, 117.001, 104.298)  # the colours that training subtracted, RGB in 0..255
BLOCKS = (
    *("conv32_1", "conv32_2", "conv32_3", "conv64_down", "conv64_1", "conv64_2", "conv64_3", "conv128_down"),
    *("conv128_1", "conv128_2", "conv256_down", "conv256_1", "conv256_2", "conv256_down_out"),
)


class FaceDescriptor(nn.Module):
    """(N, 3, 150, 150) upright faces, RGB in [0, 1], to their descriptors (N, 128), float32; differentiable.

    The Euclidean distance of two descriptors is 0 for equal pictures, 0.2 to 0.4 for two photos of one person, and 0.6 or more
    for two people (99.4 % of the pairs of "Labeled Faces in the Wild" are told apart at 0.6). The eyes' corners and
    the base of the nose must lie where `portrait_nst.faces.upright` puts them.
    """

    mean: Tensor

    def __init__(self, weights: dict[str, NDArray[np.float32]]) -> None:
        super().__init__()
        self.filters = nn.ParameterDict()
        for name, filters in weights.items():
            if name.endswith("/conv/filters"):
                layer = name.removesuffix("/conv/filters")
                scale = weights[f"{layer}/scale/weights"]
                shift = weights[f"{layer}/conv/bias"] * scale + weights[f"{layer}/scale/biases"]
                self.filters[layer] = nn.Parameter(torch.from_numpy(filters * scale[:, None, None, None]))
                self.filters[f"{layer} shift"] = nn.Parameter(torch.from_numpy(shift))
        self.last = nn.Parameter(torch.from_numpy(weights["fc"]))
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1) / 255)
        self.requires_grad_(False).eval()

    def forward(self, faces: Tensor) -> Tensor:
        """The descriptors of `faces`; see the class."""
        x = self._convolved(faces - self.mean, "conv32_down", stride=2, padding=0)
        x = F.max_pool2d(F.relu(x), 3, 2)
        for name in BLOCKS:
            x = self._block(x, name)
        return x.mean((2, 3)) @ self.last

    def _convolved(self, x: Tensor, layer: str, stride: int = 1, padding: int = 1) -> Tensor:
        return F.conv2d(x, self.filters[layer], self.filters[f"{layer} shift"], stride, padding)

    def _block(self, x: Tensor, name: str) -> Tensor:
        """A residual block; one that goes down halves the size and pads either branch with zeros to the other's size."""
        down = "down" in name
        y = F.relu(self._convolved(x, f"{name}/conv1", *((2, 0) if down else (1, 1))))
        y = self._convolved(y, f"{name}/conv2")
        if down:
            x = F.avg_pool2d(x, 2)
            y = F.pad(y, (0, x.shape[3] - y.shape[3], 0, x.shape[2] - y.shape[2]))
            x = F.pad(x, (0, 0, 0, 0, 0, y.shape[1] - x.shape[1]))
        return F.relu(x + y)


def upright_views(image: Tensor, turns: Sequence[tuple[complex, complex]], side: int = SIDE) -> Tensor:
    """The upright views (N, 3, side, side) of N faces in an `image` (1, 3, h, w); differentiable.

    turns: for each face what `portrait_nst.faces.upright` gives, in pixels of the image. Where a face is larger than the view, it
    is sampled more densely and averaged, so that fine texture is not taken for something else.
    """
    size = image.new_tensor([image.shape[-1], image.shape[-2]])
    found = []
    for turn, shift in turns:
        finer = max(1, round(abs(turn) / side))
        steps = (np.arange(side * finer) + 0.5) / (side * finer)
        places = turn * (steps[None, :] + 1j * steps[:, None]) + shift
        grid = torch.from_numpy(np.stack([places.real, places.imag], -1).astype(np.float32)).to(image.device)
        view = F.grid_sample(image, 2 * grid[None] / size - 1, padding_mode="border", align_corners=False)
        found.append(F.avg_pool2d(view, finer))
    return torch.cat(found)


@cache
def load_face_descriptor() -> FaceDescriptor:
    """The network of the package, on the CPU. Raises ModelError where its file is missing or damaged."""
    with np.load(io.BytesIO(resources.model_bytes(FILE)), allow_pickle=False) as archive:
        names = [name for name in archive.files if name != "ranges"]
        scales = dict(zip(names, archive["ranges"]))
        weights = {name: (archive[name] * scales[name][0] + scales[name][1]).astype(np.float32) for name in names}
    return FaceDescriptor(weights)
