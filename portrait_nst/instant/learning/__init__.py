"""Learning a network for one painting, or for several at once, in minutes.

    from portrait_nst.instant.learning import Learning, LearnPainting, LearnSettings, package_material

    learning = Learning([LearnPainting.of(photo)], LearnSettings(minutes=3), encoder, start, package_material())
    for step in learning:
        print(step.step, step.seconds_left, step.losses)
    network = learning.network()

The public names are listed in ``__init__.pyi``. Each is imported when it is first used.
"""

from __future__ import annotations

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
