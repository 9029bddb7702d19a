"""`--profile`: the photo's own colours and depth in what the commands write, or sRGB."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from portrait_nst import imaging
from portrait_nst.batch import storage
from portrait_nst.types import Photo
from tests.imaging.spaces import P3, photo_in

from .test_commands import QUICK as SMALL
from .test_commands import run

QUICK = [*SMALL, "--method", "gram"]


@pytest.fixture
def camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Photo:
    """A 10-bit photo in Display P3, which every command gets from photo.png; mask.png marks its upper half."""
    photo = photo_in("P3 10", (96, 80))
    path = tmp_path / "photo.png"
    Image.fromarray(photo.rgb).save(path)
    photo = dataclasses.replace(photo, path=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    Image.fromarray(np.uint8(np.indices(photo.size)[0] < 48) * 255).save(tmp_path / "mask.png")
    plain, plain_batch = imaging.load, storage.load

    def named(path: str | Path, **more: object) -> Photo:
        return photo if Path(path).name == "photo.png" else plain(path)

    monkeypatch.setattr(imaging, "load", named)
    monkeypatch.setattr(
        storage, "load", lambda at, data=None: photo if at.name == "photo.png" else plain_batch(at, data)
    )
    return photo


def lower_half(photo: Photo) -> np.ndarray:
    assert photo.native is not None
    return np.asarray(np.rint(photo.native.values[48:] * (65535 / 1023)).astype(np.uint16))


def test_stylize_writes_the_photos_space_or_srgb(camera: Photo, small_style: Path, tmp_path: Path) -> None:
    common = ("stylize", "photo.png", small_style, "--mask", "mask.png", *QUICK)
    done = run(*common, "-o", "a.png", cwd=tmp_path)
    assert done.returncode == 0 and "were rounded" not in done.stderr
    assert np.array_equal(imagecodecs.imread(tmp_path / "a.png")[48:], lower_half(camera))
    done = run(*common, "-o", "a.jpg", "--json", cwd=tmp_path)
    assert any("8 bits a channel, the photo has 10" in note for note in json.loads(done.stdout)["notes"])
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.info["icc_profile"] == P3
    done = run(*common, "-o", "b.png", "--profile", "srgb", cwd=tmp_path)
    assert done.returncode == 0
    with Image.open(tmp_path / "b.png") as image:
        assert np.array_equal(np.asarray(image)[48:], camera.rgb[48:])
    done = run("rerun", "b.png", "-o", "again.png", "--style", small_style, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    done = run(*common, "-o", "c.webp", cwd=tmp_path)
    assert done.stderr.count("note: .webp holds 8 bits") == 1
    done = run(*common, "-o", "c.png", "--profile", "p3", cwd=tmp_path)
    assert done.returncode != 0 and "--profile must be photo or srgb" in done.stderr


def test_a_batch_does_the_same(
    camera: Photo, small_style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portrait_nst.batch import Options, Order, opened
    from portrait_nst.batch.workers.worker import PaintWorker
    from portrait_nst.settings import Settings
    from tests.batch.fake_stores import Here
    from tests.batch.runs import rows_file

    monkeypatch.setenv("PORTRAIT_NST_HOME", str(tmp_path / "home"))
    settings = Settings(size=64, iterations=1, scales=(1.0,), threads=1, device="cpu")
    row = {"photo": str(tmp_path / "photo.png"), "style": str(small_style), "mask": str(tmp_path / "mask.png")}
    file = rows_file(tmp_path, {**row, "output": "deep.png"}, {**row, "output": "flat.jpg"})
    with opened(Order([], [], file, settings=settings), tmp_path / "out", Options()) as session:
        session.plan()
        done = {str(each.output): each for each in session.paint(Here(PaintWorker))}
    deep, flat = (done[str(tmp_path / "out" / name)] for name in ("deep.png", "flat.jpg"))
    assert deep.error == flat.error == ""
    assert np.array_equal(imagecodecs.imread(str(deep.output))[48:], lower_half(camera))
    assert any("8 bits a channel" in note for note in flat.notes) and not any("8 bits" in note for note in deep.notes)
