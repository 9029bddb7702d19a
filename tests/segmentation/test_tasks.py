"""MediaPipe kept at bay: late, silent, shared between threads, closable."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from portrait_nst import segmentation
from portrait_nst.imaging.silence import MEDIAPIPE, silent_stderr
from portrait_nst.segmentation import mediapipe_tasks
from portrait_nst.segmentation.roi import Roi
from portrait_nst.types import Matte, Photo


def test_importing_is_light() -> None:
    code = (
        "import sys, portrait_nst.segmentation; print([m for m in ('mediapipe', 'cv2', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_silence(grace: Photo, capfd: pytest.CaptureFixture[str]) -> None:
    segmentation.close()
    segmentation.person(grace)
    segmentation.close()
    output, error = capfd.readouterr()
    assert (output, error) == ("", "")


def test_what_others_write_comes_out(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError), silent_stderr(MEDIAPIPE):
        os.write(2, b"W0000 00:00:17.5  99 some_file.cc:12] a notice\nsomebody else\n")
        print("and Python", file=sys.stderr)
        raise KeyError
    os.write(2, b"after\n")
    assert sorted(capfd.readouterr().err.splitlines()) == ["after", "and Python", "somebody else"]


def test_threads_share_one_segmenter(grace: Photo, grace_matte: Matte) -> None:
    with ThreadPoolExecutor(3) as pool:
        mattes = list(pool.map(segmentation.person, [grace] * 3))
    assert all(np.array_equal(matte.alpha, grace_matte.alpha) for matte in mattes)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_makes_its_own(grace: Photo) -> None:
    segmentation.faces(grace)
    code = os.fork()
    if code == 0:  # pragma: no cover
        found = 1
        try:
            found = 0 if len(segmentation.faces(grace)) == 1 else 1
        finally:
            os._exit(found)
    assert os.waitpid(code, 0)[1] == 0


def test_results_do_not_share_memory() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (256, 256, 3)).astype(np.uint8)
    first = mediapipe_tasks.confidence(mediapipe_tasks.SQUARE, picture)
    kept = first.copy()
    mediapipe_tasks.confidence(mediapipe_tasks.SQUARE, 255 - picture)
    assert np.array_equal(first, kept)


def test_regions_repeat_the_border() -> None:
    rgb = np.zeros((40, 60, 3), np.uint8)
    rgb[:, :30], rgb[:, 30:] = 50, 200
    seen = Roi(-20, -10, 100, 60).cut(rgb, (60, 100))
    assert seen.shape == (60, 100, 3)
    assert (seen[:, :50] == 50).all()
    assert (seen[:, 50:] == 200).all()
    part, where = Roi(-20, -10, 100, 60).paste(seen[..., 0].astype(np.float32), (40, 60))
    plane = np.zeros((40, 60), np.float32)
    plane[where] = part
    assert np.array_equal(plane, rgb[..., 0])
    with pytest.raises(ValueError, match="outside"):
        Roi(70, 0, 5, 5).cut(rgb, (8, 8))
