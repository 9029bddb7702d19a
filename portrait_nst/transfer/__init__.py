"""Guidance, guided Gram matrices, losses and the engine that paints."""

from portrait_nst.transfer import colour, initialization
from portrait_nst.transfer.brushwork import brushwork
from portrait_nst.transfer.build_config import choose_device, configure, has_fast_bf16
from portrait_nst.transfer.config import How, StylePart, StyleSource
from portrait_nst.transfer.detail import carry, laid_over
from portrait_nst.transfer.engine import Painter
from portrait_nst.transfer.faces.controller import Portrait
from portrait_nst.transfer.faces.identity import Identity
from portrait_nst.transfer.targets import TargetStore
from portrait_nst.transfer.timing import Outlook, expect

__all__ = [
    "How",
    "Identity",
    "Outlook",
    "Painter",
    "Portrait",
    "StylePart",
    "StyleSource",
    "TargetStore",
    "brushwork",
    "carry",
    "choose_device",
    "colour",
    "configure",
    "expect",
    "has_fast_bf16",
    "initialization",
    "laid_over",
]
