"""Paint the person, keep the place.

    from portrait_nst import stylize
    stylize("me.jpg", "impasto").save("me-impasto.png")  # or the picture of a painting

The public names are listed in ``__init__.pyi``. Each is imported when it is first used, so that importing the package
costs nothing.
"""

from __future__ import annotations

from lazy_loader import attach_stub

__version__ = "0.2.0"

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
