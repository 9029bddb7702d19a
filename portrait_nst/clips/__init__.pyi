"""The public names of this room; ``__init__.py`` imports each of them from here when it is first used."""

from .encoding import Encoding as Encoding
from .encoding import choose as choose
from .frame import Frame as Frame
from .info import ClipInfo as ClipInfo
from .info import ColourTags as ColourTags
from .join import join as join
from .join import recipe_in as recipe_in
from .planar_frame import PlanarFrame as PlanarFrame
from .probe import probe as probe
from .reader import ClipReader as ClipReader
from .reader import read as read
from .segments import SegmentWriter as SegmentWriter
from .writer import ClipWriter as ClipWriter

__all__: list[str]
