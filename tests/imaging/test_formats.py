"""The suffixes that stand for pictures: each can be read, and those that are written can be written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from portrait_nst.errors import InputError
from portrait_nst.imaging import READABLE_SUFFIXES, check_output, load
from portrait_nst.imaging.formats import FORMATS
from tests.imaging.files import picture

HEIC = {".heic", ".heics", ".heif", ".heifs", ".hif"}


@pytest.mark.parametrize("suffix", sorted(READABLE_SUFFIXES))
def test_a_file_of_every_suffix_can_be_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    image = Image.fromarray(picture(), "RGB")
    if suffix in HEIC:
        pillow_heif.from_pillow(image).save(path)
    else:
        image.save(path)
    assert np.abs(load(path).rgb.astype(int) - picture()).mean() < 12


@pytest.mark.parametrize("suffix", sorted(READABLE_SUFFIXES))
def test_only_the_suffixes_of_formats_can_be_written(tmp_path: Path, suffix: str) -> None:
    if suffix in FORMATS:
        assert check_output(tmp_path / f"a{suffix}") == tmp_path / f"a{suffix}"
    else:
        with pytest.raises(InputError, match=r"expected one of \.jpg"):
            check_output(tmp_path / f"a{suffix}")
