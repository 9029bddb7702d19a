"""A recipe of the API becomes a `Resolved`: ids become files of ours, and everything is checked before it waits for a painter.

No text from outside becomes a path: where a setting could name a file, `words` takes its words, colours, styles' names and ids.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portrait_nst.errors import InputError
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.presets import PRESETS, settings_of
from portrait_nst.qualities import OF_CLIPS
from portrait_nst.settings import Settings, schema
from portrait_nst.settings.field import unknown_setting
from portrait_nst.studio.keeping.errors import Missing
from portrait_nst.studio.options import Options
from portrait_nst.studio.painter import words
from portrait_nst.studio.painter.words import REFUSED, FieldError
from portrait_nst.studio.resolved import Decided, Resolved, Source
from portrait_nst.style_spec import Movement

if TYPE_CHECKING:
    from portrait_nst.studio.keeping.keeping import Keeping
    from portrait_nst.studio.models import MovementChoice, Recipe

OF_POPART = ("person", "region")  # the settings of a painting that pop art has too
PAINTED = {"background": "keep", "frame": "photo"}  # pop art of a painting or a clip lies over what it was made of


def resolve(recipe: Recipe, keeping: Keeping, options: Options) -> Resolved:
    """What `recipe` asks for, with everything looked up.

    A given mask says what is painted, so that the settings `person` and `region` then stand at their defaults.

    Raises FieldError (an InputError, with the `field` that is wrong) and `Missing` for an id that is not there; nothing is
    decoded, so that a damaged picture shows later.
    """
    return _Resolver(keeping, options).resolved(recipe)


@dataclass(frozen=True)
class _Resolver:
    keeping: Keeping
    options: Options

    def resolved(self, recipe: Recipe) -> Resolved:
        _check_kind(recipe)
        with _named("photo"):
            photo = self.upload(recipe.photo, "clip" if recipe.kind == "video" else "photo")
        settings, named = self.settings(recipe)
        popart = None
        if recipe.popart is not None or recipe.kind == "popart":
            popart = _popart(recipe)
        with _named("style"):
            style = tuple((words.style(one.style, self.upload), one.share) for one in recipe.style)
        with _named("mask"):
            mask = None if recipe.mask is None else self.mask(recipe.mask, recipe.photo)
        with _named("palette_from"):
            named_by = recipe.palette_from
            palette = None if named_by is None else words.style(named_by, self.upload, "palette_from")
        video = recipe.video
        return Resolved(
            recipe.kind,
            photo,
            settings,
            style,
            None if recipe.movement is None else self.movement(recipe.movement),
            mask,
            popart,
            palette,
            None if video is None else video.start,
            None if video is None else video.end,
            "mp4" if video is None else video.format,
            named,
            None if recipe.decided is None else Decided(**recipe.decided.model_dump()),
        )

    def upload(self, id: str, *kinds: Any) -> Source:
        """An upload of one of these kinds. Raises Missing."""
        thing = self.keeping.thing(id, *kinds)
        return Source(self.keeping.file(thing.id), thing.name, thing.sha256)

    def mask(self, id: str, photo: str) -> Source:
        """The mask of this photo. Raises Missing, and FieldError for that of another."""
        if (thing := self.keeping.thing(id, "mask")).of not in ("", photo):
            raise FieldError(
                "This mask was made for another photo; draw or upload one for this photo, or leave it out.", "mask"
            )
        return self.upload(thing.id, "mask")

    def movement(self, choice: MovementChoice) -> Movement:
        """A movement of the studio's library. Raises FieldError."""
        if self.options.library is None:
            raise FieldError(
                "The studio was started without a library of movements; choose a style instead.", "movement"
            )
        try:
            there = [child.name for child in self.options.library.iterdir() if child.is_dir()]
        except OSError:
            there = []
        if choice.name not in there:
            names = ", ".join(sorted(there)[:20])
            raise FieldError(
                f"There is no movement {choice.name!r} in the studio's library. There are: {names}.", "movement"
            )
        return Movement(choice.name, self.options.library, choice.pick, choice.paintings)

    def settings(self, recipe: Recipe) -> tuple[Settings, tuple[tuple[str, Source], ...]]:
        """The settings, checked one by one, and the uploads that they name, by setting. Raises FieldError, Missing."""
        if recipe.preset is not None and recipe.preset not in PRESETS:
            raise FieldError(f"There is no preset {recipe.preset!r}. There are: {', '.join(PRESETS)}.", "preset")
        known = schema(Settings)
        values: dict[str, Any] = {}
        named: list[tuple[str, Source]] = []
        for name, value in recipe.settings.items():
            if name not in known:
                raise FieldError(str(unknown_setting(name, [one for one in known if one not in REFUSED])), name)
            if name in REFUSED:
                if value in (None, known[name].default):
                    continue
                raise FieldError(f"{known[name].option} is decided by whoever starts the studio; leave it out.", name)
            if recipe.kind == "popart" and name not in OF_POPART:
                raise FieldError(f"Pop art of a photo has no {known[name].option}; leave it out.", name)
            if known[name].file is not None:
                with _named(name):
                    value, found = words.file_setting(known[name], value, self.upload)
                named += [] if found is None else [(name, found)]
            values[name] = _checked(name, value, known)
        if recipe.kind == "video" and recipe.preset is None:
            values = {"quality": OF_CLIPS, **values}
        values |= {"region": "person", "person": "all"} if recipe.mask is not None else {}
        made = settings_of(recipe.preset, **values, device=self.options.device, threads=self.options.threads)
        if made.region == "all" and made.person != "all":
            raise FieldError(
                "The whole picture is painted (region all), so person has nothing to choose; leave one of them out.",
                "person",
            )
        if recipe.kind != "popart":
            words.check_encoder(made.encoder)
        if made.learn and not made.instant:
            raise FieldError("learn goes with quality instant only; choose that, or leave learn out.", "learn")
        return made, tuple(named)


