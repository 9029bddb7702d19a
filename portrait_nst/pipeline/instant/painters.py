"""Networks that are ready to paint, kept from picture to picture."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from portrait_nst.pipeline.instant.learned import digest

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.instant import Network, Painter
    from portrait_nst.planning import Precision

MOST = 8  # painters that are kept; each takes two to four megabytes


class Painters:
    """The painters of the networks that were used last. Threads may share it."""

    def __init__(self) -> None:
        """None yet."""
        self._kept: OrderedDict[tuple[str, str, str, str], Painter] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, encoder: Encoder, network: Network, device: str, precision: Precision) -> Painter:
        """The painter of `network` with `encoder` on the torch `device`."""
        import torch

        from portrait_nst.instant import Painter

        key = (digest(network), encoder.sha256, device, precision)
        with self._lock:
            if key not in self._kept:
                dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
                self._kept[key] = Painter(encoder, network, device, dtype)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
            return self._kept[key]
