"""The public names of the room; ``__init__.py`` imports each of them from here when it is first used."""

from .again import read_recipe as read_recipe
from .again import rerun_video as rerun_video
from .api import stylize_video as stylize_video
from .forecast import VideoForecast as VideoForecast
from .forecast import forecast as forecast
from .names import default_output as default_output
from .options import HOLD_FRAMES as HOLD_FRAMES
from .options import VideoOptions as VideoOptions
from .painter import FramePainter as FramePainter
from .progress import OnProgress as OnProgress
from .progress import VideoStep as VideoStep
from .result import VideoResult as VideoResult
from .seen import SeenFrame as SeenFrame

__all__: list[str]
