"""One layer of an encoder under all its names, and the error for a name that no layer has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from portrait_nst.encoders.geometry import Geometry
from portrait_nst.errors import InputError

FEW = 20


@dataclass(frozen=True)
class Layer:
    """A layer that can be asked for.

    name:        its name in the encoder: that of the literature, else that of Keras, else that of torchvision.
    torchvision, keras, literature: its name in each vocabulary, empty where it has none there.
    others:      further names that are understood, such as the path of a block for its last map.
    """

    name: str
    channels: int
    geometry: Geometry
    torchvision: str = ""
    keras: str = ""
    literature: str = ""
    others: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names, the encoder's own first, none twice."""
        return tuple(
            dict.fromkeys(n for n in (self.name, self.torchvision, self.keras, self.literature, *self.others) if n)
        )


def by_name(layers: Iterable[Layer]) -> dict[str, str]:
    """The encoder's own name of a layer by each of its names, in lower case."""
    return {name.lower(): layer.name for layer in layers for name in layer.names}


def unknown(encoder: str, name: str, layers: tuple[str, ...], names: dict[str, str]) -> InputError:
    """An error for a `name` that no layer has: it lists the near matches, and all layers where they are few."""
    near = get_close_matches(name.strip().lower(), names, n=5, cutoff=0.6)
    message = f"The encoder {encoder} has no layer {name!r}."
    if near:
        message += f" Near: {', '.join(near)}."
    if len(layers) <= FEW:
        message += f" It has: {', '.join(layers)}."
    return InputError(f"{message} `portrait-nst layers {encoder}` lists all names.")
