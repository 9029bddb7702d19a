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
from portrait_nst.pipeline.stylizer import Stylizer, chosen_settings
from portrait_nst.settings import Settings
from portrait_nst.video import parts
from portrait_nst.video.making import encoding_for, facts_of, make_tools, painter_for
from portrait_nst.video.options import VideoOptions
from portrait_nst.video.painter import FramePainter
from portrait_nst.video.recipe import VideoRecipe

if TYPE_CHECKING:
    from portrait_nst.clips import ClipReader
    from portrait_nst.clips.encoding import Encoding
    from portrait_nst.video.tools import Tools


@dataclass(eq=False)
class Order:
    """A clip, how it is to be painted, and where it goes.

    reader:  of the part of the clip that is painted.
    blend:   the pictures of the style with their weights; empty for pop art.
    target:  the file to write; encoding: how.
    """

    reader: ClipReader
    blend: Blend
    settings: Settings
    options: VideoOptions
    target: Path
    encoding: Encoding
    stylizer: Stylizer

    @cached_property
    def painter(self) -> FramePainter:
        """What paints, loaded at the first use. Raises InputError, ModelError."""
        return painter_for(self.blend, self.settings, self.options, self.stylizer)

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What a recipe says of what paints."""
        return facts_of(self.painter, self.stylizer, self.settings, self.options)

    @property
    def recipe(self) -> VideoRecipe:
        """What the file will say of how it was made."""
        return VideoRecipe(self.reader.info, self.blend, self.settings, self.options, self.encoding.as_dict())

    @cached_property
    def key(self) -> str:
        """A digest of everything that decides the pictures."""
        return self.recipe.key(self.facts)

    @property
    def inputs(self) -> list[Path]:
        """The files that are read, and never overwritten."""
        pictures = [picture.path for picture, _ in self.blend if picture.path is not None]
        return [self.reader.info.path, *pictures, *self.settings.files]

    def check_target(self, *, overwrite: bool) -> None:
        """Raise InputError where the target cannot be written; what this order wrote when it was interrupted may be replaced."""
        overwrite = overwrite or parts.is_ours(self.target, self.key)
        check_writable(self.target, overwrite=overwrite, inputs=self.inputs, kind="video file")

    def tools(self) -> Tools:
        """All that the work needs."""
        return make_tools(self.reader, self.painter, self.settings, self.options, self.encoding)


def order(
    clip: str | Path,
    style: Style | None,
    out: str | Path,
    settings: Settings,
    options: VideoOptions,
    stylizer: Stylizer | None = None,
) -> Order:
    """The order of painting `clip` in `style` into `out`. Raises InputError; nothing that takes long is done yet."""
    from portrait_nst import clips

    for name, value in (("clip", clip), ("out", out)):
        if not isinstance(value, (str, Path)):
            raise InputError(f"{name} must be the name of a file, not {type(value).__name__}.")
    if stylizer is not None:
        check_type(stylizer, Stylizer, "stylizer", "a Stylizer")
    if style is None and options.popart is None:
        raise InputError("The style is missing: give a picture, or the name of one that portrait_nst.styles() lists.")
    blend = () if style is None else load_blend(style)
    check_files(settings)
    reader = clips.read(clip, options.start, options.end, options.fps)
    encoding = encoding_for(Path(out), options.codec, reader.info, settings.background)
    return Order(reader, blend, settings, options, Path(out), encoding, stylizer or Stylizer.of(settings))
