"""The public names of the room; ``__init__.py`` imports each of them from here when it is first used."""

from . import files as files
from . import store as store
from .decoder import Decoder as Decoder
from .gaussian import AffineMap as AffineMap
from .gaussian import Gaussian as Gaussian
from .gaussian import monge_map as monge_map
from .network import About as About
from .network import Network as Network
from .painter import Painter as Painter
from .painter import Seen as Seen

__all__: list[str]
