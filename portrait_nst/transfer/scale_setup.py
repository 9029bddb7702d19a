"""What a scale's canvas is set up with, beside the photo and the style's statistics: nearest features, and what faces ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.transfer import colour
from portrait_nst.transfer.config import EngineConfig, StyleSource
from portrait_nst.transfer.crop import Crop
from portrait_nst.transfer.faces.controller import Portrait
from portrait_nst.transfer.faces.gain_maps import Sitter
from portrait_nst.transfer.initialization import sized
from portrait_nst.transfer.memory import give_back
from portrait_nst.transfer.nearest.codebook import Codebook, make_codebook
from portrait_nst.transfer.nearest.hypercolumns import Size, keys_for, keys_within
from portrait_nst.transfer.nearest.matching import NearestMatcher
from portrait_nst.transfer.objective.problem import IdentityTerm
from portrait_nst.transfer.rect import Rect
from portrait_nst.types import FloatArray


def codebooks(
    encoder: Encoder, styles: Sequence[StyleSource], frame: Size, canvas: Size, config: EngineConfig
) -> list[Codebook]:
    """Those of the `styles` for a `frame` of (h, w) of which a `canvas` is painted, together no larger than one."""
    assert config.nearest is not None
    keys, entries = keys_within(keys_for(encoder, config), canvas), config.nearest.entries // len(styles)
    found = []
    for style in styles:
        give_back()
        found.append(make_codebook(encoder, style.parts, frame, config, keys, entries))
    give_back()
    return found


def answered_faces(faces: FloatArray | None, styles: Sequence[StyleSource], size: tuple[int, int]) -> FloatArray | None:
    """Where the photo's `faces` are, at `size` (h, w), if any of the styles has faces to answer for them."""
    answered = any(part.faces is not None for style in styles for part in style.parts)
    return sized(faces, size) if faces is not None and answered else None


def matcher(
    encoder: Encoder,
    books: Sequence[Codebook],
    box: Rect,
    content: NDArray[Any],
    question: NDArray[Any],
    masks: Sequence[FloatArray],
    faces: FloatArray | None,
    device: str,
) -> NearestMatcher:
    """The matcher that finds the nearest features of a box of the frame.

    All arrays are the frame's, and each of the `masks` has its codebook.
    """

    def cut(array: NDArray[Any], outside: str = "reflect") -> Tensor:
        return colour.tensor(box.cut(array, outside=outside), device)

    regions = [cut(mask, "zero")[0, 0] for mask in masks]
    there = None if faces is None else cut(faces, "zero")[0, 0]
    return NearestMatcher(encoder, list(zip(regions, books)), cut(content), cut(question), there)


def face_terms(
    portrait: Portrait | None, view: Crop, config: EngineConfig, scale: int, box: Rect
) -> tuple[Sitter | None, IdentityTerm | None]:
    """What the `portrait` adds to the objective of one scale, whose canvas is the `box` of the view's frame."""
    if portrait is None:
        return None, None
    size, frame = view.sizes[scale], config.sizes[scale]
    sitter, term = None, None
    if portrait.sitter is not None:
        image, face = (colour.resize(view.cut(array), size) for array in (portrait.sitter, portrait.face))
        image = colour.grey_array(image) if config.grey else image
        over = box.cut(np.clip(face, 0, 1), outside="zero")
        sitter = Sitter(colour.tensor(box.cut(image), config.device), colour.tensor(over, config.device)[0, 0])
    identity, (top, left) = portrait.identity, view.origin(size)
    if identity is not None and identity.sees(frame):

        def term(canvas: Tensor, shift: tuple[int, int]) -> Tensor:
            return identity.distance(canvas, frame, (top + box.top + shift[0], left + box.left + shift[1]))

    return sitter, term
