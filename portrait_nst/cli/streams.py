"""The standard streams of the command: names in any encoding come out, and only the command itself writes to them."""

from __future__ import annotations

import codecs
import contextlib
import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any, TextIO

CHATTER = "PORTRAIT_NST_CHATTER"  # set to anything: what libraries write of their own is shown, to look for a fault
_OUTPUT, _TALK = "portrait-nst-output", "backslashreplace"
_UNDECODED = range(0xDC80, 0xDD00)  # how Python holds the bytes 0x80 to 0xFF of a file's name that are no letters


def prepare() -> None:
    r"""Call this first in the process of a command.

    What an encoding lacks is written as `\u65e5` on standard output and error. A name whose bytes are no text comes out of
    standard output as these bytes, for `xargs` and the like, where the output has the encoding of the names of files.

    Libraries keep quiet: warnings and the records of loggers go nowhere, and neither does what native code writes to the file
    descriptors 1 and 2 (MediaPipe, OpenCV, libtiff and OpenMP do, past Python, and no one variable stops them all).
    Descriptors are left alone on Windows, and streams that a caller has replaced too.

    What is printed on a stream that is closed goes nowhere: there is nobody to be told, and the picture is made all the same.
    """
    _occupy()
    ours = all(stream is own for stream, own in ((sys.stdout, sys.__stdout__), (sys.stderr, sys.__stderr__)))
    if ours and not os.environ.get(CHATTER):
        _silence_python()
        if os.name == "posix":
            sys.stdout = sys.__stdout__ = _moved(sys.stdout, 1)  # type: ignore[misc,assignment]
            sys.stderr = sys.__stderr__ = _moved(sys.stderr, 2)  # type: ignore[misc,assignment]
    sys.stdout, sys.stderr = sys.stdout or Nowhere(), sys.stderr or Nowhere()
    for stream, handler in ((sys.stdout, _handler(sys.stdout)), (sys.stderr, _TALK)):
        with contextlib.suppress(AttributeError, OSError, ValueError):  # closed, or no file at all
            stream.reconfigure(errors=handler)  # type: ignore[union-attr]


def abandon() -> None:
    """Forget what standard output still holds: nobody takes it, and Python would complain of that at its end."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


@contextlib.contextmanager
def checked_output() -> Iterator[None]:
    """Around writing to standard output: ResourceError where that is impossible, BrokenPipeError where its reader is gone."""
    from portrait_nst.errors import ResourceError

    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        abandon()
        raise ResourceError(f"Standard output cannot be written: {error.strerror or error}.") from None


class _Output(io.FileIO):
    """Standard output, whoever writes to it: what cannot be written is told of in one line, also where Rich prints a table."""

    def write(self, data: Any, /) -> int:
        with checked_output():
            return super().write(data)


class Nowhere(io.TextIOWrapper):
    """What stands for a standard stream that is closed; it has no descriptor."""

    def __init__(self) -> None:
        super().__init__(io.BufferedWriter(_Sink()), encoding="utf-8")


class _Sink(io.RawIOBase):
    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        return len(data)


def _occupy() -> None:
    """Open the null device as 0, 1 and 2 where these are closed: a file with such a number would get the chatter of libraries."""
    for number in range(3 if os.name == "posix" else 0):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened == number:
                os.set_inheritable(number, True)
            else:
                os.dup2(opened, number)
                os.close(opened)


def _silence_python() -> None:
    warnings.resetwarnings()  # PYTHONWARNINGS=error would make an end of what is only a remark
    warnings.simplefilter("ignore")
    logging.captureWarnings(True)  # of libraries that set filters of their own
    logging.getLogger().addHandler(logging.NullHandler())


def _moved(stream: TextIO | None, number: int) -> TextIO | None:
    """`stream` on a descriptor of its own, while the descriptor `number` leads nowhere; unchanged where there is none."""
    try:
        if stream is None or stream.fileno() != number:
            return stream
        stream.flush()
        own = os.dup(number)
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except (OSError, ValueError):
        return stream
    os.dup2(nowhere, number)  # which programs that are started inherit
    os.close(nowhere)
    moved = io.TextIOWrapper(
        io.BufferedWriter(_Output(own, "wb") if number == 1 else io.FileIO(own, "wb")),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=bool(getattr(stream, "line_buffering", False)),
        write_through=bool(getattr(stream, "write_through", False)),
    )
    moved.mode = "w"  # type: ignore[misc]
    return moved


def _handler(stream: Any) -> str:
    """The name of what is done with characters that `stream`, standard output, cannot encode."""
    try:
        as_names = codecs.lookup(stream.encoding).name == codecs.lookup(sys.getfilesystemencoding()).name
    except (AttributeError, LookupError, TypeError):
        return _TALK
    return _OUTPUT if as_names else _TALK


def _bytes_again(error: UnicodeError) -> tuple[str | bytes, int]:
    """The bytes that undecodable parts of a name stand for; escapes for other characters that cannot be encoded."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    parts = (bytes([ord(c) - 0xDC00]) if ord(c) in _UNDECODED else c.encode("ascii", "backslashreplace") for c in text)
    return b"".join(parts), error.end


codecs.register_error(_OUTPUT, _bytes_again)
