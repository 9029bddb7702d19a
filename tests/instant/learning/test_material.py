"""What is learned on: the package's own squares, and a folder's."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from portrait_nst import imaging, resources, segmentation
from portrait_nst.errors import InputError
from portrait_nst.faces import face_map
from portrait_nst.instant.learning import material
from portrait_nst.instant.learning.material import PERCENT, SIDE, folder_material, package_material
from portrait_nst.instant.learning.scenes import scenes


def test_the_package_makes_squares_with_faces_the_same_for_the_same_seed(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(material, "SCENES", 2)
    found, again, other = package_material(5), package_material(5), package_material(6)
    assert found.squares.shape[1:] == (SIDE, SIDE, 3) and found.squares.dtype == np.uint8
    assert len(found.faces) == len(found.maps) > 2 * material.ON_FACE
    pieces = 2 * (material.OF_PORTRAIT + material.ON_FACE) + 2 * material.OF_STYLE + 2
    assert len(found.squares) + len(found.faces) == pieces
    assert (found.squares == again.squares).all() and found.key == again.key
    assert found.squares.shape != other.squares.shape or (found.squares != other.squares).any()
    assert 150 < found.maps.max() <= 201
    assert (found.maps.mean((1, 2)) > 0.03 * PERCENT).all()


@pytest.mark.parametrize("name", ["astronaut", "grace_hopper"])
def test_the_packages_portraits_are_the_samples_with_maps_of_their_faces(name: str, samples: Path) -> None:
    kept = resources.models_folder() / "instant" / f"portrait_{name}.jpg"
    photo, small = imaging.load(samples / f"{name}.jpg"), imaging.load(kept)
    there = imaging.resize(photo.rgb, small.size)
    assert np.abs(small.rgb.astype(int) - there).mean() < 4
    percent = imaging.load(kept.with_suffix(".png")).rgb[..., 0].astype(np.float32)
    own = imaging.resize_mask(face_map(photo.size, segmentation.faces(photo)) / np.float32(2), small.size) * 2 * PERCENT
    assert np.abs(percent - own).mean() < 1


def test_scenes_differ_and_are_textured() -> None:
    found = scenes(3, 64, np.random.default_rng(0))
    assert found.shape == (3, 64, 64, 3) and found.dtype == np.uint8
    assert (found[0] != found[1]).any()
    assert (found.std((1, 2)) > 5).all()


def test_a_folder_is_learned_on_with_the_faces_in_it_and_what_cannot_be_read_is_left_out(
    tmp_path: Path, samples: Path
) -> None:
    deeper = tmp_path / "deeper"
    deeper.mkdir()
    shutil.copy(samples / "astronaut.jpg", deeper / "a.jpg")
    (tmp_path / "b.png").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("none either")
    found = folder_material(tmp_path)
    plain = len(found.squares) + len(found.faces) - 4 * material.ON_FACE
    assert plain == material.MOST + material.MOST // 4
    assert found.notes[0].startswith("learning on 1 of the 2 photographs")
    assert "b.png" in found.notes[1] and len(found.notes) == 2
    assert found.key != package_material.__name__ and found.key == folder_material(tmp_path, patience=0).key


def test_of_many_photographs_a_few_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for index in range(12):
        Image.fromarray(np.full((40, 30, 3), 20 * index, np.uint8)).save(tmp_path / f"{index}.png")
    monkeypatch.setattr(segmentation, "faces", lambda photo: [])
    monkeypatch.setattr(material, "SQUARES", 6)
    read = folder_material(tmp_path)
    assert len(read.notes) == 1 and read.notes[0].startswith("learning on 3 of the 12")
    monkeypatch.setattr(material, "SQUARES", 400)
    hasty = folder_material(tmp_path, patience=0)
    assert hasty.notes[0].startswith("learning on 1 of the 12")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (None, "is not there"),
        ([], "holds no photographs"),
        ([("a.jpg", b"nothing")], "None of the 1 photographs"),
    ],
)
def test_a_folder_without_photographs_is_told_of_in_a_line(
    tmp_path: Path, files: list[tuple[str, bytes]] | None, message: str
) -> None:
    folder = tmp_path / "photos"
    if files is not None:
        folder.mkdir()
    for name, data in files or []:
        (folder / name).write_bytes(data)
    with pytest.raises(InputError, match=message):
        folder_material(folder)
