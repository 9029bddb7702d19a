"""The examples in docs/examples run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"


def test_painting_with_losses_needs_nothing_else(tmp_path: Path) -> None:
    """The disc takes on the style's contrast, what lies around it stays as it was; torch warns of nothing."""
    output = tmp_path / "painted.ppm"
    code = (
        "import runpy, sys; sys.argv[1:] = [sys.argv[2], '--side', '64', '--steps', '15']\n"
        f"runpy.run_path({str(EXAMPLES / 'paint_with_losses.py')!r}, run_name='__main__')\n"
        "assert not {'torchvision', 'cv2', 'PIL', 'portrait_nst.transfer.engine'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code, "-", str(output)], check=True)
    with Image.open(output) as picture:
        rgb = np.asarray(picture).astype(float) / 255
    assert rgb.shape == (64, 64, 3)
    steps = np.abs(np.diff(rgb, axis=1)).mean(2)
    assert steps[24:40, 24:40].mean() > 5 * steps[:8].mean()
    assert np.abs(rgb[2, 2] - [0.2, 0.3, 0.65]).max() < 0.1
