from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from portrait_nst import named_styles
from portrait_nst.studio.live.painters import PREVIEW, Painters


def test_blends_have_numbers_and_the_note_is_the_newest_style_s_and_names_no_file(tmp_path: Path) -> None:
    upload = tmp_path / "file"  # as the studio keeps it
    pixels = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    Image.fromarray(pixels).save(upload, "PNG")
    painters = Painters("cpu")
    named = str(named_styles.files()["impasto"])
    unknown = painters.number(((str(upload), 1.0), (named, 0.5)))
    known = painters.number(((named, 1.0),))
    assert (unknown, known, painters.number(((named, 1.0),))) == (0, 1, 1)
    painters(unknown, 0.5)
    assert painters.notes == (PREVIEW,)
    painters(known, 0.5)
    assert not painters.notes
