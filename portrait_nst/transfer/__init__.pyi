"""The public names of the room; ``__init__.py`` imports each of them from here when it is first used."""

from . import colour as colour
from . import functional as functional
from . import initialization as initialization
from . import losses as losses
from .brushwork import brushwork as brushwork
from .build_config import build_config as build_config
from .build_config import choose_device as choose_device
from .build_config import has_fast_bf16 as has_fast_bf16
from .build_config import precision_of as precision_of
from .config import EngineConfig as EngineConfig
from .config import StylePart as StylePart
from .config import StyleSource as StyleSource
from .detail import overlay_detail as overlay_detail
from .detail import transfer_detail as transfer_detail
from .engine import StyleOptimizer as StyleOptimizer
from .engine import estimate_time as estimate_time
from .faces.controller import Portrait as Portrait
from .faces.identity import Identity as Identity
from .targets import TargetStore as TargetStore
from .timing import TimeEstimate as TimeEstimate

__all__: list[str]
