"""Feature extractors: the embedded one and torchvision's. The only room that imports torchvision."""

from portrait_nst.encoders.encoder import Encoder
from portrait_nst.encoders.face_descriptor import FaceDescriptor, load_face_descriptor, upright_views
from portrait_nst.encoders.geometry import Geometry
from portrait_nst.encoders.layers import Layer
from portrait_nst.encoders.registry import NAMES, blueprint, check_layers, get, recogniser

__all__ = [
    "NAMES",
    "Encoder",
    "FaceDescriptor",
    "Geometry",
    "Layer",
    "blueprint",
    "check_layers",
    "get",
    "load_face_descriptor",
    "recogniser",
    "upright_views",
]
