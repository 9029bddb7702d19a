"""The public names of this room; ``__init__.py`` imports each of them from here when it is first used."""

from .carry import warp as warp
from .cuts import is_cut as is_cut
from .flow import between as between
from .motion import Motion as Motion
from .resize import compose as compose
from .resize import scaled as scaled

__all__: list[str]
