"""Guidance, guided Gram matrices, losses and the engine that paints."""

from portrait_nst.transfer.carry import carry
from portrait_nst.transfer.configure import configure
from portrait_nst.transfer.engine import Painter
from portrait_nst.transfer.how import How, StyleSource

__all__ = ["How", "Painter", "StyleSource", "carry", "configure"]
