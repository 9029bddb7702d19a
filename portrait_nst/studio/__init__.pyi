"""The public names of this room; ``__init__.py`` imports each of them from here when it is first used."""

from .options import Options as Options
from .server import serve as serve

__all__: list[str]
