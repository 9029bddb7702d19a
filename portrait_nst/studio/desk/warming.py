"""What previews paint with, loaded once: torch, the encoder, and the networks that were used last."""

from __future__ import annotations

import gc
import logging
import threading
from typing import TYPE_CHECKING

from portrait_nst.errors import PortraitError

if TYPE_CHECKING:
    from portrait_nst.pipeline import Stylizer

log = logging.getLogger(__name__)

NETWORKS = (
    40  # that are kept ready: every style of the package with those of a few uploads, four megabytes each at most
)
FIRST = 96  # pixels of the picture that is painted for nothing, so that the first one that counts comes fast

_lock = threading.Lock()
_stylizers: dict[str, Stylizer] = {}
_warming: threading.Thread | None = None


def stylizer(device: str = "auto") -> Stylizer:
    """The Stylizer for a `device` as in `Settings`, with its encoder. Raises ModelError, ResourceError."""
    with _lock:
        if device not in _stylizers:
            from portrait_nst.pipeline import Stylizer
            from portrait_nst.pipeline.instant.painters import Painters

            made = Stylizer(device=device, painters=Painters(NETWORKS))
            _ = made.network
            _stylizers[device] = made
        return _stylizers[device]


def begin() -> None:
    """Load what finds people, which takes half of the time in which they are found."""
    import numpy as np

    from portrait_nst import segmentation
    from portrait_nst.studio.desk import people  # noqa: F401
    from portrait_nst.types import Photo

    segmentation.faces(Photo(np.full((FIRST, FIRST, 3), 128, np.uint8)))


def rest() -> None:
    """Free what is held by nothing but circles; `process.run` then gives memory back, which previews leave for the next one."""
    gc.collect()


def warm(device: str = "auto") -> None:
    """Begin to load all of it, and return at once."""
    global _warming
    if device not in _stylizers and (_warming is None or not _warming.is_alive()):
        _warming = threading.Thread(target=_warm, args=(device,), daemon=True)
        _warming.start()


def load(device: str = "auto") -> None:
    """Load all of it, and return when it is done. Raises ModelError, ResourceError."""
    stylizer(device)
    _paint_for_nothing(device)


def _warm(device: str) -> None:
    try:
        load(device)
    except PortraitError as error:  # a preview will say so to the user
        log.warning("The studio could not load what it paints with: %s", error)


def _paint_for_nothing(device: str) -> None:
    """Paint a grey picture: what torch plans and imports at its first use is then done. It shares no Stylizer with previews."""
    import numpy as np

    from portrait_nst import named_styles
    from portrait_nst.pipeline import Stylizer
    from portrait_nst.settings import Settings

    loaded = stylizer(device)
    own = Stylizer(device=device, network=loaded.network, painters=loaded.painters)
    subject = own.prepare(np.full((FIRST, FIRST, 3), 128, np.uint8), region="all")
    settings = Settings(quality="instant", region="all", device=device)
    own.paint(own.plan(subject, named_styles.styles()[0], settings)).result()
