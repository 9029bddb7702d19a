"""What is attacked: for each reader, how its hostile inputs are made and how it is called.

A target gets bytes and an empty folder, which is the working folder, and reads them as the package would. A PortraitError is a
refusal. More targets: add a `Target` to `TARGETS` under its name.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.hostile import cases, films, learned, pictures, stores, studio, texts, weights
from tests.hostile.flips import Rng

SIZE = (pictures.HEIGHT, pictures.WIDTH)
FEW_PIXELS = (
    4_000_000  # of most pictures, so that an input takes milliseconds; "bomb" reads with the package's own limit
)


@dataclass(frozen=True)
class Target:
    """make: the input of a random state. read: what the package does with it, in an empty folder. share: its weight among all."""

    make: Callable[[Rng], bytes]
    read: Callable[[bytes, Path], object]
    share: int = 1


def _decode(data: bytes, folder: Path) -> object:
    from portrait_nst import imaging

    photo = imaging.decode(data, "input", max_pixels=FEW_PIXELS)
    again = imaging.decode(data, "input", max_pixels=FEW_PIXELS)
    assert np.array_equal(photo.rgb, again.rgb), "memory that nobody has filled shows"
    return imaging.clean_exif(photo.exif) if photo.exif else None


def _bomb(data: bytes, folder: Path) -> object:
    from portrait_nst import imaging

    path = folder / "input"
    path.write_bytes(data)
    return imaging.load(path)


def _mask(data: bytes, folder: Path) -> object:
    from portrait_nst import imaging

    mask = imaging.decode_mask(data, "input", SIZE, max_pixels=FEW_PIXELS)
    assert mask.shape == SIZE and np.isfinite(mask).all() and mask.min() >= 0 and mask.max() <= 1
    return mask


def _labels(data: bytes, folder: Path) -> object:
    from portrait_nst import imaging
    from portrait_nst.pipeline.label_map import load_label_map, regions_of
    from portrait_nst.types import Photo

    photo = Photo(np.zeros((*SIZE, 3), np.uint8))
    labels = load_label_map(imaging.decode(data, "input", max_pixels=FEW_PIXELS))
    first = "#" + bytes(labels.rgb[0, 0]).hex()
    return regions_of(labels, photo, [first, "0"])


def _label_name(data: bytes, folder: Path) -> object:
    from portrait_nst.pipeline.label_map import label_text, regions_of
    from portrait_nst.style_spec import parse_regions
    from portrait_nst.types import Photo

    photo = Photo(np.zeros((*SIZE, 3), np.uint8))
    text = data.decode("utf-8", errors="surrogateescape")
    return regions_of(photo, photo, [label_text(label) for label, _, _ in parse_regions(text.splitlines())])


def _header(data: bytes, folder: Path) -> object:
    from portrait_nst.errors import InputError
    from portrait_nst.imaging import read_recipe
    from portrait_nst.imaging.decoding.headers import picture_size

    with contextlib.suppress(InputError):
        picture_size(data, "input")
    (folder / "input").write_bytes(data)
    return read_recipe(folder / "input")


def _exif(data: bytes, folder: Path) -> object:
    from portrait_nst import imaging
    from portrait_nst.imaging import metadata

    clean = imaging.clean_exif(data)
    assert not any(word in clean for word in (b"Ann Other", b"portrait-nst"))
    if clean:
        metadata.with_recipe(clean, {"a": 1})
    return clean


def _hostile_exif(rng: Rng) -> bytes:
    block = pictures.exif()
    return block[:6] + cases.changed(rng, block[6:], "tiff") if rng.random() < 0.8 else cases.changed(rng, block)


def _hostile_profile(rng: Rng) -> bytes:
    from tests.imaging.files import icc

    profiles = (icc(), icc(gamma=None), icc(b"GRAY"), icc(b"CMYK"))
    profile = cases.changed(rng, profiles[int(rng.integers(len(profiles)))])
    return pictures.with_profile(profile, ("JPEG", "PNG", "WEBP", "TIFF")[int(rng.integers(4))])


def _hostile_gain_map(rng: Rng) -> bytes:
    """An Ultra HDR picture, of which one of its two pictures is damaged, or the text that describes the gain map."""
    data = pictures.seeds()["jpeg ultra hdr"]
    second = data.find(b"\xff\xd8\xff", 4)
    kind = rng.random()
    if second < 0 or kind < 0.2:
        return cases.changed(rng, data, "jpeg")
    if kind < 0.5:
        return cases.changed(rng, data[:second], "jpeg") + data[second:]
    if kind < 0.8:
        return data[:second] + cases.changed(rng, data[second:], "jpeg")
    start, end = data.rfind(b"<x:xmpmeta"), data.rfind(b"</x:xmpmeta>")
    if start < 0 or end < start:
        return cases.changed(rng, data)
    text = texts.mutated(rng, data[start:end].decode("latin-1"))[:60_000]
    place = data.rfind(b"\xff\xe1", 0, start) + 2
    old = int.from_bytes(data[place : place + 2], "big")
    length = old + len(text) - (end - start)
    return data[:place] + (length & 0xFFFF).to_bytes(2, "big") + data[place + 2 : start] + text + data[end:]


def _gain_map(data: bytes, folder: Path) -> object:
    from portrait_nst.imaging.gain_maps.gain_map import with_painted
    from portrait_nst.imaging.gain_maps.reading import read_gain_map

    found, notes = read_gain_map(data)
    assert all("\n" not in note for note in notes)
    if found is not None:
        kept = np.ones(SIZE, np.float32)
        kept[10:20] = 0
        with_painted(found, kept)
    return found


def _svg(data: bytes, folder: Path) -> object:
    from portrait_nst import imaging
    from portrait_nst.errors import PortraitError

    try:
        imaging.decode(data, "input")
    except PortraitError:
        pass
    else:
        raise AssertionError("a drawing was read as a picture")
    return imaging.decode_mask(data, "input", SIZE)


SVG = (
    '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM '
    '"file:///etc/passwd">]>\n<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text>&b;&c;</text>'
    '<image href="file:///etc/passwd"/><path d="M0 0L9 9" transform="scale(1e99)"/></svg>\n'
)

TARGETS: dict[str, Target] = {
    "decode": Target(cases.picture, _decode, 6),
    "bomb": Target(cases.picture, _bomb, 2),
    "profile": Target(_hostile_profile, _decode, 2),
    "mask": Target(cases.picture, _mask, 2),
    "labels": Target(cases.picture, _labels),
    "label name": Target(lambda rng: texts.mutated(rng, "0=a.png:1\n128=oil:0.5\n#ff0000=b.png:2\n"), _label_name),
    "header": Target(cases.picture, _header, 2),
    "exif": Target(_hostile_exif, _exif),
    "svg": Target(lambda rng: texts.mutated(rng, SVG), _svg),
    "recipe": Target(stores.hostile_recipe, stores.read_recipe, 2),
    "jobs csv": Target(stores.hostile_csv, stores.read_csv, 2),
    "jobs jsonl": Target(stores.hostile_jsonl, stores.read_jsonl, 2),
    "palette": Target(stores.hostile_palette, stores.read_palette),
    "weights": Target(weights.hostile_weights, weights.read_weights, 2),
    "cache": Target(weights.hostile_cache, weights.read_cache),
    "learned": Target(learned.hostile_learned, learned.read_learned),
    "manifest": Target(stores.hostile_manifest, stores.read_manifest, 2),
    "clip": Target(films.hostile_clip, films.read_clip, 2),
    "upload": Target(studio.hostile_upload, studio.read_upload),
    "studio database": Target(studio.hostile_database, studio.read_database),
    "gain map": Target(_hostile_gain_map, _gain_map),
}
