"""What every test may count on: one thread, so that results do not depend on the machine, and the samples."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

# One thread for each worker of pytest-xdist and for what it starts. NumPy and torch read these when they are first imported.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np  # noqa: E402
import pytest  # noqa: E402
from PIL import Image  # noqa: E402

from portrait_nst import planning, resources  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def free_memory() -> Iterator[None]:
    """16 GB are free, whatever else this machine is at, so that a plan does not depend on it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "memory_left", lambda: 16e9)
        yield


@pytest.fixture(scope="session")
def samples() -> Path:
    return ROOT / "samples"


@pytest.fixture(scope="session")
def small_portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real portrait, 160 px high: enough for a face, little to paint."""
    path = tmp_path_factory.mktemp("pictures") / "grace.png"
    with Image.open(ROOT / "samples" / "grace_hopper.jpg") as image:
        image.convert("RGB").resize((136, 160), Image.Resampling.LANCZOS).save(path)
    return path


@pytest.fixture(scope="session")
def small_style(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A style picture of 96 px with texture at two scales."""
    path = tmp_path_factory.mktemp("styles") / "waves.png"
    y, x = np.mgrid[:96, :96]
    wave = np.sin(x / 3 + np.sin(y / 7) * 2)[..., None] * [0.4, 0.2, -0.3] + [0.5, 0.4, 0.6]
    noise = np.random.default_rng(0).normal(0, 0.05, (96, 96, 3))
    Image.fromarray(np.uint8(np.clip(wave + noise, 0, 1) * 255)).save(path)
    return path


@pytest.fixture
def small_pop_art(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pop art divides a picture in which a face is 100 px wide instead of 300: the same work in a third of the time."""
    monkeypatch.setattr("portrait_nst.pop_art.partition.framing._FACE", 100.0)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two small styles, "red" and "blue_dots", in the place of the package's own."""
    folder = tmp_path / "library"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name, colour in (("red", (200, 40, 40)), ("blue_dots", (40, 40, 200))):
        pixels = np.clip(rng.normal(0, 30, (72, 64, 1)) + colour, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{name}.png")
    (folder / "styles.json").write_text(json.dumps({"red": "warm noise", "blue_dots": "cold noise"}))
    monkeypatch.setattr(resources, "styles_folder", lambda: folder)
    return folder
