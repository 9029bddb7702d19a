"""The experiment grid: one photo and one style, painted with every combination of the settings that vary."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portrait_nst import pipeline
from portrait_nst.errors import InputError
from portrait_nst.pipeline.paint_plan import check_files
from portrait_nst.report.grid import Grid
from portrait_nst.report.overview import FILES, write_overview
from portrait_nst.report.runs import Run
from portrait_nst.report.vary import Point, expand, format_value, option_name
from portrait_nst.settings import Settings

OnRun = Callable[[Run, int, int, bool], None]
_ORDER = ("encoder", "weights", "pooling", "size", "quality", "style_scale", "style_layers", "levels", "precision")


@dataclass(frozen=True, eq=False)
class Comparison:
    """A finished comparison.

    runs:        the runs in the order of the grid; those that failed carry their error.
    painted:     how many were painted now, the failed ones included; the others were there already.
    interrupted: Ctrl-C ended it early; the same call goes on where it stopped.
    """

    folder: Path
    runs: tuple[Run, ...]
    painted: int
    interrupted: bool = False

    @property
    def failed(self) -> tuple[Run, ...]:
        """The runs that ended in an error."""
        return tuple(run for run in self.runs if run.error)

    @property
    def files(self) -> dict[str, Path]:
        """The files about all runs, by the names "sheet", "table", "plot" and "page"."""
        return {name: self.folder / file for name, file in FILES.items()}


def compare(
    photo: pipeline.Picture,
    style: pipeline.Picture,
    vary: Mapping[str, Sequence[Any]],
    settings: Settings | None = None,
    folder: str | Path = "comparison",
    *,
    mask: pipeline.Mask | None = None,
    overwrite: bool = False,
    profile: str = "photo",
    recipe: bool = True,
    on_run: OnRun | None = None,
    on_step: pipeline.OnStep | None = None,
) -> Comparison:
    """Paint `photo` in `style` with every combination of the values in `vary`, and set the results side by side.

    photo, style: pictures in any form that `portrait_nst.load` takes; a style may be a name out of `portrait_nst.styles()`.
    vary:      {name of a setting: values}; as text, layers are joined by "+" and "default" stands for the default.
    settings:  the settings that all runs share.
    folder:    gets a picture and a record of each run, named by its number and its settings' hash, then sheet.png, runs.csv,
               losses.png and index.html. Runs that it holds already, of the same settings and inputs, are not painted again.
    mask:      the region to paint, instead of the person that segmentation finds.
    overwrite: paint all again, and take a folder that holds other things.
    profile:   of the pictures of the runs, "photo" or "srgb"; see `portrait_nst.imaging.save`. The overview is in sRGB.
    recipe:    whether each picture that is painted now gets its recipe.
    on_run:    called after each run with the run, how many are done, how many there are, and whether it was there already.

    Photo, style and matte are decoded and found once, style targets computed once. A run that fails is recorded with its error;
    the others go on. Raises InputError for what would fail in every run.
    """
    points = expand(vary, settings or Settings())
    _check_layers(points)
    picture = pipeline.load(photo, "photo")
    matte = None if mask is None else pipeline.matte(picture, mask=mask)
    grid = Grid(picture, pipeline.load_style(style), matte, Path(folder), on_step, profile=profile, recipe=recipe)
    grid.prepare(points, settings or Settings(), overwrite)
    numbered = sorted(enumerate(points, 1), key=lambda entry: _shared(entry[1].settings))
    done: dict[int, Run] = {}
    painted, interrupted = 0, False
    try:
        for number, point in numbered:
            run = None if overwrite else grid.find(number, point)
            kept = run is not None
            if run is None:
                if not painted:
                    _check_shared(points, grid)
                run = grid.paint(number, point)
                painted += 1
            done[number] = run
            if on_run is not None:
                on_run(run, len(done), len(points), kept)
    except KeyboardInterrupt:
        interrupted = True
    finished = tuple(done[number] for number in sorted(done))
    fixed = fixed_words(points, settings or Settings())
    write_overview(grid.folder, finished, grid.photo, grid.style, fixed, [len(values) for values in vary.values()])
    return Comparison(grid.folder, finished, painted, interrupted)


def _check_shared(points: Sequence[Point], grid: Grid) -> None:
    """Raise InputError or MaskError for a file that no run could use, and for a person whom all runs name and no one is."""
    if len({(point.settings.region, point.settings.person, point.settings.segmenter) for point in points}) == 1:
        grid.subject(points[0].settings)
    errors = []
    for point in points:
        try:
            check_files(point.settings)
            return
        except InputError as error:
            errors.append(error)
    raise errors[0]


def fixed_words(points: Sequence[Point], settings: Settings) -> str:
    """The settings that all runs share and that differ from the defaults, in words."""
    values, defaults = settings.as_dict(), Settings().as_dict()
    varied = set(points[0].varied)
    words = {
        option_name(name): format_value(name, tuple(v) if isinstance(v, list) else v)
        for name, v in values.items()
        if v != defaults[name]
    }
    return "  ".join(f"{name}={word}" for name, word in words.items() if name not in varied)


def _check_layers(points: Sequence[Point]) -> None:
    """Raise InputError, before anything is painted, for encoders and layers that do not exist; nothing is downloaded."""
    from portrait_nst import encoders

    layers: dict[str, dict[str, None]] = {}
    for settings in (point.settings for point in points):
        layers.setdefault(settings.encoder, {}).update(
            dict.fromkeys((*settings.style_layers, *settings.content_layers))
        )
    for encoder, named in layers.items():
        encoders.check_layers(encoder, named)


def _shared(settings: Settings) -> tuple[str, ...]:
    """The key that runs are sorted by, so that runs with one encoder and the same style targets follow each other."""
    return tuple(repr(getattr(settings, name)) for name in _ORDER)
