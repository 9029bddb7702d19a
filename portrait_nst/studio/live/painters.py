"""The painters of the styles that are asked for while it runs; what is loaded is shared."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from portrait_nst.settings import Settings

if TYPE_CHECKING:
    from portrait_nst.pipeline import Stylizer
    from portrait_nst.video.painter import FramePainter

THREADS = 1  # of torch: the eyes have the other core
PREVIEW = (
    "The studio has learned no network for this painting, so live shows only a preview of its style. A picture that you take "
    "and have painted gets its real strokes."
)
Blend = tuple[tuple[str, float], ...]


class Painters:
    """Numbers for blends, as `live.brush.LiveBrush` wants them, and their painters.

    notes: what is to be said of the style that was asked for last.
    """

    def __init__(self, device: str) -> None:
        """device: as `Settings.device`. Nothing is loaded yet."""
        self.notes: tuple[str, ...] = ()
        self._settings = Settings(quality="instant", device=device, threads=THREADS)
        self._blends: list[Blend] = []

    def number(self, blend: Blend) -> int:
        """The number of `blend`, the same each time."""
        if blend not in self._blends:
            self._blends.append(blend)
        return self._blends.index(blend)

    def __call__(self, style: int, strength: float) -> FramePainter:
        """The painter of a blend. Raises InputError and ModelError."""
        from portrait_nst.video.painters.instant import instant_frames

        painter = instant_frames(self._blends[style], self._settings.replace(strength=strength), self._stylizer)
        # The painter's own notes name a command, and files of the studio, which the page's user has not.
        self.notes = (PREVIEW,) if painter.notes else ()
        return painter

    @cached_property
    def _stylizer(self) -> Stylizer:
        import torch

        from portrait_nst.pipeline import Stylizer

        torch.set_num_threads(THREADS)
        return Stylizer.of(self._settings)
