from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.errors import InputError
from portrait_nst.studio.live import pictures
from portrait_nst.studio.live.messages import FRAME, LONGEST
from tests.studio.live.makers import jpeg


def test_a_frame_goes_there_and_back() -> None:
    rgb = np.zeros((24, 32, 3), np.uint8)
    rgb[:, 16:] = (200, 100, 20)
    back = pictures.decoded(pictures.encoded(rgb))
    assert back.shape == rgb.shape
    assert np.abs(back.astype(int) - rgb)[:, 20:].max() < 12  # red stays red


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no JPEG"),
        (b"\xff\xd8\xff\xe0 nothing behind it", "no JPEG"),
        (jpeg(format="PNG"), "no JPEG"),
        (b"GIF89a", "no JPEG"),
        (jpeg((LONGEST + 1, 8)), "1281 x 8"),
        (b"\xff" * (FRAME + 1), "bytes"),
    ],
)
def test_what_is_no_frame_is_refused_before_it_is_decoded(
    data: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cv2.imdecode", None)
    with pytest.raises(InputError, match=words):
        pictures.decoded(data)


def test_a_frame_that_is_cut_off_is_refused_or_read_in_part() -> None:
    data = jpeg((320, 240))
    for length in range(2, len(data), 37):
        try:
            assert pictures.decoded(data[:length]).shape == (240, 320, 3)
        except InputError as error:
            assert "frame" in str(error)
