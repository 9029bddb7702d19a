"""A feed-forward network learned for one painting, which paints a photograph in a tenth of a second.

    from portrait_nst.instant import Painter, files  # paint with a learned network
    from portrait_nst.instant import learning  # learn one

The public names are listed in ``__init__.pyi``. Each is imported when it is first used.
"""

from __future__ import annotations

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
