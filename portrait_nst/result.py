"""The result of a painting."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from portrait_nst import imaging
from portrait_nst.imaging.file_objects import SupportsWrite
from portrait_nst.types import GainMap, Likeness, Matte, Photo, Samples, UInt8Array

if TYPE_CHECKING:
    from PIL import Image

Status = Literal["complete", "interrupted"]


@dataclass(frozen=True, eq=False)
class Result:
    """A finished picture, its recipe, and measurements of its making.

    rgb:      (H, W, 3) uint8 sRGB at the photo's own size.
    alpha:    (H, W) uint8 or None.
    matte:    the region that was painted.
    recipe:   everything that is needed to make it again, as values that JSON can hold.
    losses:   those of each step, as in `Step.losses`.
    seconds:  the time that the painting took.
    notes:    messages of the run for the user (fallbacks, retries).
    likeness: that of the painted face that is least alike; None if no face is painted.
    status:   "interrupted" if the run was stopped, by Ctrl-C or by `Run.stop`. The picture is then the painting so far, or the
              whole painting if all steps had been taken; a note says which.
    native:   the picture in the photo's own colour space and depth, with the photo's samples where the background is kept; None
              for a photo in 8-bit sRGB.
    gain_map: that of an Ultra HDR photo, with gain 1 over what is painted; None if there is none, or the background is not kept.
    """

    rgb: UInt8Array
    alpha: UInt8Array | None
    matte: Matte
    recipe: dict[str, Any]
    losses: list[dict[str, float]] = field(default_factory=list)
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    likeness: Likeness | None = None
    status: Status = "complete"
    native: Samples | None = None
    gain_map: GainMap | None = None

    @property
    def image(self) -> Image.Image:
        """The picture as a PIL image, RGB or RGBA, in 8-bit sRGB."""
        from PIL import Image

        return Image.fromarray(self.rgb if self.alpha is None else np.dstack([self.rgb, self.alpha]))

    @property
    def photo(self) -> Photo:
        """The picture as a photo, as `portrait_nst.imaging.encode` takes it."""
        return Photo(self.rgb, self.alpha, native=self.native, gain_map=self.gain_map)

    def save(
        self,
        path: str | Path | SupportsWrite,
        *,
        format: str | None = None,
        overwrite: bool = False,
        exif: bytes | None = None,
        keep_metadata: bool = False,
        quality: int = imaging.QUALITY,
        profile: str = "photo",
        recipe: bool = True,
    ) -> Path:
        """Write the picture and, unless `recipe` is False, its recipe to `path`.

        `path` may be an open binary file too, as in `save(buffer, format="png")`. See `portrait_nst.imaging.save` for the other
        options and what it raises.
        """
        made = self.recipe if profile == "photo" else {**self.recipe, "profile": profile}
        return imaging.save(
            self.photo,
            path,
            format=format,
            recipe=made if recipe else None,
            overwrite=overwrite,
            exif=exif,
            keep_metadata=keep_metadata,
            quality=quality,
            profile=profile,
        )

    def lost_in(self, path: str | Path, *, profile: str = "photo") -> tuple[str, ...]:
        """What `save` cannot write of the photo's own samples into a file of the format of `path`, as remarks for the user."""
        return imaging.lost_in(self.photo, Path(path).suffix, profile=profile)
