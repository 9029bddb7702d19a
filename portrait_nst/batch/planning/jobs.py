"""What is to be painted: jobs from files, folders, patterns and rows, one at a time, whatever their number."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portrait_nst import named_styles
from portrait_nst.batch import storage
from portrait_nst.batch.planning import output_paths, rows, style_spec
from portrait_nst.batch.planning.discovery import Found, find
from portrait_nst.batch.planning.style_spec import Mixture
from portrait_nst.batch.storage import Place, Url
from portrait_nst.errors import InputError
from portrait_nst.imaging.formats import FORMATS
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.settings import Settings, given_files

VECTORS = (".svg", ".pdf")


@dataclass(frozen=True)
class Job:
    """One picture to paint.

    photo, style, mask: absolute paths, or URLs; a style may be the name of one of ours. Pop art has none.
    output:   wanted, below the output folder; another job may have it already, unless `fixed` says that the user named it.
    error:    why it cannot be done, or "".
    mixture:  what the style is beyond one picture.
    """

    photo: Place
    style: Place | None
    kind: str
    settings: Settings
    popart: PopartSettings | None
    output: Path
    mask: Place | None = None
    fixed: bool = False
    error: str = ""
    mixture: Mixture | None = None


@dataclass(frozen=True)
class Order:
    """What a user asks for.

    inputs:   files, folders and patterns; each is painted in every one of `styles`. All of these may be URLs.
    styles:   pictures, or names of ours: see `portrait_nst.styles()`.
    rows:     a .csv or .jsonl file of further jobs, "-" for JSON lines from standard input; paths in it are relative to its
              folder, and what a row does not give is as here.
    kind:     "stylize" or "popart".
    suffix:   of the outputs, which chooses their format.
    """

    inputs: Sequence[str | Path | Url] = ()
    styles: Sequence[str | Path | Url] = ()
    rows: str | Path | Url | None = None
    kind: str = "stylize"
    settings: Settings = field(default_factory=Settings)
    popart: PopartSettings = field(default_factory=PopartSettings)
    suffix: str = ".png"

    def __post_init__(self) -> None:
        if self.kind not in rows.KINDS:
            raise InputError(f"kind must be one of {', '.join(rows.KINDS)}, not {self.kind!r}.")
        _check_suffix(self.suffix, self.kind)
        _check_local(self.settings)
        if self.inputs and self.kind == "stylize" and not self.styles:
            raise InputError(
                "The style is missing. Name a picture after the photos: portrait-nst batch PHOTOS STYLE --out DIR."
            )


def plan(order: Order, out: Place) -> Iterator[Job]:
    """The jobs of `order`, always in the same order; the pictures below `out`, the output folder, are no inputs.

    A row or folder that cannot be used becomes a job with an error. Raises InputError for what makes the whole order useless.
    """
    yield from jobs_of(order, find(order.inputs, out))
    if order.rows is not None:
        yield from itertools.chain.from_iterable(_of_row(row, order) for row in rows.read(storage.place(order.rows)))


def jobs_of(order: Order, pictures: Iterable[Found]) -> Iterator[Job]:
    """A job for each of `pictures` in each style of `order`."""
    styles: Sequence[Place | None] = _styles(order) if order.kind == "stylize" else [None]
    own = {str(style) for style in styles}
    for found in pictures:
        if str(storage.absolute(found.path)) in own:  # a style that lies among the photos is not painted in itself
            continue
        for style in styles:
            yield _job(order, found, style)


def styles_in(name: str | Path | Url, out: str | Path | Url | None = None) -> list[Place]:
    """The style pictures that `name` names: itself, or those of a folder. Raises InputError where there are none.

    out: the output folder; called after a style of ours, it does not go before that: the same command must do the same again.
    """
    path = storage.place(name)
    own = (
        out is not None and storage.absolute(path) == storage.absolute(out) and named_styles.find(str(name)) is not None
    )
    if own or storage.kind(path) != "folder":
        return [storage.style(Path(), name)]
    found = [entry.path for entry in find([path]) if not entry.error]
    if not found:
        raise InputError(f"The folder {path} holds no style picture.")
    return found


def _job(order: Order, found: Found, style: Place | None) -> Job:
    popart = order.popart if order.kind == "popart" else None
    wanted = output_paths.place(found.place, style.stem if style else order.kind, order.suffix)
    return Job(storage.absolute(found.path), style, order.kind, order.settings, popart, wanted, error=found.error)


def _of_row(row: rows.Row, order: Order) -> Iterator[Job]:
    """A row's jobs: one, or one in each of the order's styles where it names none."""
    nothing = Job(Path(row.where), None, order.kind, order.settings, None, Path(f"{row.where}.png"), error=row.error)
    if row.error:
        yield nothing
        return
    values = row.values
    try:
        kind = values.get("kind", order.kind)
        if kind not in rows.KINDS:
            raise InputError(f"kind must be one of {', '.join(rows.KINDS)}, not {kind!r}.")
        base = storage.place(order.rows).parent if order.rows is not None else Path()
        given: dict[str, Place] = {
            name: storage.join(base, _text(values, name)) for name in ("photo", "mask") if name in values
        }
        if "photo" not in given:
            raise InputError("the photo is missing.")
        if "style" in values:
            given["style"] = storage.style(base, _text(values, "style"))
        popart = rows.popart(values, order.popart) if kind == "popart" else None
        settings = rows.painting(values, order.settings, kind == "popart")
        _check_local(settings)
        output = output_paths.below(_text(values, "output")) if "output" in values else None
        _check_suffix(output.suffix if output else order.suffix, kind)
        styles: Sequence[Place | None] = [None]
        mixture = style_spec.of_row(values, base)
        if mixture is not None and kind != "stylize":
            raise InputError(f"{', '.join(style_spec.NAMES)} are for paintings, not for {kind}.")
        if kind == "stylize" and not (mixture and mixture.labels):
            styles = [given["style"]] if "style" in given else _styles(order)
            if not styles:
                raise InputError("the style is missing.")
            if output and len(styles) > 1:
                raise InputError("one output is named for several styles.")
    except (InputError, TypeError, ValueError) as error:
        yield dataclasses.replace(nothing, error=str(error))
        return
    for style in styles:
        photo = given["photo"]
        after = mixture.name(style) if mixture else style.stem if style else kind
        wanted = output or output_paths.place(Path(photo.name), after, order.suffix)
        fixed, mask = output is not None, given.get("mask")
        yield Job(photo, style, kind, settings, popart, wanted, mask, fixed, mixture=mixture)


def _styles(order: Order) -> list[Place]:
    return [storage.style(Path(), style) for style in order.styles]


def _text(values: dict[str, Any], name: str) -> str:
    if not isinstance(values[name], str) or not style_spec.can_name(values[name]):
        raise InputError(f"{name} must be the name of a file, not {values[name]!r}.")
    return str(values[name])


def _check_local(settings: Settings) -> None:
    for name, text in given_files(settings).items():
        if isinstance(storage.place(text), Url):
            raise InputError(
                f"{name.replace('_', '-')} must be a local file. Only photos, styles, masks, label maps, files of jobs and "
                "outputs may be URLs."
            )


def _check_suffix(suffix: str, kind: str) -> None:
    known = (*FORMATS, *VECTORS) if kind == "popart" else tuple(FORMATS)
    if suffix.lower() not in known:
        raise InputError(
            f"An output must end in one of {' '.join(known)}, which chooses its format; not in {suffix!r}."
        )
