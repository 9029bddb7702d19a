"""A network that recognises faces, told by its file alone."""

from __future__ import annotations

from pathlib import Path

from portrait_nst.encoders import faces, pretrained
from portrait_nst.encoders.encoder import Encoder
from portrait_nst.errors import InputError, ModelError


def recogniser(weights: str | Path) -> Encoder:
    """VGG-Face (as "vgg16") or VGGFace2 (as "resnet50"), whichever the names of the file's tensors say; see `faces`.

    Raises InputError where there is no such file, ModelError where it is neither.
    """
    path = Path(weights)
    if not path.is_file():
        raise InputError(
            f"The weights file {path} does not exist. Give --identity-weights the path of a .pth, .pt or .npz file."
        )
    state = pretrained.read_state(path)
    residual = any(name.startswith(("layer1.", "conv2_1_1x1")) for name in state)
    _, scaling = (faces.vggface2 if residual else faces.vgg_face)(state, path)
    if not scaling:
        raise ModelError(
            f"{path} is not known for the weights of a face-recognition network. --identity-weights takes VGG-Face (VGG-16) and "
            'VGGFace2 (ResNet-50); where their last layer was removed, have "face" in the file\'s name.'
        )
    return pretrained.load_network("resnet50", path) if residual else pretrained.load("vgg16", path)
