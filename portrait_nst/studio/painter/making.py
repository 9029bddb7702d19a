"""What paints in the painter's process, and what it keeps from one job to the next: the encoder, styles' targets, networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from portrait_nst.settings import Settings
from portrait_nst.studio.painter.messages import Order
from portrait_nst.studio.painter.telling import Telling

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.pipeline import Stylizer


class Makes(Protocol):
    """What the process has jobs made by: made once, in the process."""

    def make(self, order: Order, telling: Telling) -> dict[str, Any]:
        """Make a job and write its files; the facts of the result, as `records.Job.result`.

        Raises PortraitErrors, and CancelledError where it was cancelled.
        """

    def warm(self) -> None:
        """Load what most jobs need."""


class Maker:
    """Paints photos and clips, and draws pop art."""

    def __init__(self) -> None:
        self._encoder: tuple[tuple[str, str], Encoder] | None = None
        self._kept: dict[str, Any] = {}

    def make(self, order: Order, telling: Telling) -> dict[str, Any]:
        """See `Makes`."""
        from portrait_nst.studio.painter import film, painting, popart

        if order.resolved.kind == "popart":
            return popart.draw(order, telling)
        if order.resolved.kind == "video":
            return film.paint(order, self.stylizer, telling)
        return painting.paint(order, self.stylizer, telling)

    def warm(self) -> None:
        """See `Makes`: torch, and the encoder of most paintings."""
        from portrait_nst import transfer  # noqa: F401
        from portrait_nst.studio.painter import painting  # noqa: F401

        _ = self.stylizer(Settings()).network

    def stylizer(self, settings: Settings) -> Stylizer:
        """A Stylizer for these settings, with what is kept. Raises InputError, ModelError."""
        from portrait_nst import encoders, pipeline
        from portrait_nst.pipeline.instant.painters import Painters
        from portrait_nst.resources import kept_folder
        from portrait_nst.transfer import TargetStore

        named = settings.encoder, settings.pooling
        if self._encoder is None or self._encoder[0] != named:
            self._encoder = None  # frees the other one before this is loaded
            self._encoder = named, encoders.get(settings.encoder, pooling=settings.pooling)
        if not self._kept:
            self._kept = {"store": TargetStore(kept_folder("targets")), "painters": Painters()}
        return pipeline.Stylizer.of(settings, network=self._encoder[1], **self._kept)
