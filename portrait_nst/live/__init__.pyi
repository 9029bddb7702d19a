"""The public names of this room; ``__init__.py`` imports each of them from here when it is first used."""

from .api import paint_camera as paint_camera
from .screen import Window as Window
from .session import LiveReport as LiveReport

__all__: list[str]