@contextlib.contextmanager
def _named(field: str) -> Iterator[None]:
    """Let a Missing say which part of the recipe names what is not there."""
    try:
        yield
    except Missing as error:
        error.field = error.field or field
        raise


def _checked(name: str, value: Any, known: Mapping[str, Any]) -> Any:
    try:
        return known[name].check(value)
    except InputError as error:
        raise FieldError(str(error), name) from None


def _popart(recipe: Recipe) -> PopartSettings:
    """The pop art of a recipe, over its painting or clip unless it says otherwise. Raises FieldError."""
    known = schema(PopartSettings)
    values: dict[str, Any] = {}
    for name, value in (recipe.popart or {}).items():
        if name not in known:
            raise FieldError(str(unknown_setting(name, list(known))), name)
        if name == "palette":
            words.check_palettes(value)
        values[name] = _checked(name, value, known)
    if recipe.kind == "stylize":
        for name, word in (("mode", "grid"), ("frame", "bust"), ("background", "transparent")):
            if values.get(name) == word:
                raise FieldError(
                    f"A painting that is turned into segments keeps its frame, so {name} {word} cannot be; make pop art of the "
                    "photo instead.",
                    name,
                )
        values = {**PAINTED, **values, "frame": "photo"}
    elif recipe.kind == "video":
        alone = values.get("mode") == "grid"
        values = {**PAINTED, **({"background": "colour"} if alone else {}), **values}
    return PopartSettings(**values)


def _check_kind(recipe: Recipe) -> None:
    """Raise FieldError for parts of a recipe that its kind does not have, and for those that it lacks."""
    painted = bool(recipe.style) or recipe.movement is not None
    if recipe.kind == "popart":
        if painted or recipe.preset is not None:
            raise FieldError(
                "Pop art of a photo has no style, movement or preset; leave it out, or choose kind stylize.", "style"
            )
    elif recipe.decided is not None:
        raise FieldError("Only a composition of pop art, kind popart, was decided; leave decided out.", "decided")
    elif recipe.style and recipe.movement is not None:
        raise FieldError("Choose a style or a movement, not both.", "movement")
    elif recipe.kind == "video" and recipe.movement is not None:
        raise FieldError("A clip is painted in a style; choose one instead of a movement.", "movement")
    elif recipe.kind == "video" and recipe.popart is not None and painted:
        raise FieldError("Pop art is drawn of the clip itself, in a palette's colours; leave the style out.", "style")
    elif not painted and (recipe.kind == "stylize" or recipe.popart is None):
        raise FieldError("Choose a style: the name of one, or the id of an upload.", "style")
    if recipe.video is not None:
        if recipe.kind != "video":
            raise FieldError("Only kind video has a part and a format of a clip; leave video out.", "video")
        if recipe.video.end is not None and recipe.video.end <= (recipe.video.start or 0):
            raise FieldError("The part of the clip must end after it starts.", "video")
    if recipe.palette_from is not None and recipe.kind != "popart" and recipe.popart is None:
        raise FieldError("Only pop art takes the colours of a picture; leave palette_from out.", "palette_from")
    if len({one.style for one in recipe.style}) < len(recipe.style):
        raise FieldError("A style of the blend is given twice; give it once, with a greater share.", "style")
