"""Styles and the regions that they paint: one picture, a blend of several, or a style for each label of a map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from portrait_nst import imaging
from portrait_nst.errors import InputError
from portrait_nst.faces import face_map
from portrait_nst.pipeline.inputs import Picture, is_picture, load_style
from portrait_nst.pipeline.label_map import label_text
from portrait_nst.pipeline.style_crop import Shown, shown
from portrait_nst.pipeline.subject import Subject
from portrait_nst.settings import Settings
from portrait_nst.types import FloatArray, Photo

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.transfer import StylePart, StyleSource

Style: TypeAlias = "Picture | Sequence[Picture | tuple[Picture, float]]"
LabelStyles: TypeAlias = "Mapping[str, Style] | Mapping[int, Style]"
Blend: TypeAlias = tuple[tuple[Photo, float], ...]

LONGEST_STYLE = 2048
LONGEST_OF_MANY = 1024  # less, since all paintings of a movement are in memory at once
COARSE_SIZE = 512


@dataclass(frozen=True, eq=False)
class StyledRegion:
    """A region of the photo, (H, W) float32 in [0, 1], the blend that it is painted in, and its label in a label map."""

    alpha: FloatArray
    blend: Blend
    label: str | None = None


def load_blend(style: Style) -> Blend:
    """The pictures of `style` with their weights: one picture, or a list of pictures or (picture, weight). Raises InputError."""
    if is_picture(style) or not isinstance(style, Iterable):
        return ((load_style(style), 1.0),)
    entries = [entry if isinstance(entry, tuple) else (entry, 1.0) for entry in style]
    if not entries:
        raise InputError("No style was given: name at least one picture.")
    for entry in entries:
        if len(entry) != 2:
            raise InputError(f"A style in a list is a picture or (picture, weight), not a tuple of {len(entry)}.")
    for _, weight in entries:
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 < weight < 1e6:
            raise InputError(f"A style's weight must be a number over 0, not {weight!r}.")
    return tuple((load_style(picture), float(weight)) for picture, weight in entries)


def styled_regions(subject: Subject, style: Style | LabelStyles) -> tuple[StyledRegion, ...]:
    """The regions of `subject` with their blends. style: that of the whole matte, or with a label map those of the labels.

    Raises InputError if the labels are not those with which the subject was prepared.
    """
    if not isinstance(style, Mapping):
        if subject.regions:
            raise InputError(
                "The subject has a label map: give a style for each of its painted labels, {label: style}."
            )
        return (StyledRegion(subject.matte.alpha, load_blend(style)),)
    if not style:
        raise InputError("No style was given: name at least one picture.")
    style = {label_text(label): blend for label, blend in style.items()}
    labels = [region.label for region in subject.regions]
    if sorted(labels) != sorted(style):
        there = ", ".join(labels) or "no label map"
        raise InputError(f"Styles are given for the labels {', '.join(style)}; the subject was prepared with {there}.")
    return tuple(
        StyledRegion(region.alpha, load_blend(style[region.label]), region.label) for region in subject.regions
    )


def source(region: StyledRegion, style_region: str, photo: Photo, settings: Settings, encoder: Encoder) -> StyleSource:
    """A region's style as the engine takes it; see `style_crop.shown` for `style_region` and the errors."""
    from portrait_nst.transfer import StylePart, StyleSource
    from portrait_nst.transfer.nearest.codebook import FEW

    parts = []
    for picture, weight in region.blend:
        small = imaging.size_within(picture.size, LONGEST_STYLE if len(region.blend) <= FEW else LONGEST_OF_MANY)
        seen = shown(picture, style_region)
        mask = None if seen.mask is None else imaging.resize_mask(seen.mask, small)
        faces = _faces(seen, small) if settings.painterly and style_region == "person" else None
        part = StylePart(imaging.to_float(imaging.resize(seen.rgb, small)), mask, weight, seen.grey, faces)
        if settings.coarse_style is not None:
            part = _with_coarse(part, settings, encoder)
        parts.append(_in_colours_of(part, photo, region.alpha, settings.colours))
    return StyleSource(tuple(parts), region.alpha)


def _faces(style: Shown, size: tuple[int, int]) -> FloatArray | None:
    """(h, w) float32 in [0, 1]: the faces in a style picture, at `size` (h, w); None if there are none."""
    from portrait_nst import segmentation

    found = segmentation.faces(Photo(style.rgb), painted=True)
    if not found:
        return None
    there = np.minimum(face_map(style.rgb.shape[:2], found), 1)
    return imaging.resize_mask(there if style.mask is None else there * style.mask, size)


def all_grey(photo: Photo, region: FloatArray, styles: Iterable[bool], colours: str) -> bool:
    """Whether a painting can only be grey: the `photo` is grey there, and the styles are grey or take its colours.

    styles: whether each picture is grey; not asked where the photo is not.
    """
    return imaging.is_grey(photo.rgb, region > 0) and (colours != "style" or all(styles))


def _in_colours_of(part: StylePart, photo: Photo, region: FloatArray, colours: str) -> StylePart:
    """The style with the photo's colours inside the region, for "pca" and "cholesky"; with its lightness, for "luminance"."""
    from portrait_nst.transfer import colour

    if colours == "style":
        return part
    content = imaging.to_float(photo.rgb)
    if colours == "luminance":
        content, rgb = colour.grey_array(content), colour.grey_array(part.rgb)
        method = "pca"
    else:
        rgb, method = part.rgb, colours
    own, goal = colour.mean_and_covariance(rgb, part.mask), colour.mean_and_covariance(content, region)
    return replace(part, rgb=colour.match_affine(rgb, own, goal, method), grey=False)


def _with_coarse(part: StylePart, settings: Settings, encoder: Encoder) -> StylePart:
    """A style picture with the structure of ``settings.coarse_style`` and the texture of `part` (Gatys et al. 2017, section 6).

    The whole coarse picture is painted with the texture that the shallow layers see in the fine one, and the result styles the
    photo. The mask of the fine style chooses the part that gives the texture. Transparent parts of the coarse picture do not
    count in the result.
    """
    from portrait_nst.transfer import StyleOptimizer, StylePart, StyleSource, build_config

    assert settings.coarse_style is not None
    coarse = shown(load_style(settings.coarse_style))
    height, width = coarse.rgb.shape[:2]
    shallow = tuple(layer for layer in encoder.style_layers[: max(2, len(encoder.style_layers) // 2)])
    orders = Settings(
        method="gram",
        quality="draft",
        size=min(COARSE_SIZE, max(height, width)),
        style_layers=shallow,
        levels=1,
        region="all",
        seed=settings.seed,
        device=settings.device,
        precision=settings.precision,
    )
    grey = part.grey and coarse.grey
    config = replace(build_config(orders, encoder, height, width), grey=grey)
    whole = np.ones((height, width), np.float32)
    optimizer = StyleOptimizer(encoder, imaging.to_float(coarse.rgb), [StyleSource((part,), whole)], config)
    for _ in optimizer.steps():
        pass
    mask = None if coarse.mask is None else imaging.resize_mask(coarse.mask, config.sizes[-1])
    return StylePart(optimizer.finish(), mask, part.weight, grey)
