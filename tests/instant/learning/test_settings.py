"""How a network is learned, as settings."""

from __future__ import annotations

import subprocess
import sys

import pytest

from portrait_nst.errors import InputError
from portrait_nst.instant.learning.settings import MINUTES, LearnSettings


def test_minutes_take_the_place_of_the_quality() -> None:
    assert LearnSettings().seconds == 180
    assert LearnSettings(quality="fine").seconds == 60 * MINUTES["fine"]
    assert LearnSettings(quality="fine", minutes=0.5).seconds == 30


@pytest.mark.parametrize("values", [{"minutes": 0}, {"steps": 0}, {"size": 32}, {"quality": "best"}, {"speed": 1}])
def test_what_cannot_be_is_refused_in_a_line(values: dict[str, object]) -> None:
    with pytest.raises(InputError):
        LearnSettings.from_dict(values)


def test_settings_are_there_without_torch() -> None:
    code = (
        "import sys; import portrait_nst.instant.learning.settings; print('torch' in sys.modules, 'cv2' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["False", "False"]
