"""What a recipe says of an input: the name of its file and the hash of its bytes, and never the folder.

A folder names the user and the machine as a rule, and a recipe travels in every picture that is shown to others.
"""

from __future__ import annotations

from pathlib import Path

from portrait_nst import named_styles
from portrait_nst.resources import file_digest
from portrait_nst.settings import STYLES, Settings, base_name, files_of

Entry = dict[str, str | None]
"""{"file": name without folder, or None for an array, "sha256": digest}; for a style of the package {"name": name, ...} instead.

Format 1, which is read and not written any more, had the absolute path of the file under "path".
"""

FORMAT = 2
READ = (1, 2)  # the formats that can be painted again


def entry_of(path: Path | str | None, sha256: str, *, by_name: bool = False) -> Entry:
    """The entry of a file, or of a picture that is in no file. With `by_name` a style of the package goes by its name."""
    name = named_styles.name_of(path) if by_name and isinstance(path, Path) else None
    if name is not None:
        return {"name": name, "sha256": sha256}
    return {"file": None if path is None else base_name(str(path)), "sha256": sha256}


def entries_of(settings: Settings, known: dict[str, str]) -> dict[str, Entry]:
    """The entries of all files that `settings` name, by setting; `known` are those digests that need not be computed."""
    return {
        role: entry_of(path, known.get(role) or file_digest(path), by_name=role in STYLES)
        for role, path in files_of(settings).items()
        if path.is_file()
    }
