"""A file without its very end is read with a note that says what is missing; one that lacks more is refused."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFile

from portrait_nst.errors import InputError
from portrait_nst.imaging import decode
from tests.imaging.files import picture, png

HEIGHT = 1000
NOISE = np.random.default_rng(0).integers(-20, 20, (HEIGHT, 160, 3))
PHOTO = np.clip(picture(HEIGHT, 160).astype(int) + NOISE, 0, 255).astype(np.uint8)


def file_of(kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(PHOTO).save(file, kind, **options)
    return file.getvalue()


def missing(note: str) -> int:
    found = re.search(r"the last (\d+) of 1000 rows", note)
    return int(found.group(1)) if found else 0


FORMS: list[tuple[str, dict[str, Any]]] = [
    ("JPEG", {}),
    ("JPEG", {"subsampling": 0}),
    ("JPEG", {"progressive": True, "subsampling": 0}),
    ("JPEG", {"restart_marker_rows": 1}),
    ("PNG", {}),
]


@pytest.mark.parametrize(("kind", "options"), FORMS, ids=str)
def test_the_note_names_the_missing_rows(kind: str, options: dict[str, Any]) -> None:
    """Every row that the note does not call missing is exactly that of the whole file; some cuts are read, large ones never."""
    data = file_of(kind, quality=90, **options)
    whole = np.asarray(Image.open(io.BytesIO(data)))
    counts = []
    for cut in (2, 30, 200, 900, 2500):
        try:
            photo = decode(data[:-cut], "a photo")
        except InputError:
            continue
        rows = np.flatnonzero((photo.rgb != whole).any((1, 2)))
        count = missing(photo.notes[0]) if photo.notes else 0
        assert len(rows) <= count <= 0.02 * HEIGHT and (not count or rows.min() >= HEIGHT - count)
        counts.append(count)
    assert len(counts) >= 2 and counts[0] == 0 and max(counts) > 0
    for share in (0.2, 0.5, 0.9):
        with pytest.raises(InputError, match="damaged or incomplete"):
            decode(data[: int(len(data) * share)], "a photo")
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


def test_a_progressive_file_without_its_last_scans_is_coarse_and_refused() -> None:
    data = file_of("JPEG", progressive=True)
    scans = [match.start() for match in re.finditer(b"\xff\xda", data)]
    for start in scans[1:]:
        with pytest.raises(InputError, match="damaged or incomplete"):
            decode(data[:start], "a photo")


def test_16_bits_and_grey_and_alpha() -> None:
    for bits, kind, channels in ((16, 2, 3), (16, 6, 4), (8, 0, 1), (8, 4, 2)):  # bits, colour type, samples
        rows = np.random.default_rng(1).integers(0, 256, (100, 30 * channels * bits // 8), np.uint8)
        data = png(30, 100, bits, kind, [row.tobytes() for row in rows])
        whole, cut = decode(data, "a photo"), decode(data[:-60], "a photo")
        count = 2 if kind == 0 else 1
        assert cut.notes == (f"the end of its file is missing, and with it the last {count} of 100 rows",)
        assert np.array_equal(cut.rgb[:-count], whole.rgb[:-count]) and np.array_equal(cut.rgb[-1], cut.rgb[-1 - count])
        assert whole.native is not None and cut.native is not None
        assert np.array_equal(cut.native.values[:-count], whole.native.values[:-count])


def test_damage_in_the_middle_is_refused() -> None:
    data = bytearray(file_of("PNG"))
    data[len(data) // 2] ^= 255
    with pytest.raises(InputError, match="damaged or incomplete"):
        decode(bytes(data), "a photo")
