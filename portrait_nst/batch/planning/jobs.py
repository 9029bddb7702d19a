"""The jobs that the files, folders, patterns and rows of an order ask for, made one at a time, however many there are."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from portrait_nst import named_styles
from portrait_nst.batch import storage
from portrait_nst.batch.planning import output_paths, row_styles, rows
from portrait_nst.batch.planning.aside import Aside
from portrait_nst.batch.planning.discovery import FoundPicture, find_pictures
from portrait_nst.batch.storage import Location, Url
from portrait_nst.errors import InputError
from portrait_nst.imaging.formats import FORMATS, VECTORS
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.settings import Settings, given_files
from portrait_nst.style_spec import StyleSpec
from portrait_nst.video.names import WRITTEN, is_film, suffix_for


@dataclass(frozen=True)
class Job:
    """One picture to paint.

    photo:  an absolute path, or a URL.
    style:  the style, named by absolute paths, URLs, or names of styles in the package; None for pop art.
    output: the wanted path below the output folder. Another job may have it already; then it gets another name, unless it is
            `fixed` because the user gave it.
    mask:   an absolute path or a URL of the matte, or None.
    error:  why the job cannot be done, or "".
    searched: whether the photo was found in a folder, so that one with our recipe is not meant.
    origin: the line of a file of jobs that it comes from, as "jobs.csv, line 3", or "".
    """

    photo: Location
    style: StyleSpec | None
    kind: str
    settings: Settings
    popart: PopartSettings | None
    output: Path
    mask: Location | None = None
    fixed: bool = False
    error: str = ""
    searched: bool = False
    origin: str = ""

    @property
    def main_style(self) -> Location | None:
        """The style, or the first one of a blend; None for pop art and for label maps."""
        main = self.style.main if self.style else None
        return None if main is None else _locate(main)


_locate = functools.lru_cache(maxsize=1024)(storage.locate)  # many jobs share few styles


@dataclass(frozen=True)
class Order:
    """What a user asks for.

    inputs:   files, folders and patterns; each picture is painted in every one of `styles`. All of these may be URLs.
    styles:   pictures, or names of styles in the package: see `portrait_nst.styles()`.
    rows:     a .csv or .jsonl file with more jobs, or "-" for JSON lines from standard input. Its paths are relative to its
              folder; what a row does not give is taken from this order.
    kind:     "stylize" or "popart".
    suffix:   the outputs' suffix, with its dot, which chooses their format.
    """

    inputs: Sequence[str | Path | Url] = ()
    styles: Sequence[str | Path | Url] = ()
    rows: str | Path | Url | None = None
    kind: str = "stylize"
    settings: Settings = field(default_factory=Settings)
    popart: PopartSettings = field(default_factory=PopartSettings)
    suffix: str = ".png"

    def __post_init__(self) -> None:
        """Raise InputError for values that no job could use."""
        if self.kind not in rows.KINDS:
            raise InputError(f"kind must be one of {', '.join(rows.KINDS)}, not {self.kind!r}.")
        _check_suffix(self.suffix, self.kind)
        _check_local(self.settings)
        if self.inputs and self.kind == "stylize" and not self.styles:
            raise InputError(
                "The style is missing. Name a picture after the photos: portrait-nst batch PHOTOS STYLE --out DIR."
            )


def plan(order: Order, out: Location, aside: Aside | None = None) -> Iterator[Job]:
    """The jobs of `order`, always in the same order; pictures below the output folder `out` are not taken as inputs.

    aside: counts what is left aside.

    A row or folder that cannot be used becomes a job with an error. Raises InputError for what makes the whole order useless.
    """
    yield from jobs_for(order, find_pictures(order.inputs, out, aside or Aside()))
    if order.rows is not None:
        yield from itertools.chain.from_iterable(_row_jobs(row, order) for row in rows.read(storage.locate(order.rows)))


def jobs_for(order: Order, pictures: Iterable[FoundPicture]) -> Iterator[Job]:
    """A job for each of `pictures` in each style of `order`."""
    styles: list[StyleSpec | None] = [None]
    if order.kind == "stylize":
        styles = [StyleSpec(((str(style), 1.0),)) for style in _styles(order)]
    own = {style.main for style in styles if style}
    named = [(style, style.name if style else order.kind) for style in styles]
    popart = order.popart if order.kind == "popart" else None
    for found in pictures:
        photo = storage.absolute(found.path)
        if str(photo) in own:  # a style that lies among the photos is not painted in itself
            continue
        if (
            found.error
        ):  # said once, however many styles; the name is never used, and the folder may be that of the search
            unused = Path(f"{photo.name}{order.suffix}")
            yield Job(photo, None, order.kind, order.settings, None, unused, error=found.error)
            continue
        for style, name in named:
            wanted = output_paths.output_path(found.relative, name, _suffix_for(photo, order.suffix, order.settings))
            yield Job(photo, style, order.kind, order.settings, popart, wanted, searched=found.searched)


def styles_in(name: str | Path | Url, out: str | Path | Url | None = None) -> list[Location]:
    """The style pictures that `name` names: itself, or those of a folder. Raises InputError where there are none.

    out: the output folder. If it has the name of a style in the package, that style is meant and not the folder: the first run
    creates the folder, and the same command must do the same again.
    """
    path = storage.locate(name)
    is_output = (
        out is not None and storage.absolute(path) == storage.absolute(out) and named_styles.find(str(name)) is not None
    )
    if is_output or storage.entry_type(path) != "folder":
        return [storage.resolve_style(Path(), name)]
    found = [entry.path for entry in find_pictures([path]) if not (entry.error or is_film(entry.path.name))]
    if not found:
        raise InputError(f"The folder {path} holds no style picture.")
    return found


def _row_jobs(row: rows.Row, order: Order) -> Iterator[Job]:
    """A row's jobs: one, or one in each of the order's styles where the row names none."""
    unusable = Job(Path(row.where), None, order.kind, order.settings, None, Path(f"{row.where}.png"), error=row.error)
    if row.error:
        yield unusable
        return
    values = row.values
    try:
        kind = values.get("kind", order.kind)
        if kind not in rows.KINDS:
            raise InputError(f"kind must be one of {', '.join(rows.KINDS)}, not {kind!r}.")
        base = storage.locate(order.rows).parent if order.rows is not None else Path()
        if "photo" not in values:
            raise InputError("the photo is missing.")
        photo = storage.join(base, row_styles.text_of(values, "photo"))
        if not photo.name:
            raise InputError(f"photo must be the name of a file, not {values['photo']!r}.")
        mask = storage.join(base, row_styles.text_of(values, "mask")) if "mask" in values else None
        popart = rows.popart(values, order.popart) if kind == "popart" else None
        settings = rows.painting(values, order.settings, kind == "popart")
        _check_local(settings)
        named = output_paths.named_output(row_styles.text_of(values, "output")) if "output" in values else None
        suffix = named.suffix if named else _suffix_for(photo, order.suffix, settings)
        _check_suffix(suffix, kind, film=is_film(photo.name))
        styles: Sequence[StyleSpec | None] = [None]
        if kind == "stylize":
            styles = row_styles.styles_of_row(values, base, _styles(order))
            if named and len(styles) > 1:
                raise InputError("one output is named for several styles.")
        elif any(name in values for name in row_styles.NAMES):
            raise InputError(f"{', '.join(row_styles.NAMES)} are for paintings, not for {kind}.")
    except (InputError, TypeError, ValueError) as error:
        yield dataclasses.replace(unusable, error=str(error))
        return
    for style in styles:
        wanted = named or output_paths.output_path(Path(photo.name), style.name if style else kind, suffix)
        yield Job(photo, style, kind, settings, popart, wanted, mask, fixed=named is not None, origin=row.where)


def _styles(order: Order) -> list[Location]:
    return [storage.resolve_style(Path(), style) for style in order.styles]


def _check_local(settings: Settings) -> None:
    for name, text in given_files(settings).items():
        if isinstance(storage.locate(text), Url):
            raise InputError(
                f"{name.replace('_', '-')} must be a local file. Only photos, styles, masks, label maps, files of jobs and "
                "outputs may be URLs."
            )


def _suffix_for(photo: Location, suffix: str, settings: Settings) -> str:
    """The suffix of the output: `suffix` for a picture, and what suits a film."""
    if not is_film(photo.name):
        return suffix
    return suffix_for(photo.name, transparent=settings.background == "transparent")


def _check_suffix(suffix: str, kind: str, *, film: bool = False) -> None:
    known = WRITTEN if film else (*FORMATS, *VECTORS) if kind == "popart" else tuple(FORMATS)
    if suffix.lower() not in known:
        raise InputError(
            f"An output must end in one of {' '.join(known)}, which chooses its format; not in {suffix!r}."
        )
