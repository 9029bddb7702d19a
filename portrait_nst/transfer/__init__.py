"""Guidance, guided Gram matrices, losses and the engine that paints."""

from portrait_nst.transfer import colour, start
from portrait_nst.transfer.brushwork import brushwork
from portrait_nst.transfer.carry import carry, laid_over
from portrait_nst.transfer.configure import choose_device, configure, has_fast_bf16
from portrait_nst.transfer.engine import Painter
from portrait_nst.transfer.how import How, StylePart, StyleSource
from portrait_nst.transfer.identity import Identity
from portrait_nst.transfer.pace import Outlook, expect
from portrait_nst.transfer.portrait import Portrait
from portrait_nst.transfer.targets import TargetStore

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
    "laid_over",
    "start",
]
