"""STYLE, --blend, --labels, --region-style and --movement: checked, as a StyleSpec, and as arguments of `stylize`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait_nst import named_styles
from portrait_nst.cli import pipes
from portrait_nst.errors import InputError
from portrait_nst.style_spec import Movement, StyleSpec, Weighted, parse_regions, parse_weighted

if TYPE_CHECKING:
    from portrait_nst.settings import Settings
    from portrait_nst.types import Photo


def style_spec(
    style: Path | None,
    blend: list[str] | None = None,
    labels: Path | None = None,
    region_style: list[str] | None = None,
    movement: str | None = None,
    library: Path | None = None,
    pick: str = "mean",
    paintings: int | None = None,
) -> StyleSpec:
    """The style that the options of `portrait-nst stylize` name, with the paths of styles that are given by name.

    Raises InputError where options do not go together, and for a name that no style has.
    """
    if bool(labels) != bool(region_style):
        raise InputError("--labels and --region-style go together: a label map, and the style of each label.")
    if labels is not None and (style is not None or blend):
        raise InputError("With --labels every style is given by --region-style; leave STYLE and --blend out.")
    if (movement is None) != (library is None):
        raise InputError("--movement and --library go together: the movement's name, and the folder of the library.")
    if movement is None and (pick != "mean" or paintings is not None):
        raise InputError("--pick and --paintings choose from a --movement; give that too, or leave them out.")
    if movement is not None and (style is not None or blend or labels):
        raise InputError("--movement takes the place of STYLE, --blend and --labels; leave them out.")
    if movement is not None and library is not None:
        return StyleSpec(movement=Movement(movement, library, pick, paintings))
    if labels is not None:
        regions = parse_regions(region_style or [])
        return StyleSpec(labels=str(labels), regions=tuple((label, _file(name), w) for label, name, w in regions))
    if style is None:
        raise InputError(
            "The style is missing. Name it after the photo, a picture or one of `portrait-nst styles`: "
            "portrait-nst stylize PHOTO STYLE."
        )
    main = str(style) if style == pipes.PIPE else _file(style)
    return StyleSpec(((main, 1.0), *(_weighted_file(entry) for entry in blend or [])))


def input_files(spec: StyleSpec) -> list[Path]:
    """The files that `spec` reads, which no output may replace; for a movement every painting of the library."""
    if spec.movement is None:
        return pipes.files(*(Path(name) for name in spec.files))
    from portrait_nst.pipeline.movements import movements

    return [path for paintings in movements(spec.movement.library).values() for path in paintings]


def stylize_arguments(
    spec: StyleSpec, photo: Photo, settings: Settings, piped: Photo | None = None
) -> tuple[dict[str, Any], list[str]]:
    """The keyword arguments of `pipeline.stylize` that give the style, and notes on paintings that could not be read.

    piped: the main style, if it came from standard input.
    """
    if spec.movement is not None:
        from portrait_nst.pipeline import Stylizer
        from portrait_nst.pipeline.movements import choose
        from portrait_nst.resources import UNKEPT, kept_folder

        cache = kept_folder("targets")
        movement = spec.movement
        found, notes = choose(
            movement.library, movement.name, photo, pick=movement.pick, count=movement.paintings, cache=cache
        )
        notes += [f"note: {UNKEPT}"] if cache is None else []
        return {"style": found, "stylizer": Stylizer.of(settings, store=cache)}, notes
    if spec.labels:
        regions = {label: [(Path(name), weight)] for label, name, weight in spec.regions}
        return {"labels": Path(spec.labels), "region_styles": regions}, []
    pictures: list[tuple[Path | Photo, float]] = [(Path(name), weight) for name, weight in spec.blend]
    if piped is not None:
        pictures[0] = piped, pictures[0][1]
    return {"style": pictures}, []


def _file(name: str | Path) -> str:
    """The file that is meant by `name`. Raises InputError for what is none, and for a folder of paintings."""
    path = named_styles.style_file(name)
    if path.is_dir():
        from portrait_nst.pipeline.movements import paintings_in

        if paintings_in(path):
            whole = path.absolute()
            library = whole.parent if path.parent == Path() else path.parent
            raise InputError(
                f"{path} is a folder, where a picture is expected. To paint in the manner of all its paintings, give it as "
                f"--movement {named_styles.quoted(whole.name)} --library {named_styles.quoted(library)} instead."
            )
    return str(path)


def _weighted_file(entry: str) -> Weighted:
    name, weight = parse_weighted(entry)
    return _file(name), weight
