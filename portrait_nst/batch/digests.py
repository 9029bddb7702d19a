"""What files hold, as short hashes: read once as long as size and time of change stay the same."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from pathlib import Path

from portrait_nst.settings import INITS, Settings

_KEPT = 4096


class Digests:
    """sha256 of files by path, remembered for the last few thousand."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[Path, int, int], str] = OrderedDict()

    def of(self, path: Path) -> str:
        """Of the file's bytes; "-" where it cannot be read, which the one that paints with it will say."""
        try:
            state = path.stat()
            key = (path, state.st_size, state.st_mtime_ns)
            if key not in self._known:
                self._known[key] = of_file(path)
                if len(self._known) > _KEPT:
                    self._known.popitem(last=False)
            return self._known[key]
        except OSError:
            return "-"

    def of_files(self, paths: list[Path]) -> str:
        return hashlib.sha256(" ".join(self.of(path) for path in paths).encode()).hexdigest()[:16]


def of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def named_by(settings: Settings, palette: str = "") -> list[Path]:
    """The files that settings name."""
    words = ("keep", "blur", "transparent", "whole", "person", *INITS)
    fields = ("weights", "coarse_style", "identity_weights", "background", "style_region", "init")
    values = [getattr(settings, name) for name in fields]
    return [Path(value) for value in [*values, palette] if value and value not in words and Path(value).is_file()]
