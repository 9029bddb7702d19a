"""A loss by a network that recognises faces: 1 - cosine of its descriptors of the face in the photo and in the painting.

The face is cut out upright by its keypoints, at one size, by differentiable bilinear sampling. Its descriptor is the mean of the
network's deepest maps, by which VGGFace2's ResNet-50 compares people (Cao et al. 2018). VGG-Face (Parkhi et al. 2015) continues
with layers that accept pictures of one size only, so we stop at the same place.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.transfer import colour
from portrait_nst.types import Face, UInt8Array

SIDE = 160  # pixels of the face that the network sees
LEAST = 40  # pixels of the canvas; a smaller face shows nothing that could be recognised
# Eyes, nose tip and mouth in the upright face, as fractions of its side: VGGFace2's pictures are 1.3 faces wide.
PLACES = np.array([0.34 + 0.4j, 0.66 + 0.4j, 0.5 + 0.55j, 0.5 + 0.7j])


class Identity:
    """Compares the `faces` of a photo (H, W, 3; uint8) with pictures of it at any size.

    encoder: a face-recognition network. faces: in pixels of the photo.
    """

    def __init__(self, encoder: Encoder, photo: UInt8Array, faces: Sequence[Face], device: str = "cpu") -> None:
        self.encoder = encoder.to(torch.device(device))
        self.layer = encoder.layers[-1]
        height, width = photo.shape[:2]
        turns = [_upright(face) for face in faces]
        # The side of the smallest face, divided by the photo's longest side.
        self.span = min(abs(turn) for turn, _ in turns) / max(height, width)
        steps = (np.arange(SIDE) + 0.5) / SIDE
        places = steps[None, :] + 1j * steps[:, None]
        points = np.stack([turn * places + shift for turn, shift in turns])
        grid = np.stack([points.real / width, points.imag / height], -1).astype(np.float32)
        self.grid = torch.from_numpy(grid).to(device)  # (faces, SIDE, SIDE, 2), (x, y) as fractions of the photo
        with torch.no_grad():
            self.goal = self._describe(colour.tensor(photo, device) / 255, (height, width), (0, 0))

    def sees(self, size: tuple[int, int]) -> bool:
        """Whether the faces of a frame of `size` are large enough to be recognised."""
        return bool(self.span * max(size) >= LEAST)

    def distance(self, canvas: Tensor, size: tuple[int, int], origin: tuple[int, int]) -> Tensor:
        """1 - cosine, averaged over the faces, of a `canvas` (1, 3, h, w) whose corner lies at `origin` of a frame of `size`."""
        return 1 - (self._describe(canvas, size, origin) * self.goal).sum(1).mean()

    def _describe(self, canvas: Tensor, size: tuple[int, int], origin: tuple[int, int]) -> Tensor:
        """The descriptors (faces, C) of the faces in a `canvas`, each of length 1."""
        frame = canvas.new_tensor([size[1], size[0]])
        pixels = self.grid * frame - canvas.new_tensor([origin[1], origin[0]])
        places = 2 * pixels / canvas.new_tensor([canvas.shape[-1], canvas.shape[-2]]) - 1
        repeated = canvas.float().expand(len(places), -1, -1, -1)
        crops = F.grid_sample(repeated, places, padding_mode="border", align_corners=False)
        maps = self.encoder.features(crops, [self.layer])[self.layer]
        return F.normalize(maps.float().mean((2, 3)), dim=1)


def _upright(face: Face) -> tuple[complex, complex]:
    """(a, b) of the similarity z -> a z + b from the upright face to the photo's pixels, x + iy, by least squares."""
    points = np.array([complex(x, y) for x, y in face.keypoints[:4]])
    system = np.stack([PLACES, np.ones_like(PLACES)], 1)
    turn, shift = np.linalg.lstsq(system, points, rcond=None)[0]
    return complex(turn), complex(shift)
