"""Imports that wait: in a process of their own, since here all may be imported already."""

from __future__ import annotations

import subprocess
import sys

import pytest

FOUND = """
import sys
from portrait_nst.segmentation.mediapipe_tasks import detections
import numpy as np
detections(np.zeros((128, 128, 3), np.uint8))
heavy = {"matplotlib", "matplotlib.pyplot", "sounddevice"} & set(sys.modules)
assert not heavy, heavy
from mediapipe.tasks.python.vision import drawing_utils
assert drawing_utils.plt.figure.__module__ == "matplotlib.pyplot"  # what it draws with is there when it is asked
import matplotlib.pyplot
assert matplotlib.pyplot.figure is drawing_utils.plt.figure
"""

WANTED_AT_ONCE = """
import sys
from portrait_nst.segmentation.lazy_imports import lazy_imports
with lazy_imports(["wsgiref", "wsgiref.util", "sys"]):
    import wsgiref.util as stands
    assert "wsgiref.util" in sys.modules and type(stands).__name__ == "_Placeholder"
    assert callable(stands.guess_scheme)
    import wsgiref.util as real
    assert type(real).__name__ == "module" and real.guess_scheme is stands.guess_scheme
assert sys.modules["wsgiref.util"] is real and "sys" in sys.modules
try:
    stands.nothing
except AttributeError:
    sys.exit(0)
sys.exit("it had what the module has not")
"""

NOBODY_WANTED = """
import sys
from portrait_nst.segmentation.lazy_imports import lazy_imports
try:
    with lazy_imports(["wsgiref", "wsgiref.util", "no_such_module"]):
        import no_such_module, wsgiref.util
        raise RuntimeError
except RuntimeError:
    pass
assert not {"wsgiref", "wsgiref.util", "no_such_module"} & set(sys.modules)
try:
    no_such_module.anything
except ModuleNotFoundError:
    sys.exit(0)
sys.exit("there is no such module")
"""


@pytest.mark.parametrize("program", [FOUND, WANTED_AT_ONCE, NOBODY_WANTED], ids=["mediapipe", "at once", "never"])
def test_what_waits(program: str) -> None:
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
