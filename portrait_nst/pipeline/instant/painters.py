"""Networks that are ready to paint, kept from picture to picture."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from portrait_nst.pipeline.instant.networks import digest, learned_with, statistics
from portrait_nst.pipeline.styles import Blend

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.instant import Network, Painter
    from portrait_nst.planning import Precision

MOST = 8  # networks and painters that are kept; each takes two to four megabytes


class Painters:
    """The painters of the networks that were used last, and the universal start aimed at the last paintings.

    Threads may share it.
    """

    def __init__(self, most: int = MOST) -> None:
        """None yet. most: how many are kept of each."""
        self._most = most
        self._painters: OrderedDict[Any, Painter] = OrderedDict()
        self._aimed: OrderedDict[Any, Network] = OrderedDict()
        self._lock = threading.RLock()

    def of(self, encoder: Encoder, network: Network, device: str, precision: Precision) -> Painter:
        """The painter of `network` with `encoder` on the torch `device`."""
        import torch

        from portrait_nst.instant import Painter

        key = (digest(network), encoder.sha256, device, precision)
        with self._lock:
            if key not in self._painters:
                dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
                self._painters[key] = Painter(encoder, network, device, dtype)
            self._renew(self._painters, key)
            return self._painters[key]

    def aimed(self, blend: Blend, style_region: str, encoder: Encoder, device: str, precision: Precision) -> Network:
        """The universal start aimed at the pictures of `blend`, at what `style_region` chooses of them.

        Raises MaskError and InputError as `style_crop.shown` does.
        """
        from portrait_nst.instant import store

        pictures = tuple((picture.sha256, weight) for picture, weight in blend)
        key = (pictures, learned_with(style_region).get("mask"), encoder.sha256, device, precision)
        with self._lock:
            if key not in self._aimed:
                start = store.universal(encoder.sha256)
                painter = self.of(encoder, start, device, precision)
                parts = [(statistics(painter, picture, style_region), weight) for picture, weight in blend]
                self._aimed[key] = start.aimed_at(parts)
            self._renew(self._aimed, key)
            return self._aimed[key]

    def _renew(self, kept: OrderedDict[Any, Any], key: Any) -> None:
        """Make `key` the latest; the oldest ones go."""
        kept.move_to_end(key)
        while len(kept) > self._most:
            kept.popitem(last=False)
