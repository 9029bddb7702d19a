"""Many pictures: jobs, a manifest that remembers what became of each, and the workers that paint them.

    from portrait_nst.batch import Order, run
    run(Order(inputs=["photos"], styles=["starry.png"]), "painted")  # or "s3://bucket/painted"

The packages inside import each other in this order only: ``storage`` (files here and in stores), ``manifest`` (the database, and
what `kill -9` does), ``planning`` (which jobs there are, and which are to be done), ``workers`` (painting them). Above them are
`session`, `overview` and `page`. Names, listed in ``__init__.pyi``, are imported when they are first used.
"""

from __future__ import annotations

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
