"""The painters of the styles that are asked for while it runs; what is loaded is shared."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from portrait_nst.settings import Settings

if TYPE_CHECKING:
    from portrait_nst.pipeline import Stylizer
    from portrait_nst.video.painter import FramePainter

THREADS = 1  # of torch: the eyes have the other core
Blend = tuple[tuple[str, float], ...]


class Painters:
    """Numbers for blends, as `live.brush.LiveBrush` wants them, and their painters."""

    def __init__(self, device: str, note: Callable[[str], None]) -> None:
        """device: as `Settings.device`. note: takes what is to be said of a style."""
        self._settings, self._note = Settings(quality="instant", device=device, threads=THREADS), note
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
        for note in painter.notes:
            self._note(note)
        return painter

    @cached_property
    def _stylizer(self) -> Stylizer:
        import torch

        from portrait_nst.pipeline import Stylizer

        torch.set_num_threads(THREADS)
        return Stylizer.of(self._settings)
