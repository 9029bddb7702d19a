"""Files that PyAV writes: whole or not at all, and errors of the disk as one line."""

from __future__ import annotations

import contextlib
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from portrait_nst.errors import ResourceError, first_line
from portrait_nst.imaging.atomic import DISK_FULL, open_temporary, publish


class Whole:
    """A file that gets its name when it is whole.

    temporary: the hidden file beside it, to be written.
    address:   of that for FFmpeg, which would take "a:b" for a protocol otherwise.
    """

    def __init__(self, path: Path, *, overwrite: bool = True) -> None:
        """Raises InputError where the folder is not there or may not be written."""
        self.path, self._overwrite = path, overwrite
        handle, self.temporary = open_temporary(path)
        os.close(handle)
        self.address = f"file:{self.temporary.absolute()}"

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """Make ResourceError of what PyAV and the system raise inside, and throw the temporary file away after any error."""
        import av

        try:
            yield
        except (OSError, av.error.FFmpegError) as error:
            self.discard()
            if getattr(error, "errno", None) in DISK_FULL:
                message = f"The disk is full: {self.path} could not be written. Make room, or write to another disk."
            else:
                message = f"{self.path} could not be written: {getattr(error, 'strerror', None) or first_line(error)}."
            raise ResourceError(message) from error
        except BaseException:
            self.discard()
            raise

    def publish(self) -> None:
        """Force the file to disk and give it its name. Raises InputError where that is taken and must not be, ResourceError."""
        with self.errors():
            with self.temporary.open("rb+") as file:
                os.fsync(file.fileno())
            publish(self.temporary, self.path, overwrite=self._overwrite)

    def discard(self) -> None:
        """Throw the temporary file away."""
        with contextlib.suppress(OSError):
            self.temporary.unlink()


class Writing(ABC):
    """What writes a file in a `with` statement: whole at its end, and nothing of it after an error."""

    @abstractmethod
    def close(self) -> None:
        """Finish the file."""

    @abstractmethod
    def discard(self) -> None:
        """Leave nothing behind."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()
