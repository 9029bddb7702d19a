"""What the page must know before anybody has brought a photo, as models, and where it is taken from."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.presets import PRESETS
from portrait_nst.settings import Settings, describe
from portrait_nst.studio.api.page_words import for_page
from portrait_nst.studio.models import Model
from portrait_nst.studio.painter.words import REFUSED


class Limits(Model):
    """upload: bytes of a picture at most. clip: bytes of a film at most. pixels: of a picture at most."""

    upload: int
    clip: int
    pixels: int


class About(Model):
    """The studio itself.

    qualities: the words that the setting `quality` takes, fastest first.
    queue:     how many jobs wait or are in work.
    free:      bytes that the disk has left. used: bytes that are kept, of `quota` at most.
    """

    version: str
    limits: Limits
    qualities: list[str]
    queue: int
    free: int
    quota: int
    used: int


Words = list[str]


class SettingModel(Model):
    """A setting, as `portrait_nst.settings.describe` tells it.

    type:    of its value; where it is a list, of the entries. choice: it takes nothing but its choices.
    length:  how many values a list has; null for any number.
    range:   the least and the greatest number, null where that is open.
    file:    it may be the id of an upload; style: it may be a style's name; colour: it may be "#rrggbb".
    """

    name: str
    option: str
    type: Literal["boolean", "integer", "number", "string", "choice"]
    list: bool
    length: int | None
    range: tuple[int | float | None, int | float | None] | None
    unit: str
    choices: Words
    file: bool
    style: bool
    colour: bool
    optional: bool
    default: Any
    help: str
    more: str
    panel: str


class PresetModel(Model):
    """A preset: the source that it follows, and what it changes of the settings."""

    name: str
    source: str
    settings: dict[str, Any]


class PaletteModel(Model):
    """A palette: colours from dark to light, and the background's."""

    name: str
    colours: list[str]
    ground: str


class MovementModel(Model):
    """An art movement of the studio's library, and how many paintings it has."""

    name: str
    paintings: int


class Catalogue(Model):
    """Everything that a recipe may say.

    palette_defaults: for each mode of pop art the palette that it has where none is chosen; several, with ";", for a grid.
    """

    settings: list[SettingModel]
    popart: list[SettingModel]
    presets: list[PresetModel]
    palettes: list[PaletteModel]
    palette_defaults: dict[str, str]
    movements: list[MovementModel]


@lru_cache(maxsize=1)
def catalogue(library: Path | None) -> Catalogue:
    """The catalogue of a studio whose art movements are those of `library`. Raises InputError where that is none."""
    return Catalogue(
        settings=[SettingModel(**for_page(entry)) for entry in describe(Settings) if entry["name"] not in REFUSED],
        popart=[SettingModel(**for_page(entry)) for entry in describe(PopartSettings)],
        presets=[
            PresetModel(name=name, source=preset.source, settings=preset.changes) for name, preset in PRESETS.items()
        ],
        palettes=_palettes(),
        palette_defaults=_palette_defaults(),
        movements=_movements(library),
    )


def check_library(library: Path) -> None:
    """Raise InputError for what is no folder, without listing a large one."""
    if not library.is_dir():
        _movements(library)


def _palettes() -> list[PaletteModel]:
    from portrait_nst.pop_art.colour import palettes

    found = [palettes.palette(name, 5) for name in palettes.NAMES]
    return [PaletteModel(name=one.name, colours=list(one.ramp), ground=one.ground) for one in found]


def _palette_defaults() -> dict[str, str]:
    from portrait_nst.pop_art.colour import palettes

    return dict(palettes.DEFAULTS)


def _movements(library: Path | None) -> list[MovementModel]:
    if library is None:
        return []
    from portrait_nst.pipeline.movements import movements

    return [MovementModel(name=name, paintings=len(paintings)) for name, paintings in movements(library).items()]
