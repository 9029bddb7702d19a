"""The facts about an encoder that planning needs, without loading it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

VGG = ("vgg16", "vgg19")
GATED = "efficientnet"  # the family whose squeeze-and-excitation gates depend on the whole picture


class LoadedEncoder(Protocol):
    """The part of `portrait_nst.encoders.Encoder` that planning reads."""

    @property
    def name(self) -> str:
        """The encoder's name, as in `portrait_nst.encoders.NAMES`."""
        ...

    @property
    def local(self) -> bool:
        """Whether each cell depends on its receptive field alone."""
        ...


@dataclass(frozen=True)
class EncoderFacts:
    """Facts about an encoder by which a painting is planned.

    name:         as in `portrait_nst.encoders.NAMES`.
    local:        whether each cell depends on its receptive field alone, so that a canvas can be processed in parts.
    memory:       memory of the feature maps of a whole canvas, as a multiple of the embedded encoder's.
    parts_memory: the same for the fixed memory of a canvas that is processed in parts.
    """

    name: str
    local: bool = True
    memory: float = 1.0
    parts_memory: float = 1.0


def encoder_facts(encoder: str | LoadedEncoder) -> EncoderFacts:
    """The facts about an encoder, which is given by its name or loaded; the result is the same."""
    name = encoder if isinstance(encoder, str) else encoder.name
    local = not name.startswith(GATED) if isinstance(encoder, str) else encoder.local
    if name == "embedded":
        return EncoderFacts(name, local)
    return EncoderFacts(name, local, memory=1.7 if name in VGG else 4.0, parts_memory=2.0)
