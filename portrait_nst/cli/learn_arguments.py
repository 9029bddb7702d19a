"""PAINTING..., --blend, --movement and -o of `portrait-nst learn`, as orders: what is learned as one, and where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from portrait_nst import named_styles
from portrait_nst.cli import pipes
from portrait_nst.errors import InputError
from portrait_nst.style_spec import Weighted, parse_weighted

if TYPE_CHECKING:
    from portrait_nst.types import Photo

SUFFIX = ".safetensors"


@dataclass(frozen=True)
class Order:
    """One network to learn.

    name:   what it is called: "starry", "starry+oil", or the folder of a movement.
    blend:  the pictures as paths, with their weights.
    style:  how `portrait-nst stylize PHOTO` is told of the same style, ready for a shell.
    folder: the folder of a movement, or None.
    """

    name: str
    blend: tuple[Weighted, ...]
    style: str
    folder: Path | None = None

    @property
    def files(self) -> list[Path]:
        """The pictures, which no output may replace."""
        return [Path(name) for name, _ in self.blend]

    def load(self, notes: list[str]) -> list[tuple[Photo, float]]:
        """The pictures, read. Those of a movement that cannot be read are left out, with a note. Raises InputError."""
        if self.folder is not None:
            from portrait_nst.pipeline.movements import as_blend

            return as_blend(self.files, str(self.folder), notes)
        from portrait_nst.pipeline.inputs import remarks
        from portrait_nst.pipeline.styles import load_blend

        blend = list(load_blend([(Path(name), weight) for name, weight in self.blend]))
        notes += [remark for picture, _ in blend for remark in remarks(picture)]
        return blend


def orders(
    paintings: Sequence[Path], blend: Sequence[str] = (), movement: str | None = None, library: Path | None = None
) -> list[Order]:
    """What is to be learned: a network for each of `paintings`, or one for all of a blend or a movement.

    Raises InputError for options that do not go together, and for what is no painting.
    """
    if (movement is None) != (library is None):
        raise InputError("--movement and --library go together: the movement's name, and the folder of the library.")
    if movement is not None and library is not None:
        if paintings or blend:
            raise InputError("--movement takes the place of PAINTING and --blend; leave them out.")
        from portrait_nst.pipeline.movements import of_movement

        return [_movement(of_movement(library, movement)[0])]
    if not paintings:
        raise InputError(
            "The painting is missing. Name a picture, or one of `portrait-nst styles`: portrait-nst learn PAINTING."
        )
    if blend and len(paintings) > 1:
        raise InputError(f"With --blend one network is learned for all; give one PAINTING, not {len(paintings)}.")
    if blend:
        first = _picture(paintings[0])
        others = [(str(_picture(name)), weight) for name, weight in map(parse_weighted, blend)]
        name = "+".join([first.stem, *(Path(other).stem for other, _ in others)])
        words = [_word(first), *(f"--blend {_word(Path(other), weight)}" for other, weight in others)]
        return [Order(name, ((str(first), 1.0), *others), " ".join(words))]
    found = [_movement(path) if path.is_dir() else _single(path) for path in map(_picture, paintings)]
    return list({order.blend: order for order in found}.values())


def targets(
    orders: Sequence[Order], output: Path | None, *, overwrite: bool, several: bool = False
) -> list[Path | None]:
    """The file of each order for `output`: a file of one network, or the folder of several. None without `output`.

    several: whether several paintings were named, so that a folder is meant though they may be one and the same.

    Raises InputError now for what could not be written in the end.
    """
    if output is None:
        return [None] * len(orders)
    from portrait_nst.imaging.atomic import check_writable

    if output == pipes.PIPE:
        raise InputError("A network cannot go to standard output; give a file with -o NAME.safetensors.")
    files = [path for order in orders for path in order.files]
    folder = output.is_dir() or len(orders) > 1 or (several and output.suffix.lower() != SUFFIX)
    if not folder:
        if output.suffix.lower() != SUFFIX:
            raise InputError(f"A network is written as {SUFFIX}, not as {output.suffix or 'a file without suffix'}: "
                             f"-o {output.with_suffix(SUFFIX)}.")  # fmt: skip
        paths = [output]
    else:
        if output.suffix.lower() == SUFFIX:
            raise InputError(f"{len(orders)} networks need a folder: give one with -o, not the file {output}.")
        paths = [output / f"{order.name}{SUFFIX}" for order in orders]
        if twice := [path.name for path in paths if paths.count(path) > 1]:
            raise InputError(
                f"Two of the paintings would both be written to {twice[0]}; learn them one after the other."
            )
        try:
            output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"The folder {output} cannot be made: {error.strerror or error}.") from None
    for path in paths:
        check_writable(path, overwrite=overwrite, inputs=files)
    return list(paths)


def _single(path: Path) -> Order:
    return Order(path.stem, ((str(path), 1.0),), _word(path))


def _movement(folder: Path) -> Order:
    from portrait_nst.pipeline.movements import paintings_in, spread_evenly

    there = paintings_in(folder)
    if not there:
        raise InputError(
            f"The folder {folder} holds no pictures. Give a picture, or a folder of a movement's paintings."
        )
    whole = folder.resolve()
    style = f"--movement {named_styles.quoted(whole.name)} --library {named_styles.quoted(whole.parent)}"
    return Order(whole.name, tuple((str(path), 1.0) for path in spread_evenly(there)), style, folder)


def _picture(word: str | Path) -> Path:
    """The file or folder that is meant by `word`. Raises InputError for what is none, or is a network already."""
    if Path(word) == pipes.PIPE:
        raise InputError("learn does not read a painting from a pipe; name a file instead of -.")
    path = Path(word) if Path(word).is_dir() else named_styles.style_file(word)
    if path.suffix.lower() == SUFFIX:
        raise InputError(
            f"{path} is a learned network already; paint with it: portrait-nst stylize me.jpg {named_styles.quoted(path)} "
            "--quality instant."
        )
    return path


def _word(path: Path, weight: float = 1.0) -> str:
    """How a style picture is named on the command line: by its name if it is the package's, else by its path."""
    word = named_styles.word(path)
    return word if weight == 1.0 else f"{word}:{weight:g}"
