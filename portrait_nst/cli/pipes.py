"""`-` as the name of an input or an output, and `--format`: pictures from standard input and to standard output."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from portrait_nst.errors import InputError, ResourceError

if TYPE_CHECKING:
    from portrait_nst.types import Photo

PIPE = Path("-")
NAMED = "picture"  # what a picture from a pipe is called where outputs are named after it


def one_pipe(**inputs: Path | str | None) -> None:
    """Raise InputError if more than one of the inputs, by the names that messages call them, is `-`."""
    from_pipe = [name.replace("_", "-") for name, path in inputs.items() if path is not None and Path(path) == PIPE]
    if len(from_pipe) > 1:
        raise InputError(f"Standard input holds one picture, and {' and '.join(from_pipe)} are both -; name a file.")


def files_only(command: str, *, output: Path | None = None, **inputs: Path | str | None) -> None:
    """Raise InputError if an input, by the name that messages call it, or the output of a command without pipes is `-`."""
    for name, path in inputs.items():
        if path is not None and Path(path) == PIPE:
            raise InputError(f"{command} does not read the {name} from a pipe; name a file instead of -.")
    if output == PIPE:
        raise InputError(f"{command} does not write to a pipe; give the name of a file with -o.")


def load(path: Path, what: str) -> Photo:
    """The picture in the file `path`, or on standard input where it is `-`; `what` is its name in messages. Raises InputError."""
    from portrait_nst import imaging

    return imaging.decode(read(what), "Standard input") if path == PIPE else imaging.load(path)


def given(path: Path | None, what: str) -> Path | bytes | None:
    """`path` itself, or what standard input holds where it is `-`. Raises InputError."""
    return read(what) if path == PIPE else path


def read(what: str) -> bytes:
    """All bytes of standard input, which holds the `what`. Raises InputError."""
    from portrait_nst.imaging.sources import read_pipe

    if sys.stdin is None or sys.stdin.closed:
        raise InputError(f"The {what} - is standard input, which is closed; pipe a picture into it, or name a file.")
    if sys.stdin.isatty():
        raise InputError(
            f"The {what} - is standard input, which is a terminal here; pipe a picture into it, as in < {what}.jpg."
        )
    try:
        data = read_pipe(sys.stdin.buffer, "Standard input")
    except MemoryError:
        raise ResourceError("Standard input does not fit into memory; pipe a smaller picture.") from None
    except OSError as error:
        raise InputError(f"Standard input cannot be read: {error.strerror or error}.") from None
    if not data:
        raise InputError("Standard input is empty (0 bytes); expected a picture. Did the command before it fail?")
    return data


def files(*inputs: Path | None) -> list[Path]:
    """Those of the inputs that are files, which no output may replace."""
    return [path for path in inputs if path is not None and path != PIPE]


@dataclass(frozen=True)
class Target:
    """Where a picture goes.

    path:   the file; for standard output, the name that a file would have had, whose suffix is the format.
    stream: standard output, or None for a file.
    """

    path: Path
    stream: BinaryIO | None = None

    @property
    def file(self) -> Path | None:
        """The file, or None for standard output."""
        return self.path if self.stream is None else None

    @property
    def destination(self) -> Path | _Checked:
        """What `save` takes as its first argument: a path, or a file object."""
        return self.path if self.stream is None else _Checked(self.stream)

    @property
    def format(self) -> str | None:
        """What `save` takes as `format`: that of a file object."""
        return None if self.stream is None else self.path.suffix[1:]

    def write(self, data: bytes) -> None:
        """Send `data`, which is no picture, to standard output. Raises ResourceError, and BrokenPipeError."""
        assert self.stream is not None
        _Checked(self.stream).write(data)

    def check(
        self,
        *,
        overwrite: bool = False,
        inputs: Sequence[str | Path] = (),
        alpha: bool = False,
        size: tuple[int, int] | None = None,
    ) -> None:
        """`imaging.check_output` of a file; of standard output, what can be known of it."""
        from portrait_nst import imaging
        from portrait_nst.imaging.writing import check_format

        if self.stream is None:
            imaging.check_output(self.path, overwrite=overwrite, inputs=inputs, alpha=alpha, size=size)
        else:
            check_format(self.path, alpha=alpha, size=size)


def target(
    output: Path | None,
    photo: Path,
    end: str,
    suffix: str | None,
    *,
    as_json: bool = False,
    kinds: Sequence[str] | None = None,
    what: str = "picture",
) -> Target:
    """Where the picture goes. Raises InputError.

    output: as the user gave it. Without one it is the file PHOTO`end`, such as me-mask.png, with the suffix that `--format` says;
            or standard output for a photo that comes from a pipe, if it does not go to a terminal.
    suffix: the word of `--format`, or None.
    as_json: whether `--json` was given, which needs standard output for itself.
    kinds:  the suffixes that are possible; by default those of pictures.
    what:   what is written, in messages.
    """
    from portrait_nst.imaging.formats import FORMATS

    kinds = kinds or tuple(FORMATS)
    ending = None if suffix is None else ending_of(suffix, kinds)
    named = Path(f"{NAMED if photo == PIPE else photo.stem}{end}")
    named = named.with_suffix(ending or named.suffix)
    if output is None and photo != PIPE:
        return Target(named)
    if output is not None and output != PIPE:
        check_agrees(output, ending)
        if output.exists() and not (output.is_file() or output.is_dir()):
            raise InputError(
                f"{output} is a device or pipe; write into it with -o - > {output}, or give the name of a file."
            )
        return Target(output)
    if as_json:
        raise InputError(
            f"--json prints on standard output, where the {what} goes; give a file with -o, or leave --json out."
        )
    return Target(named, _standard_output(what, asked=output is not None))


def ending_of(word: str, kinds: Sequence[str]) -> str:
    """The suffix, with its dot, of a word of `--format`. Raises InputError."""
    ending = f".{word.lower().removeprefix('.')}"
    if ending not in kinds:
        raise InputError(f"--format must be one of {', '.join(kind[1:] for kind in kinds)}, not {word!r}.")
    return ending


def check_agrees(output: Path, ending: str | None) -> None:
    """Raise InputError if the suffix of a file that is named contradicts `--format`."""
    if ending is not None and _kind(output.suffix) != _kind(ending):
        raise InputError(
            f"The suffix of {output} chooses its format, and --format {ending[1:]} is another one; leave one of them out."
        )


def _kind(suffix: str) -> str:
    """The format's name, by which .jpg and .jpeg are one; the suffix itself of what is no picture."""
    from portrait_nst.imaging.formats import FORMATS

    return FORMATS.get(suffix.lower(), suffix.lower())


def _standard_output(what: str, *, asked: bool) -> BinaryIO:
    from portrait_nst.cli import streams

    if isinstance(sys.stdout, streams.Nowhere) or sys.stdout.closed:
        raise InputError(f"Standard output is closed, where the {what} is to go; give a file with -o.")
    if sys.stdout.isatty():
        if asked:
            raise InputError(
                f"-o - writes the {what}'s bytes to standard output, which is a terminal here; "
                "send them on with > FILE or | PROGRAM, or give a file with -o."
            )
        raise InputError(
            "The photo is standard input, which has no name to call the output after; give one with -o FILE."
        )
    return sys.stdout.buffer


class _Checked:
    """Standard output as a file object. Raises ResourceError, and BrokenPipeError for a reader that is gone."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.name = "-"

    def write(self, data: bytes | memoryview) -> int:
        """Write all of `data` at once."""
        from portrait_nst.cli import streams

        with streams.checked_output():
            written = self._stream.write(data)
            self._stream.flush()
        return written
