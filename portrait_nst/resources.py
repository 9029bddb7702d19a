"""The folders of models and style pictures (inside the installed package, or beside it in a checkout) and of the cache."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from portrait_nst.errors import ModelError, ResourceError

HOME = "PORTRAIT_NST_HOME"
UNKEPT = (
    f"the cache folder cannot be written, so that nothing is kept for the next run; set {HOME} to a folder that can"
)
_PACKAGE = Path(__file__).resolve().parent


def cache_folder() -> Path:
    """The folder of downloads and of results that are kept: $PORTRAIT_NST_HOME, else ``~/.cache/portrait_nst``.

    Raises ResourceError for a user without a home folder.
    """
    home = os.environ.get(HOME)
    try:
        return Path(home).expanduser() if home else Path.home() / ".cache" / "portrait_nst"
    except RuntimeError:
        raise ResourceError(
            f"This user has no home folder to keep anything in; set the environment variable {HOME} to a folder."
        ) from None


def kept_folder(name: str = "") -> Path | None:
    """The folder `name` within that of the cache, made now; None where nothing can be written, and so nothing is kept."""
    try:
        folder = cache_folder() / name
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ResourceError):
        return None
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


def models_folder() -> Path:
    """The folder with the embedded weights and ``models.json``, their register."""
    for folder in (_PACKAGE / "_models", _PACKAGE.parent / "models"):
        if (folder / "models.json").is_file():
            return folder
    raise ModelError(
        f"The folder with the embedded models is missing beside {_PACKAGE}. "
        "The installation is damaged: run `pip install --force-reinstall portrait-nst`."
    )


def styles_folder() -> Path:
    """The folder with the style pictures that go by name, and ``styles.json``, which describes them."""
    installed = _PACKAGE / "_styles"
    return installed if installed.is_dir() else _PACKAGE.parent / "samples" / "styles"


def file_digest(path: Path) -> str:
    """The sha256 of a file's bytes. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def model_bytes(name: str) -> bytes:
    """The bytes of the model file `name`, checked against the sha256 in ``models.json``.

    Raises ModelError where the file is not registered, missing or changed.
    """
    folder = models_folder()
    register = json.loads((folder / "models.json").read_text())
    if name not in register:
        raise ModelError(f"No model named {name!r} is registered; there are: {', '.join(sorted(register))}.")
    try:
        data = (folder / name).read_bytes()
    except OSError as error:
        raise ModelError(f"The model file {folder / name} cannot be read ({error}). Reinstall portrait-nst.") from error
    found = hashlib.sha256(data).hexdigest()
    if found != register[name]["sha256"]:
        raise ModelError(
            f"The model file {folder / name} is damaged: its sha256 is {found[:16]}..., "
            f"expected {register[name]['sha256'][:16]}.... Reinstall portrait-nst."
        )
    return data
