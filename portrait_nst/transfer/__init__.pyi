"""The public names of the room; ``__init__.py`` imports each of them from here when it is first used."""

from . import colour as colour
from . import functional as functional
from . import initialization as initialization
from . import losses as losses
from .config import EngineConfig as EngineConfig
from .config import StylePart as StylePart
from .config import StyleSource as StyleSource
from .configuration import build_config as build_config
from .configuration import choose_device as choose_device
from .configuration import has_fast_bf16 as has_fast_bf16
from .configuration import precision_of as precision_of
from .engine import StyleOptimizer as StyleOptimizer
from .engine import estimate_time as estimate_time
from .faces.controller import Portrait as Portrait
from .faces.identity import Identity as Identity
from .patches import brushwork as brushwork
from .target_store import TargetStore as TargetStore
from .timing import TimeEstimate as TimeEstimate
from .upsampling import overlay_detail as overlay_detail
from .upsampling import transfer_detail as transfer_detail

__all__: list[str]
