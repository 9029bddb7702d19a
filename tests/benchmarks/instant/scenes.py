"""Portraits and paintings of a benchmark, and a hand that paints the one in the manner of the other with a learned network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from portrait_nst import Settings, encoders, imaging, named_styles, stylize
from portrait_nst.imaging.formats import READABLE_SUFFIXES
from portrait_nst.instant import Network, Painter, files
from portrait_nst.instant.ground import grounded
from portrait_nst.pipeline.instant.learned import Orders, network_for
from portrait_nst.pipeline.instant.painters import Painters
from portrait_nst.pipeline.instant.strength import local_strength, share_of
from portrait_nst.pipeline.subject import Subject, prepare
from portrait_nst.planning import Precision
from portrait_nst.transfer.colour import tensor
from portrait_nst.transfer.configuration import has_fast_bf16
from portrait_nst.types import FloatArray, UInt8Array
from tests.benchmarks.instant.measures import Paint, Place

MATTE = "-matte"  # A-matte.png beside A.jpg is its matte; without one the person is found
WAYS = ("stylize", "person", "whole")


@dataclass(frozen=True, eq=False)
class Portrait:
    """A photo of a sitter."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @cached_property
    def subject(self) -> Subject:
        mattes = sorted(self.path.parent.glob(f"{self.name}{MATTE}.*"))
        return prepare(self.path, mask=mattes[0] if mattes else None)

    @property
    def rgb(self) -> UInt8Array:
        return self.subject.photo.rgb

    @property
    def matte(self) -> FloatArray:
        return self.subject.matte.alpha

    @cached_property
    def cloth(self) -> FloatArray:
        """(H, W): 1 where the person is and no face."""
        found: FloatArray = ((self.matte > 0.95) & (self.subject.in_faces < 0.05)).astype(np.float32)
        return found


def portraits(given: Sequence[Path]) -> list[Portrait]:
    """Of files and of the pictures of folders."""
    found = []
    for path in given:
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        found += [file for file in inside if file.suffix.lower() in READABLE_SUFFIXES and not file.stem.endswith(MATTE)]
    if not found:
        raise SystemExit("there is no portrait in what --portraits names")
    return [Portrait(path) for path in dict.fromkeys(found)]


@dataclass(frozen=True, eq=False)
class Painting:
    """A picture, and the file of a network learned for it, or None: then it is found as `--quality instant` does."""

    path: Path
    network: Path | None = None

    @classmethod
    def of(cls, text: str) -> Painting:
        """Of PICTURE or PICTURE=NETWORK, as the command line has it; the picture may be a named style."""
        picture, _, network = text.partition("=")
        return cls(Path(named_styles.path_of(picture)), Path(network) if network else None)

    @property
    def name(self) -> str:
        return self.path.stem

    @cached_property
    def rgb(self) -> UInt8Array:
        return imaging.load(self.path).rgb

    @cached_property
    def learned(self) -> Network:
        """The network of the file, or the one with which `--quality instant` paints this picture."""
        if self.network is not None:
            return files.load(self.network)
        kind: Precision = "bfloat16" if has_fast_bf16("cpu") else "float32"
        orders = Orders("whole", False, encoders.get("embedded"), "cpu", kind, Painters())
        return network_for(((imaging.load(self.path), 1.0),), orders)[0]


class Hand:
    """Paints portraits in the manner of one painting.

    way: "stylize", by the package's function, with all that a user gets; "person", the network on the person's own colours, with
    statistics under the matte and faces held, laid over the photo; "whole", the network alone on the whole photo.
    """

    def __init__(self, painting: Painting, way: str = "stylize", dtype: torch.dtype | None = None) -> None:
        self.painting, self.way = painting, way
        fast = torch.bfloat16 if has_fast_bf16("cpu") else torch.float32
        self.painter = Painter(encoders.get("embedded"), painting.learned, dtype=dtype or fast)

    def __call__(self, portrait: Portrait) -> UInt8Array:
        """The picture that comes out, of the portrait's size."""
        if self.way == "stylize":
            style = self.painting.network or self.painting.path
            return stylize(portrait.subject.photo, style, mask=portrait.subject.matte, quality="instant").rgb
        painted = imaging.to_uint8(self.frozen(portrait)(self.content(portrait)))
        if self.way == "whole":
            return painted
        return imaging.composite(portrait.rgb, painted, portrait.matte, portrait.subject.background)

    def content(self, portrait: Portrait) -> FloatArray:
        """What of the portrait is painted."""
        return imaging.to_float(portrait.rgb if self.way == "whole" else portrait.subject.foreground)

    def frozen(self, portrait: Portrait) -> Paint:
        """Paints `content`, or views of it, with the statistics of the portrait, as a clip is painted."""
        faces, content = portrait.subject.in_faces, self.content(portrait)
        if self.way == "whole":
            return self.settled(content, faces=faces)
        share = share_of(local_strength(portrait.subject, Settings()))
        return self.settled(content, portrait.matte, faces, share)

    def settled(
        self,
        first: FloatArray,
        guide: FloatArray | None = None,
        faces: FloatArray | None = None,
        share: FloatArray | None = None,
    ) -> Paint:
        """Paints pictures with the statistics of `first`, under `guide`; all maps are (H, W), of the size of `first`."""
        under = None if guide is None else torch.from_numpy(guide)[None]
        amount = self.painter.network.grain

        def seen(picture: FloatArray, at: Place, along: bool) -> torch.Tensor:
            there = None if faces is None else _cut(faces, picture, at)
            return grounded(tensor(picture, "cpu"), amount, there, at=at if along else (0, 0))

        maps = self.painter.maps(self.painter.statistics(seen(first, (0, 0), False), under))

        def paint(picture: FloatArray, at: Place = (0, 0), along: bool = False) -> FloatArray:
            moved = 1.0 if share is None else _cut(share, picture, at)
            painted = self.painter.paint(seen(picture, at, along), maps, moved)
            return np.ascontiguousarray(painted[0].permute(1, 2, 0).numpy())

        return paint


def _cut(whole: FloatArray, picture: FloatArray, at: Place) -> torch.Tensor:
    """The part of a map (H, W) that belongs to a `picture` whose corner is `at`, (1, 1, h, w)."""
    return tensor(whole[at[0] : at[0] + picture.shape[0], at[1] : at[1] + picture.shape[1]], "cpu")
