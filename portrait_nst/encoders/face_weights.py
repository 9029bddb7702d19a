"""Weights of networks that recognise faces, which are recognised by the names and shapes of their tensors.

VGG-Face (Parkhi, Vedaldi & Zisserman, "Deep Face Recognition", BMVC 2015), for `vgg16`:

- ``conv_1_1.weight`` ...: conversions of the Torch and Caffe models; input BGR.
- ``conv1_1.weight`` ... (vgg_face_dag) and torchvision's ``features.0.weight`` ...: conversions of the MatConvNet model; input
  RGB. ImageNet's weights have the same names. A file is taken for VGG-Face when its last layer knows 2622 people or, where
  it holds no such layer, when "face" is in the file's name.

VGGFace2 (Cao et al., "VGGFace2: a dataset for recognising faces across pose and age", FG 2018), for `resnet50`:

- ``conv1_7x7_s2.weight``, ``conv2_1_1x1_reduce.weight`` ...: Oxford's own; input RGB.
- torchvision's names with a last layer of 8631 people or, without it, "face" in the file's name: conversions of the Caffe
  model, as VGGFace2-pytorch has them; input BGR.

Both take pictures from 0 to 255 less the mean of faces. Their ResNet strides in the first 1x1 convolution of a block, and its
first pooling starts at the border and rounds up.
"""

from __future__ import annotations

import re
from pathlib import Path

from torch import Tensor, nn

from portrait_nst.encoders.scaling import InputScaling

VGG_FACE, VGGFACE2 = 2622, 8631  # the number of people that the last layer tells apart
VGG_FACE_MEAN = (129.186279296875, 104.76238250732422, 93.59396362304688)
VGGFACE2_MEAN = (131.0912, 103.8827, 91.4953)
RESNET_PARTS = {"1x1_reduce": "1", "3x3": "2", "1x1_increase": "3"}


def of_faces(state: dict[str, Tensor], path: Path, people: int) -> bool:
    """Whether a network's last layer tells this number of people apart; without a last layer the file's name decides."""
    heads = [v.shape[0] for key, v in state.items() if re.match(r"(fc|classifier)[\w.]*weight$", key) and v.ndim > 1]
    return people in heads if heads else "face" in path.stem.lower()


def _scaling(mean: tuple[float, ...], *, bgr: bool) -> InputScaling:
    """The scaling for a network that takes pictures less `mean`, which is given as RGB."""
    return InputScaling.less_mean(mean[::-1] if bgr else mean, bgr=bgr)


def vgg_face(state: dict[str, Tensor], path: Path) -> tuple[dict[str, Tensor], InputScaling | None]:
    """The state dict with ``conv_1_1`` called ``conv1_1``, and the scaling of the input if it is VGG-Face's (else None)."""
    renamed = {re.sub(r"^conv_(\d)_(\d)\.", r"conv\1_\2.", key): value for key, value in state.items()}
    if renamed.keys() != state.keys():
        return renamed, _scaling(VGG_FACE_MEAN, bgr=True)
    return state, _scaling(VGG_FACE_MEAN, bgr=False) if of_faces(state, path, VGG_FACE) else None


def vggface2(state: dict[str, Tensor], path: Path) -> tuple[dict[str, Tensor], InputScaling | None]:
    """The state dict in torchvision's names, and the scaling of the input if it is VGGFace2's (else None)."""
    if "conv1_7x7_s2.weight" in state:
        return {_from_oxford(key): value for key, value in state.items()}, _scaling(VGGFACE2_MEAN, bgr=False)
    return state, _scaling(VGGFACE2_MEAN, bgr=True) if of_faces(state, path, VGGFACE2) else None


def _from_oxford(key: str) -> str:
    key = key.replace("conv1_7x7_s2_bn.", "bn1.").replace("conv1_7x7_s2.", "conv1.")
    if match := re.fullmatch(r"conv(\d)_(\d)_(1x1_reduce|3x3|1x1_increase|1x1_proj)(_bn)?\.(\w+)", key):
        stage, block, part, bn, kind = match.groups()
        place = f"layer{int(stage) - 1}.{int(block) - 1}"
        if part == "1x1_proj":
            return f"{place}.downsample.{1 if bn else 0}.{kind}"
        return f"{place}.{'bn' if bn else 'conv'}{RESNET_PARTS[part]}.{kind}"
    return key


def as_caffe(model: nn.Module) -> None:
    """Give torchvision's ResNet the strides and the pooling of Caffe's, for which these weights were trained."""
    for stage in (2, 3, 4):
        for name, stride in (("conv1", 2), ("conv2", 1)):
            convolution = model.get_submodule(f"layer{stage}.0.{name}")
            assert isinstance(convolution, nn.Conv2d)
            convolution.stride = (stride, stride)
    model.maxpool = nn.MaxPool2d(3, stride=2, padding=0, ceil_mode=True)
