"""Settings that describe themselves: everything that a command, a batch or a web form must know stands at each field.

`Settings` says how to paint. `schema`, `describe`, `options_table` and `files_of` derive everything else from its fields, and
from those of any other dataclass that is annotated in the same way, such as `PopartSettings`.
"""

from portrait_nst.settings.background import (
    Background,
    Blur,
    Colour,
    Keep,
    Picture,
    Transparent,
    hex_colour,
    parse_background,
)
from portrait_nst.settings.base import Described
from portrait_nst.settings.describe import describe, options_table
from portrait_nst.settings.field import Field, schema
from portrait_nst.settings.files import base_name, files_of, given_files, without_folders
from portrait_nst.settings.markers import Panel
from portrait_nst.settings.settings import INITS, MAX_SIZE, MIN_SIZE, STYLES, Settings

__all__ = [
    "INITS",
    "MAX_SIZE",
    "MIN_SIZE",
    "STYLES",
    "Background",
    "Blur",
    "Colour",
    "Described",
    "Field",
    "Keep",
    "Panel",
    "Picture",
    "Settings",
    "Transparent",
    "base_name",
    "describe",
    "files_of",
    "given_files",
    "hex_colour",
    "options_table",
    "parse_background",
    "schema",
    "without_folders",
]
