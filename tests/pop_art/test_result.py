"""A portrait as a file."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest

from portrait_nst import InputError, imaging
from portrait_nst.pop_art import PopartResult
from portrait_nst.types import Photo, Samples


def test_a_portrait_saves_itself_as_a_drawing_and_as_pixels(ramp: PopartResult, tmp_path: Path) -> None:
    photo = Photo(ramp.photo, sha256="0" * 64)
    assert ramp.save(tmp_path / "a.svg", photo).read_text() == ramp.svg()
    assert ramp.save(tmp_path / "a.PDF", photo).read_bytes() == ramp.pdf()
    picture = ramp.save(tmp_path / "a.png", photo)
    assert np.array_equal(imaging.load(picture).rgb, ramp.render()[0])
    assert imaging.read_recipe(picture)["photo"] == photo.sha256
    with pytest.raises(InputError, match=r"--force \(overwrite=True in Python\)"):
        ramp.save(tmp_path / "a.svg", photo)


def test_a_portrait_knows_its_photo_and_takes_it_in_any_form_of_a_file(ramp: PopartResult, samples: Path) -> None:
    file = samples / "grace_hopper.jpg"
    photo = imaging.load(file)
    known = dataclasses.replace(ramp, source=photo)

    def saved(portrait: PopartResult, *given: Any) -> bytes:
        buffer = io.BytesIO()
        assert portrait.save(buffer, *given, format="webp") == Path("-")
        return buffer.getvalue()

    whole = saved(known)
    assert all(saved(ramp, given) == whole for given in (photo, file, str(file), file.read_bytes()))
    assert photo.sha256.encode() in whole and photo.sha256.encode() not in saved(ramp)  # made of arrays
    with pytest.raises(InputError, match="photo must be a Photo, a path or the bytes of a file, not int"):
        ramp.save(io.BytesIO(), 5, format="png")  # type: ignore[arg-type]
    frame = dataclasses.replace(ramp.partition.frame, is_crop=False)
    kept = dataclasses.replace(ramp.settings, background="keep", frame="photo")
    over = dataclasses.replace(ramp, partition=dataclasses.replace(ramp.partition, frame=frame), settings=kept)
    with pytest.raises(InputError, match="The photo has 20 x 30 pixels"):
        over.save(io.BytesIO(), Photo(np.zeros((30, 20, 3), np.uint8)), format="png")


def test_a_portrait_over_its_photo_has_the_photos_own_samples(ramp: PopartResult, tmp_path: Path) -> None:
    height, width = ramp.photo.shape[:2]
    codes = np.random.default_rng(0).integers(0, 65536, (height, width, 3)).astype(np.uint16)
    photo = Photo(ramp.photo, native=Samples(codes, 16, None))
    frame = dataclasses.replace(ramp.partition.frame, is_crop=False)
    over = dataclasses.replace(
        ramp,
        partition=dataclasses.replace(ramp.partition, frame=frame),
        settings=dataclasses.replace(ramp.settings, background="keep", frame="photo"),
    )
    outside = ramp.matte == 0
    found = imagecodecs.imread(over.save(tmp_path / "out.png", photo))
    assert outside.any() and np.array_equal(found[outside], codes[outside])
    plain = over.save(tmp_path / "srgb.png", photo, profile="srgb")
    assert np.array_equal(imaging.load(plain).rgb, over.render()[0])
    assert over.lost_in("a.png", photo) == over.lost_in("a.svg", photo) == ()
    assert "8 bits" in over.lost_in("a.jpg", photo)[0]
    drawing = dataclasses.replace(ramp, settings=dataclasses.replace(ramp.settings, background="transparent"))
    assert drawing.over(photo).native is None and drawing.lost_in("a.jpg", photo) == ()
