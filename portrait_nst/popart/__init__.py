"""Pop-art portraits: straight-edged segments of tone in bold, contrasting colours, as pixels and as vectors."""

from portrait_nst.popart.paint import paint
from portrait_nst.popart.palettes import NAMES, Palette
from portrait_nst.popart.picture_palette import from_picture
from portrait_nst.popart.result import PopartResult
from portrait_nst.popart.settings import PopartSettings

__all__ = ["NAMES", "Palette", "PopartResult", "PopartSettings", "from_picture", "paint"]
