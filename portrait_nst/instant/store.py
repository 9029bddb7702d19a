"""Where learned networks are kept: those of this user in the cache, those of the named styles in the package.

A network is found by what it was learned for: the pictures' bytes with their weights, the settings that change what is learned,
and the encoder whose features it takes.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from portrait_nst import resources
from portrait_nst.errors import InputError, ModelError, PortraitError, ResourceError
from portrait_nst.imaging import write_atomic
from portrait_nst.instant import files
from portrait_nst.instant.keys import COUNTED as COUNTED
from portrait_nst.instant.keys import FOLDER as FOLDER
from portrait_nst.instant.keys import REGISTER as REGISTER
from portrait_nst.instant.keys import key as key
from portrait_nst.instant.keys import register as register
from portrait_nst.instant.network import About, Network, Painting

UNIVERSAL = f"universal{files.SUFFIX}"
NEEDED = 10_000_000  # bytes: a checkpoint of 3.5 MB, another beside it while it is replaced, and the network
FEWEST_DIGITS = 6  # of a sha256 or key that stands for the whole


def find(blend: Sequence[Painting], encoder_sha256: str, settings: Mapping[str, Any] | None = None) -> Network | None:
    """The network that was learned for `blend`, or that the package brings for a single painting; None where there is none.

    A kept file that is damaged, of another version or of another painting counts as missing. Raises ModelError where a file of
    the package is damaged.
    """
    folder = _cache()
    if folder is not None:
        name = key(blend, encoder_sha256, settings)
        found = _readable(folder / f"{name}{files.SUFFIX}")
        if found is not None and found.learned and _key_of(found.about) == name:
            return found
    if len(blend) == 1 and not (settings or {}).get("mask"):
        for name, entry in register().items():
            if entry.get("picture") == blend[0].sha256:
                network = _packaged(name)
                return network if network.about.encoder_sha256 == encoder_sha256 else None
    return None


def is_packaged(network: Network) -> bool:
    """Whether `network` is one that comes with the package, not one of this user's for the same painting."""
    paintings = network.about.paintings
    if len(paintings) != 1:
        return False
    names = [name for name, entry in register().items() if entry.get("picture") == paintings[0].sha256]
    return any(_packaged(name).about == network.about for name in names)


def check_room(folder: Path) -> None:
    """Raise ResourceError where the disk of `folder` has no room for what learning writes there: before minutes are spent on it.

    A folder whose disk tells nothing counts as roomy.
    """
    with contextlib.suppress(OSError):
        free = shutil.disk_usage(folder).free
        if free < NEEDED:
            raise ResourceError(
                f"The disk of {folder} is full: {free / 1e6:.1f} MB are free, and learning needs {NEEDED / 1e6:.0f} MB. "
                f"Free some, or set {resources.HOME}, or the file of -o, to another disk."
            )


def universal(encoder_sha256: str | None = None) -> Network:
    """The start for any painting, without targets: give it some by `aimed_at`.

    encoder_sha256: the encoder that it is to be used with. Raises ModelError where that is another than its own, or where the
    installation is damaged.
    """
    network = _packaged(UNIVERSAL)
    if encoder_sha256 is not None:
        network.check_encoder(encoder_sha256)
    return network


def keep(network: Network, *, compact: bool = False) -> Path | None:
    """Keep `network` for later runs, in the place of an older one for the same; returns its path.

    None where the cache cannot be written: then `resources.UNKEPT` says what to do. Several processes may keep at once. Raises
    ModelError for a network that was not learned for a painting.
    """
    if not (network.learned and network.about.paintings):
        raise ModelError("Only a network that was learned for a painting is kept; this one is for any.")
    data = files.to_bytes(network, compact=compact)
    folder = resources.kept_folder(FOLDER)
    if folder is None:
        return None
    path = folder / f"{_key_of(network.about)}{files.SUFFIX}"
    try:
        write_atomic(path, data, overwrite=True)
    except (InputError, ResourceError):  # a full disk, a folder that went or changed meanwhile
        return None
    return path


def kept() -> list[tuple[Path, About, int]]:
    """What is kept in the cache, the newest first: (path, what it is about, bytes). Files that cannot be read are left out."""
    found = []
    for path in _kept_files():
        network = _readable(path)
        with contextlib.suppress(FileNotFoundError):  # deleted by another process
            if network is not None:
                found.append((path, network.about, path.stat().st_size))
    return found


def meant(word: str | Path) -> list[Path]:
    """The kept networks that `word` means, the newest first: one painting may have several, for its regions and in blends.

    word: the path or name of a kept file, the name of a painting with or without its suffix, or at least the first six digits of
    the file's name or of the painting's sha256. Raises InputError where nothing is kept under it.
    """
    found = [path for path in _kept_files() if _means(str(word), path)]
    if not found:
        raise InputError(f"No learned network is kept for {word}; `portrait-nst learn --list` shows those that are.")
    return found


def forget(word: str | Path) -> list[Path]:
    """Delete the kept networks that are `meant` by `word`; returns their paths.

    Raises InputError where nothing is kept under it, ResourceError where it cannot be deleted.
    """
    found = meant(word)
    for path in found:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise ResourceError(f"{path} could not be deleted: {error.strerror or error}.") from None
    return found


def _packaged(name: str) -> Network:
    path = resources.models_folder() / FOLDER / name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"The network {path} cannot be read ({error.strerror}). Reinstall portrait-nst.") from None
    if hashlib.sha256(data).hexdigest() != register()[name]["sha256"]:
        raise ModelError(f"The network {path} is damaged: it is not the one in {REGISTER}. Reinstall portrait-nst.")
    return files.from_bytes(data, str(path))


def _readable(path: Path) -> Network | None:
    try:
        return files.load(path)
    except PortraitError:
        return None


def _key_of(about: About) -> str:
    return key(about.paintings, about.encoder_sha256, about.settings)


def _cache() -> Path | None:
    """The folder of kept networks, which may be missing or read-only; None for a user without a home folder."""
    try:
        return resources.cache_folder() / FOLDER
    except ResourceError:
        return None


def _kept_files() -> list[Path]:
    """The files in the cache, the newest first."""
    folder, dated = _cache(), []
    for path in folder.glob(f"*{files.SUFFIX}") if folder is not None else ():
        with contextlib.suppress(OSError):  # deleted by another process
            dated.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(dated, reverse=True)]


def _means(word: str, path: Path) -> bool:
    if word in (str(path), path.name) or (Path(word).name == path.name and Path(word).exists() and path.samefile(word)):
        return True
    network = _readable(path)
    names = [painting.name for painting in network.about.paintings] if network else []
    if word.casefold() in {each.casefold() for name in names for each in (name, Path(name).stem)}:
        return True
    digests = [path.stem, *(painting.sha256 for painting in network.about.paintings)] if network else [path.stem]
    return len(word) >= FEWEST_DIGITS and any(digest.startswith(word.lower()) for digest in digests)
