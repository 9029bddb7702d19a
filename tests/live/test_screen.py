from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.live.controls import KEYS
from portrait_nst.live.screen import lettered

HELP = [f"{keys:5} {what}" for keys, what in KEYS]
NOTE = (
    "This style is not learned, so the universal start paints it; `portrait-nst learn a_long_name.jpg` learns it. " * 2
)


@pytest.mark.parametrize("size", [(180, 240), (240, 320), (480, 640), (1080, 1920), (640, 200)])
@pytest.mark.parametrize("lines", [HELP, [NOTE, "impasto  0.5   12 fps  110 ms"]], ids=["help", "note"])
@pytest.mark.parametrize("top", [True, False])
def test_text_stays_inside_the_picture(size: tuple[int, int], lines: list[str], top: bool) -> None:
    """It never touches the sides, so that nothing is cut off."""
    found = lettered(np.full((*size, 3), 100, np.uint8), lines, top=top)
    changed = (found != 100).any(2)
    assert changed.any()
    for side in (changed[:, 0], changed[:, -1], changed[0], changed[-1]):
        assert not side.any()


def test_nothing_to_say_leaves_the_picture() -> None:
    picture = np.full((24, 32, 3), 100, np.uint8)
    assert (lettered(picture, [""]) == picture).all()
