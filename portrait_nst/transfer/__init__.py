"""Guidance, guided Gram matrices, losses and the engine that paints."""

from portrait_nst.transfer import colour, initialization
from portrait_nst.transfer.brushwork import brushwork
from portrait_nst.transfer.build_config import build_config, choose_device, has_fast_bf16, precision_of
from portrait_nst.transfer.config import EngineConfig, StylePart, StyleSource
from portrait_nst.transfer.detail import overlay_detail, transfer_detail
from portrait_nst.transfer.engine import StyleOptimizer
from portrait_nst.transfer.faces.controller import Portrait
from portrait_nst.transfer.faces.identity import Identity
from portrait_nst.transfer.targets import TargetStore
from portrait_nst.transfer.timing import TimeEstimate, estimate_time

__all__ = [
    "EngineConfig",
    "Identity",
    "Portrait",
    "StyleOptimizer",
    "StylePart",
    "StyleSource",
    "TargetStore",
    "TimeEstimate",
    "brushwork",
    "build_config",
    "choose_device",
    "colour",
    "estimate_time",
    "has_fast_bf16",
    "initialization",
    "overlay_detail",
    "precision_of",
    "transfer_detail",
]
