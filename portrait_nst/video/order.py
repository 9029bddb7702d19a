"""What a user asks for of a clip, checked before any work: its inputs read, its encoding chosen, its painter loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait_nst.errors import InputError
from portrait_nst.imaging.atomic import check_writable
from portrait_nst.pipeline.inputs import check_type
from portrait_nst.pipeline.paint_plan import check_files
from portrait_nst.pipeline.styles import Blend, Style, load_blend
from portrait_nst.pipeline.stylizer import Stylizer
from portrait_nst.settings import Settings
from portrait_nst.video import parts
from portrait_nst.video.given_mask import GivenMask
from portrait_nst.video.making import encoding_for, facts_of, make_tools, painter_behind, painter_for
from portrait_nst.video.options import VideoOptions
from portrait_nst.video.painter import FramePainter
from portrait_nst.video.recipe import VideoRecipe

if TYPE_CHECKING:
    from portrait_nst.clips import ClipReader
    from portrait_nst.clips.encoding import Encoding
    from portrait_nst.video.tools import Tools


SVG = ".svg"


@dataclass(eq=False)
class Order:
    """A clip, how it is to be painted, and where it goes.

    reader:  of the part of the clip that is painted.
    blend:   the pictures of the style with their weights; empty for pop art.
    target:  the file to write; encoding: how; None for a drawing (SVG).
    mask:    a mask for all frames, or a clip with one for each, instead of people that are found; or None.
    """

    reader: ClipReader
    blend: Blend
    settings: Settings
    options: VideoOptions
    target: Path
    encoding: Encoding | None
    stylizer: Stylizer
    mask: Path | None = None

    @cached_property
    def painter(self) -> FramePainter:
        """What paints, loaded at the first use. Raises InputError, ModelError."""
        return painter_for(self.blend, self.settings, self.options, self.stylizer)

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What a recipe says of what paints."""
        return facts_of(self.painter, self.stylizer, self.settings, self.options)

    @cached_property
    def recipe(self) -> VideoRecipe:
        """What the file will say of how it was made."""
        encoding = {} if self.encoding is None else self.encoding.as_dict()
        return VideoRecipe(self.reader.info, self.blend, self.mask, self.settings, self.options, encoding)

    @cached_property
    def key(self) -> str:
        """A digest of everything that decides the pictures."""
        return self.recipe.key(self.facts)

    @property
    def inputs(self) -> list[Path]:
        """The files that are read, and never overwritten."""
        pictures = [picture.path for picture, _ in self.blend if picture.path is not None]
        return [self.reader.info.path, *pictures, *([self.mask] if self.mask else []), *self.settings.files]

    def check_target(self, *, overwrite: bool) -> None:
        """Raise InputError where the target cannot be written; what this order wrote when it was interrupted may be replaced."""
        overwrite = overwrite or parts.is_ours(self.target, self.key)
        check_writable(self.target, overwrite=overwrite, inputs=self.inputs, kind="video file")

    @property
    def segmenter(self) -> str | None:
        """Who looks for people; None where nobody needs to be in the clip."""
        return self.settings.segmenter if self.mask is None and self.settings.region == "person" else None

    @property
    def people(self) -> int:
        """How many people must be in the clip at once for the one who is asked for to be among them."""
        return self.settings.person if isinstance(self.settings.person, int) else 1

    def tools(self) -> Tools:
        """All that the work needs."""
        behind = painter_behind(self.settings, self.options, self.stylizer)
        return make_tools(self.reader, self.painter, behind, self.settings, self.options, self.encoding, self.mask)


def order(
    clip: str | Path,
    style: Style | None,
    out: str | Path,
    settings: Settings,
    options: VideoOptions,
    stylizer: Stylizer | None = None,
    mask: str | Path | None = None,
) -> Order:
    """The order of painting `clip` in `style` into `out`. Raises InputError; nothing that takes long is done yet."""
    from portrait_nst import clips

    for name, value in (("clip", clip), ("out", out), ("mask", mask)):
        if (name, value) != ("mask", None) and not isinstance(value, (str, Path)):
            raise InputError(f"{name} must be the name of a file, not {type(value).__name__}.")
    if stylizer is not None:
        check_type(stylizer, Stylizer, "stylizer", "a Stylizer")
    if style is None and options.popart is None:
        raise InputError("The style is missing: give a picture, or the name of one that portrait_nst.styles() lists.")
    if style is not None and options.popart is not None:
        raise InputError("Pop art is drawn of the clip itself, in colours of a palette; leave the style out.")
    blend = () if style is None else load_blend(style)
    check_files(settings)
    if mask is not None:
        if (settings.region, settings.person) != ("person", "all"):
            raise InputError(
                "A mask says what is painted, so region and person have nothing to choose; leave them out."
            )
        GivenMask(mask)  # raises for one that is not there
    reader = clips.read(clip, options.start, options.end, options.fps)
    drawn = options.popart.background if options.popart else "keep"
    place = settings.background if drawn == "keep" else drawn
    encoding = None
    if Path(out).suffix.lower() != SVG:
        encoding = encoding_for(Path(out), options.codec, reader.info, place)
    elif drawn == "keep" or options.codec:
        raise InputError(f"{out} is a drawing: it needs pop art with a background of its own, and has no codec.")
    stylizer = stylizer or Stylizer.of(settings)
    return Order(reader, blend, settings, options, Path(out), encoding, stylizer, None if mask is None else Path(mask))
