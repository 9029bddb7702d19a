"""The plan of a painting by learned networks: everything that is decided and loaded before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst import imaging, planning
from portrait_nst.pipeline import background
from portrait_nst.pipeline.inputs import remarks
from portrait_nst.pipeline.instant.learned import Orders, network_for
from portrait_nst.pipeline.instant.painters import Painters
from portrait_nst.pipeline.instant.style_file import LearnedStyle
from portrait_nst.pipeline.likeness import Meter, meter_of
from portrait_nst.pipeline.paint_plan import check_files, plan_painting
from portrait_nst.pipeline.style_crop import shown
from portrait_nst.pipeline.styles import LabelStyles, Style, StyledRegion, all_grey, styled_regions
from portrait_nst.pipeline.subject import Subject
from portrait_nst.qualities import INSTANT
from portrait_nst.settings import Settings
from portrait_nst.types import Photo, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.instant import Network


@dataclass(frozen=True, eq=False)
class InstantPlan:
    """The plan of a painting with quality instant. `Stylizer.plan` makes it, and `Stylizer.paint` carries it out.

    subject:    the photo, its matte and faces.
    settings:   the given settings, with the size that small faces require.
    regions:    the regions of the photo and the pictures that style them.
    painted:    the same, and last a background with a style of its own.
    networks:   the network of each that is painted.
    content:    (H, W, 3) uint8, the person's colours continued past the matte's edge.
    behind:     (H, W, 3) uint8, the colours of the background, continued behind the person.
    background: the kind of the background and its style picture; see `pipeline.background.choose`.
    grey:       whether photo and styles are grey, so that the painting is grey too.
    meter:      measures the likeness of the painted faces; None without a face.
    scales:     the painted size and the memory.
    stroke:     the breadth of strokes, 1 for the painting's own if it were as large as the photo.
    device, bf16: the torch device, and whether features are bfloat16.
    weights_sha256: that of the encoder.
    notes:      for the user, on every difference from the settings.
    """

    subject: Subject
    settings: Settings
    regions: tuple[StyledRegion, ...]
    painted: tuple[StyledRegion, ...]
    networks: tuple[Network, ...]
    content: UInt8Array
    behind: UInt8Array
    background: tuple[str, Photo | None]
    grey: bool
    meter: Meter | None
    scales: planning.Plan
    stroke: float
    device: str
    weights_sha256: str
    notes: tuple[str, ...] = ()

    @property
    def bf16(self) -> bool:
        """Whether features are bfloat16."""
        return self.scales.precision == "bfloat16"

    @property
    def memory(self) -> float | None:
        """The greatest number of bytes of the painting; None on a device with its own memory."""
        return self.scales.peak if self.device == "cpu" else None

    @property
    def leaves_the_photo(self) -> bool:
        """Whether nothing is painted, because the strength is 0."""
        return self.settings.strength == 0


def make_instant_plan(
    subject: Subject,
    style: Style | LabelStyles,
    settings: Settings,
    load_encoder: Callable[[], Encoder],
    memory: float | None,
    painters: Painters,
    wanted: Sequence[str] = (),
) -> InstantPlan:
    """The plan of painting `subject` in `style` by learned networks; see `Stylizer.plan` and `make_paint_plan`.

    wanted: the digests that the networks must have, in the order of the painted regions; empty for any.
    """
    check_files(settings)
    regions = styled_regions(subject, style)
    kind, second_style = background.choose(settings.background)
    if settings.threads is not None:
        import torch

        torch.set_num_threads(settings.threads)
    from portrait_nst import transfer

    photo = subject.photo
    scales = plan_painting(settings, photo, subject.matte.alpha, subject.painted_faces, memory)
    # Small faces are painted larger than usual so that strokes are narrower; a size that was asked for only makes them sharper.
    narrower = 1.0 if settings.size is not None else min(1.0, INSTANT.size / max(scales.sizes[-1]))
    settings, encoder, device = scales.settings, load_encoder(), transfer.choose_device(settings.device)
    painted = regions
    if second_style is not None and (subject.matte.alpha < 1).any():
        painted = (*regions, StyledRegion(1 - subject.matte.alpha, ((second_style, 1.0),)))
    orders = Orders(settings.style_region, settings.learn, encoder, device, scales.precision, painters)
    found = []
    for number, region in enumerate(painted):
        own = orders if region in regions else replace(orders, style_region="whole")
        found.append(network_for(region.blend, own, wanted[number] if number < len(wanted) else ""))
    content, behind = subject.foreground, subject.background
    pictures = [picture for region in painted for picture, _ in region.blend]
    there = np.max([region.alpha for region in painted], axis=0)
    greys = (not isinstance(picture, LearnedStyle) and shown(picture).grey for picture in pictures)
    grey = all_grey(photo, there, greys, settings.colours)
    if grey:
        content = imaging.as_grey(content)
        behind = np.where((subject.matte.alpha > 0)[..., None], imaging.as_grey(behind), behind)
    of_styles = dict.fromkeys(note for picture in pictures for note in remarks(picture, "style"))
    return InstantPlan(
        subject=subject,
        settings=settings,
        regions=regions,
        painted=painted,
        networks=tuple(network for network, _ in found),
        content=content,
        behind=behind,
        background=(kind, second_style),
        grey=grey,
        meter=meter_of(photo, subject.painted_faces, device),
        scales=scales,
        stroke=settings.style_scale * narrower,
        device=device,
        weights_sha256=encoder.sha256,
        notes=(*subject.matte.notes, *of_styles, *scales.notes, *dict.fromkeys(note for _, note in found if note)),
    )
