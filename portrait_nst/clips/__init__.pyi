"""The public names of this room; ``__init__.py`` imports each of them from here when it is first used."""

from .frame import Frame as Frame
from .info import ClipInfo as ClipInfo
from .info import ColourTags as ColourTags
from .planar_frame import PlanarFrame as PlanarFrame
from .probe import probe as probe
from .reader import ClipReader as ClipReader
from .reader import read as read

__all__: list[str]
