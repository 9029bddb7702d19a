"""A portrait as a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from portrait_nst import InputError, imaging
from portrait_nst.pop_art import PopartResult
from portrait_nst.types import Photo


def test_a_portrait_saves_itself_as_a_drawing_and_as_pixels(ramp: PopartResult, tmp_path: Path) -> None:
    photo = Photo(ramp.photo, sha256="0" * 64)
    assert ramp.save(tmp_path / "a.svg", photo).read_text() == ramp.svg()
    assert ramp.save(tmp_path / "a.PDF", photo).read_bytes() == ramp.pdf()
    picture = ramp.save(tmp_path / "a.png", photo)
    assert np.array_equal(imaging.load(picture).rgb, ramp.render()[0])
    assert imaging.read_recipe(picture)["photo"] == photo.sha256
    with pytest.raises(InputError, match="--force"):
        ramp.save(tmp_path / "a.svg", photo)
