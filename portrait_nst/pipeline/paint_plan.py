"""The plan of a painting: everything that is decided and loaded before its first step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst import imaging, planning
from portrait_nst.errors import InputError
from portrait_nst.pipeline import background, face_guidance, styles
from portrait_nst.pipeline.flat_styles import flat_sources
from portrait_nst.pipeline.inputs import load, remarks
from portrait_nst.pipeline.instant.style_file import refuse_learned
from portrait_nst.pipeline.likeness import Meter, meter_of
from portrait_nst.pipeline.style_crop import shown
from portrait_nst.pipeline.styles import LabelStyles, Style, StyledRegion, styled_regions
from portrait_nst.pipeline.subject import Subject
from portrait_nst.settings import INITS, Settings, given_files
from portrait_nst.types import Face, FloatArray, Photo, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.transfer import EngineConfig, Portrait, StyleSource


@dataclass(frozen=True, eq=False)
class PaintPlan:
    """The plan of a painting. `Stylizer.plan` makes it, and `Stylizer.paint` carries it out.

    subject:    the photo, its matte and faces.
    settings:   the given settings, with the size that small faces require or that memory allows.
    config:     the configuration of the engine: `config.sizes` (height, width) and `config.iterations` of each scale.
    regions:    the regions of the photo and the pictures that style them.
    sources:    the styles as the engine takes them; a styled background has the last one.
    content:    (H, W, 3) uint8, the photo as it is painted: the person's colours continued past the matte's edge.
    behind:     (H, W, 3) uint8, the colours of the background, continued behind the person.
    background: the kind of the background and its style picture; see `pipeline.background.choose`.
    grey:       whether photo and styles are grey, so that the painting is grey too.
    start:      (h, w, 3) float32 in [0, 1], the picture to begin with; None for the start that `settings.init` names.
    meter:      measures the likeness of the painted faces; None without a face.
    faces:      the engine's information about the faces; None if no setting needs it.
    scales:     sizes and steps, how each canvas is processed, and its memory.
    weights_sha256: that of the encoder.
    notes:      for the user, on every difference from the settings.
    """

    subject: Subject
    settings: Settings
    config: EngineConfig
    regions: tuple[StyledRegion, ...]
    sources: tuple[StyleSource, ...]
    content: UInt8Array
    behind: UInt8Array
    background: tuple[str, Photo | None]
    grey: bool
    start: FloatArray | None
    meter: Meter | None
    faces: Portrait | None
    scales: planning.Plan
    weights_sha256: str
    notes: tuple[str, ...] = ()

    @property
    def memory(self) -> float | None:
        """The greatest number of bytes of the painting; None on a device with its own memory."""
        return self.scales.peak if self.config.device == "cpu" else None

    @property
    def device(self) -> str:
        """The torch device."""
        return self.config.device

    @property
    def bf16(self) -> bool:
        """Whether features are bfloat16."""
        return self.config.bf16

    @property
    def leaves_the_photo(self) -> bool:
        """Whether nothing is painted, because the strength is 0."""
        return self.settings.painterly and self.settings.strength == 0

    @property
    def flat(self) -> list[StyleSource]:
        """The sources of one colour, whose regions are not painted with strokes."""
        return flat_sources(self.sources) if self.settings.painterly and not self.leaves_the_photo else []


def check_files(settings: Settings) -> None:
    """Raise InputError for a picture or mask that `settings` name and that does not exist; nothing is read."""
    background.check(settings.background)
    if settings.init not in INITS and not Path(settings.init).is_file():
        names = ", ".join(INITS)
        raise InputError(f"init must be {names} or a picture to start from; {settings.init!r} is none of these.")
    if settings.style_region not in ("whole", "person") and not Path(settings.style_region).is_file():
        raise InputError(
            f"style-region must be whole, person, or a mask for the style picture; {settings.style_region!r} is none of these."
        )


def plan_painting(
    settings: Settings, picture: Photo, alpha: FloatArray, faces: Sequence[Face], given: float | None = None
) -> planning.Plan:
    """The plan for painting `picture` with the memory of this machine.

    alpha: (H, W), the matte of the painted region; faces: the painted faces of the photo.
    given: bytes that the process may take if `settings` allow more or have no limit; None for the free memory.

    Raises ResourceError if memory is too short.
    """
    from portrait_nst.transfer import choose_device, precision_of

    device = choose_device(settings.device)
    budget = planning.allowed(settings, given)
    if device != "cpu" and settings.max_memory is None:
        budget = None  # only the memory of the device counts there
    elif budget is None:
        budget = planning.memory_left() * planning.SPARE
    plain = "background" not in given_files(settings)
    return planning.make_plan(
        settings,
        picture.size,
        extent=planning.Extent.of(alpha) if plain else planning.WHOLE_PHOTO,
        faces=[face.box[2] for face in faces],
        precision=precision_of(settings, device),
        budget=budget,
        name=str(picture.path or "The photo"),
    )


def make_paint_plan(
    subject: Subject,
    style: Style | LabelStyles,
    settings: Settings,
    load_encoder: Callable[[], Encoder],
    memory: float | None,
) -> PaintPlan:
    """The plan of painting `subject` in `style`; see `Stylizer.plan`.

    load_encoder: returns the encoder that `settings` name. It is not called if the settings are refused.
    memory: bytes that the painting may take; None for the free memory.
    """
    check_files(settings)
    regions = styled_regions(subject, style)
    kind, second_style = background.choose(settings.background)
    refuse_learned(
        [picture for region in regions for picture, _ in region.blend] + ([second_style] if second_style else [])
    )
    start = None if settings.init in INITS else imaging.to_float(load(settings.init).rgb)
    if settings.threads is not None:
        import torch

        torch.set_num_threads(settings.threads)
    from portrait_nst import transfer

    photo, alpha = subject.photo, subject.matte.alpha
    scales = plan_painting(settings, photo, alpha, subject.painted_faces, memory)
    settings = scales.settings
    encoder = load_encoder()
    config = transfer.build_config(settings, encoder, photo.height, photo.width, scales)
    content, behind = subject.foreground, subject.background
    sources = [styles.source(region, settings.style_region, photo, settings, encoder) for region in regions]
    painted = alpha
    if second_style is not None:  # the background is painted too, so the person need not be separated from it
        content, behind, painted = photo.rgb, photo.rgb, np.ones_like(alpha)
        rest = StyledRegion(1 - alpha, ((second_style, 1.0),))
        sources.append(styles.source(rest, "whole", photo, settings, encoder))
    greys = (part.grey for source in sources for part in source.parts)
    grey = styles.all_grey(photo, painted, greys, settings.colours)
    if grey:
        config, content = replace(config, grey=True), imaging.as_grey(content)
        behind = np.where((alpha > 0)[..., None], imaging.as_grey(behind), behind)
    meter = meter_of(photo, subject.painted_faces, config.device)
    sitters = (Photo(shown(picture, settings.style_region).rgb) for region in regions for picture, _ in region.blend)
    faces, doubts = face_guidance.guidance(subject, content, settings, config, sitters, meter)
    blends = [picture for region in regions for picture, _ in region.blend]
    of_styles = dict.fromkeys(note for picture in blends for note in remarks(picture, "style"))
    return PaintPlan(
        subject=subject,
        settings=settings,
        config=config,
        regions=regions,
        sources=tuple(sources),
        content=content,
        behind=behind,
        background=(kind, second_style),
        grey=grey,
        start=start,
        meter=meter,
        faces=faces,
        scales=scales,
        weights_sha256=encoder.sha256,
        notes=(*subject.matte.notes, *of_styles, *scales.notes, *doubts),
    )
