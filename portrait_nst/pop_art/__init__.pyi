"""The public names of this room; ``__init__.py`` imports each of them from here when it is first used."""

from .colour.palette import Palette as Palette
from .colour.palettes import NAMES as NAMES
from .colour.picture_palette import from_picture as from_picture
from .compose import compose_portrait as compose_portrait
from .result import PopartResult as PopartResult
from .settings import PopartSettings as PopartSettings

__all__: list[str]
