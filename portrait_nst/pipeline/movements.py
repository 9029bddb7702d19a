"""Art movements: a library has a folder of paintings for each movement, as that of WikiArt.

The style of a movement is the mean of its paintings' statistics, or of those of the paintings nearest to the photo.
"""

from __future__ import annotations

import functools
import hashlib
import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from portrait_nst import imaging
from portrait_nst.errors import InputError
from portrait_nst.pipeline.inputs import Picture, load
from portrait_nst.pipeline.style_crop import shown
from portrait_nst.types import Photo, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder

PICKS = {"mean": 32, "nearest": 4}
SEEN_AT = 128


def movements(library: str | Path) -> dict[str, list[Path]]:
    """The paintings of each movement in `library`, by the folder's name. Raises InputError."""
    folder = Path(library)
    if not folder.is_dir():
        raise InputError(
            f"The library {folder} is not a folder. Give one that holds a folder of paintings for each movement."
        )
    found = {}
    for child in sorted(folder.iterdir()):
        if child.is_dir() and not child.name.startswith(".") and (paintings := paintings_in(child)):
            found[child.name] = paintings
    if not found:
        raise InputError(
            f"The library {folder} holds no folder with pictures. It needs one for each movement, as in Impressionism/."
        )
    return found


def paintings_in(folder: Path) -> list[Path]:
    """The pictures in `folder` and in the folders below it, in the order of their names."""
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in imaging.READABLE_SUFFIXES and p.is_file())


def spread_evenly(paintings: list[Path], count: int = PICKS["mean"]) -> list[Path]:
    """`count` of the paintings at even steps, the first and the last among them; all where there are no more."""
    if not paintings:
        return []
    return [paintings[i] for i in np.unique(np.linspace(0, len(paintings) - 1, count).round().astype(int))]


def of_movement(library: str | Path, movement: str) -> tuple[Path, list[Path]]:
    """The folder of a movement in `library`, and its paintings. Raises InputError for an unknown movement."""
    there = movements(library)
    names = {_key(name): name for name in there}
    if _key(movement) not in names:
        raise InputError(f"There is no movement {movement!r} in {library}. There are: {', '.join(there)}.")
    name = names[_key(movement)]
    return Path(library) / name, there[name]


def choose(
    library: str | Path,
    movement: str,
    photo: Picture,
    *,
    pick: str = "mean",
    count: int | None = None,
    cache: Path | None = None,
) -> tuple[list[tuple[Photo, float]], list[str]]:
    """The paintings that stand for `movement`, as a blend of equal weights, and notes on those that could not be read.

    pick:  "mean": `count` paintings (32) spread evenly over the folder; "nearest": the `count` (4) most like the photo in the
           statistics of the embedded encoder at 128 pixels.
    cache: a folder in which those statistics are stored, by path, size and time of change of the files.
    Raises InputError for an unknown movement.
    """
    if pick not in PICKS:
        raise InputError(f"pick must be one of {', '.join(PICKS)}, not {pick!r}.")
    number = PICKS[pick] if count is None else count
    if number < 1:
        raise InputError(f"The number of paintings must be at least 1, not {number}.")
    paintings = of_movement(library, movement)[1]
    notes: list[str] = []
    nearest = pick == "nearest"
    chosen = _nearest(paintings, load(photo), number, cache, notes) if nearest else spread_evenly(paintings, number)
    return as_blend(chosen, f"{movement} in {library}", notes), list(dict.fromkeys(notes))


def as_blend(paintings: list[Path], name: str, notes: list[str]) -> list[tuple[Photo, float]]:
    """Those of the `paintings` that can be read, with equal weights; the others are named in `notes`.

    name: what errors call them. Raises InputError where none can be read.
    """
    blend = [(found, 1.0) for path in paintings if (found := _readable(path, notes)) is not None]
    if not blend:
        raise InputError(f"None of the paintings of {name} can be read.")
    return blend


def _key(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def _readable(path: Path, notes: list[str]) -> Photo | None:
    try:
        painting = imaging.load(path)
        return replace(painting, rgb=shown(painting).rgb)
    except InputError as error:
        notes.append(f"left out: {error}")
        return None


def _nearest(paintings: list[Path], photo: Photo, count: int, cache: Path | None, notes: list[str]) -> list[Path]:
    """The `count` of `paintings` whose descriptors, each entry over its spread, are nearest to the photo's."""
    rows, known = [], _read_cache(cache, paintings)
    kept: dict[str, NDArray[np.float32]] = {}
    readable = []
    for path in paintings:
        key = _stamp(path)
        row = known.get(key)
        if row is None:
            picture = _readable(path, notes)
            if picture is None:
                continue
            row = _descriptor(picture.rgb)
        kept[key] = row
        rows.append(row)
        readable.append(path)
    if not rows:
        return []
    _write_cache(cache, paintings, kept)
    matrix = np.stack(rows)
    centre, spread = matrix.mean(0), matrix.std(0) + 1e-6
    own = (_descriptor(photo.rgb) - centre) / spread
    scaled = (matrix - centre) / spread
    distance = np.linalg.norm(scaled - own, axis=1)
    return [readable[i] for i in np.argsort(distance, kind="stable")[:count]]


def _descriptor(rgb: UInt8Array) -> NDArray[np.float32]:
    """Means and deviations over the picture of the embedded encoder's style features, at `SEEN_AT` pixels."""
    import torch

    from portrait_nst.transfer import colour

    encoder = _encoder()
    factor = SEEN_AT / max(rgb.shape[:2])
    size = max(16, round(rgb.shape[0] * factor)), max(16, round(rgb.shape[1] * factor))
    small = colour.resize(imaging.to_float(rgb), size)
    with torch.no_grad():
        maps = encoder.features(torch.from_numpy(small).permute(2, 0, 1)[None], encoder.style_layers)
    parts = [x[0].flatten(1) for x in maps.values()]
    return torch.cat([torch.cat([x.mean(1), x.std(1)]) for x in parts]).numpy()


@functools.cache
def _encoder() -> Encoder:
    """Loaded once for all paintings of a library."""
    from portrait_nst import encoders

    return encoders.get("embedded")


def _stamp(path: Path) -> str:
    state = path.stat()
    return f"{path.absolute()} {state.st_size} {state.st_mtime_ns}"


def _cache_file(cache: Path, paintings: list[Path]) -> Path:
    name = f"{paintings[0].parent.absolute()} {_encoder().sha256}"
    return cache / f"movement-{hashlib.sha256(name.encode()).hexdigest()[:24]}.npz"


def _read_cache(cache: Path | None, paintings: list[Path]) -> dict[str, NDArray[np.float32]]:
    if cache is None:
        return {}
    try:
        with np.load(_cache_file(cache, paintings), allow_pickle=False) as archive:
            return dict(zip(archive["keys"].tolist(), archive["rows"]))
    except Exception:  # missing or damaged: it is computed again
        return {}


def _write_cache(cache: Path | None, paintings: list[Path], rows: dict[str, NDArray[np.float32]]) -> None:
    if cache is None:
        return
    cache.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez(buffer, keys=np.array(list(rows)), rows=np.stack(list(rows.values())))
    imaging.write_atomic(_cache_file(cache, paintings), buffer.getvalue(), overwrite=True)
