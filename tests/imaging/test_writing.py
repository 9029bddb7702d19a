"""Saving: whole or not at all, never over what should stay."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from portrait_nst.errors import InputError, ResourceError
from portrait_nst.imaging import atomic, check_output, encode, load, save
from portrait_nst.types import Photo
from tests.imaging.files import picture

SUFFIXES = [".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"]


def names(folder: Path) -> list[str]:
    """What lies in a folder, temporary files too."""
    return sorted(item.name for item in folder.iterdir())


def both_refuse(path: Path, message: str, **options: Any) -> None:
    """check_output beforehand and save at the end say the same, and leave nothing behind."""
    before = names(path.parent) if path.parent.is_dir() else None
    with pytest.raises(InputError, match=message):
        check_output(path, **options)
    with pytest.raises(InputError, match=message):
        save(Photo(picture()), path, **options)
    assert before is None or names(path.parent) == before


@pytest.mark.parametrize(
    ("suffix", "tolerance"), [(".jpg", 8), (".JPEG", 8), (".png", 0), (".webp", 12), (".tif", 0), (".TIFF", 0)]
)
def test_round_trip(tmp_path: Path, suffix: str, tolerance: int) -> None:
    path = save(Photo(picture()), tmp_path / f"out{suffix}")
    assert path == tmp_path / f"out{suffix}"
    assert np.abs(load(path).rgb.astype(int) - picture()).max() <= tolerance
    assert names(tmp_path) == [path.name]  # no temporary file stays


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
def test_alpha_round_trip(tmp_path: Path, suffix: str) -> None:
    rgba = picture(channels=4)
    photo = load(save(Photo(rgba[..., :3].copy(), rgba[..., 3].copy()), tmp_path / f"out{suffix}"))
    assert photo.alpha is not None and np.array_equal(photo.alpha, rgba[..., 3])
    assert np.abs(photo.rgb.astype(int) - rgba[..., :3]).max() <= (12 if suffix == ".webp" else 0)


def test_png_and_tiff_keep_every_byte_of_noise(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (70, 90, 3), np.uint8)
    for suffix in (".png", ".tif"):
        assert np.array_equal(load(save(Photo(noise), tmp_path / f"n{suffix}")).rgb, noise)


def test_jpeg_keeps_the_full_colour_resolution(tmp_path: Path) -> None:
    path = save(Photo(picture()), tmp_path / "a.jpg")
    with Image.open(path) as image:
        assert isinstance(image, JpegImageFile)
        assert [component[1:3] for component in image.layer] == [(1, 1)] * 3
    assert len(encode(Photo(picture()), ".jpg", quality=30)) < len(encode(Photo(picture()), ".jpg"))


def test_unknown_suffixes(tmp_path: Path) -> None:
    for name in ("out.xyz", "out", "out.gif", ".png"):
        both_refuse(tmp_path / name, r"\.jpg \.jpeg \.png \.webp \.tif \.tiff")


def test_existing_output(tmp_path: Path) -> None:
    path = tmp_path / "out.png"
    path.write_bytes(b"precious")
    both_refuse(path, "exists already; use --force")
    assert path.read_bytes() == b"precious"
    check_output(path, overwrite=True)
    assert path.read_bytes() == b"precious"
    save(Photo(picture()), path, overwrite=True)
    assert np.array_equal(load(path).rgb, picture())


def test_missing_folder(tmp_path: Path) -> None:
    both_refuse(tmp_path / "none" / "out.png", "folder .*none does not exist")
    (tmp_path / "file").touch()
    both_refuse(tmp_path / "file" / "out.png", "file")


def test_a_file_as_the_folder(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"precious")
    both_refuse(tmp_path / "photo.jpg" / "out.png", r"photo\.jpg is not a folder but a file; choose another folder")


def test_folder_as_output(tmp_path: Path) -> None:
    (tmp_path / "out.png").mkdir()
    both_refuse(tmp_path / "out.png", "is a folder", overwrite=True)


def test_a_pipe_as_output(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "out.png")
    both_refuse(tmp_path / "out.png", "pipe", overwrite=True)


def test_unusable_names(tmp_path: Path) -> None:
    both_refuse(tmp_path / ("x" * 300 + ".png"), "no usable file name")
    both_refuse(tmp_path / "a\0b.png", "no usable file name")


def test_a_long_but_valid_name(tmp_path: Path) -> None:
    assert save(Photo(picture()), tmp_path / ("x" * 250 + ".png")).exists()


def test_unwritable_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def refuse(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, flags, *rest, **options)

    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):  # root writes everywhere
        monkeypatch.setattr(os, "open", refuse)
    both_refuse(folder / "out.png", "may not be written")


def test_inputs_are_never_overwritten(tmp_path: Path) -> None:
    path = save(Photo(picture()), tmp_path / "in.png")
    (tmp_path / "link.png").symlink_to(path)
    os.link(path, tmp_path / "hard.png")
    for name in ("in.png", "link.png", "hard.png", "../" + tmp_path.name + "/in.png"):
        with pytest.raises(InputError, match="one of the inputs"):
            check_output(tmp_path / name, overwrite=True, inputs=[tmp_path / "missing.png", str(path)])
    assert check_output(tmp_path / "other.png", inputs=[path]) == tmp_path / "other.png"
    assert not (tmp_path / "other.png").exists()


def test_jpeg_holds_no_alpha(tmp_path: Path) -> None:
    photo = Photo(picture(), np.zeros((40, 50), np.uint8))
    with pytest.raises(InputError, match=r"use \.png"):
        check_output(tmp_path / "a.jpg", alpha=True)
    with pytest.raises(InputError, match=r"use \.png"):
        save(photo, tmp_path / "a.jpg")
    assert not names(tmp_path)


def test_formats_have_limits(tmp_path: Path) -> None:
    for name, side in (("a.webp", 16384), ("a.jpg", 65501)):
        with pytest.raises(InputError, match=rf"{side - 1} pixels a side.*use \.png"):
            check_output(tmp_path / name, size=(20, side))
        with pytest.raises(InputError, match=r"use \.png"):
            save(Photo(np.zeros((1, side, 3), np.uint8)), tmp_path / name)
        check_output(tmp_path / name, size=(20, side - 1))


@pytest.mark.parametrize("quality", [0, 101])
def test_quality_is_checked(quality: int) -> None:
    with pytest.raises(InputError, match="quality"):
        encode(Photo(picture()), ".jpg", quality=quality)


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("call", ["fsync", "write"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_full_or_failing_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool, call: str, number: int
) -> None:
    path = tmp_path / "out.png"
    if overwrite:
        path.write_bytes(b"precious")

    def fail(*_: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    if call == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        real = os.fdopen

        def fdopen(*arguments: Any) -> object:
            file = real(*arguments)

            class Full:
                write = staticmethod(fail)
                __enter__ = staticmethod(lambda: Full)
                __exit__ = staticmethod(lambda *_: file.close())

            return Full()

        monkeypatch.setattr(os, "fdopen", fdopen)
    with pytest.raises(ResourceError, match="could not be written" if number == errno.EIO else "disk is full"):
        save(Photo(picture()), path, overwrite=overwrite)
    assert names(tmp_path) == (["out.png"] if overwrite else [])
    assert not overwrite or path.read_bytes() == b"precious"


def test_interrupted_while_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(Photo(picture()), tmp_path / "out.png")
    assert not names(tmp_path)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
@pytest.mark.parametrize("moment", ["os.fsync", "os.link"])
def test_killed_midway_leaves_no_file_of_that_name(tmp_path: Path, moment: str) -> None:
    code = (
        "import os, signal, sys, numpy\n"
        f"{moment} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from portrait_nst.imaging import save\n"
        "from portrait_nst.types import Photo\n"
        "save(Photo(numpy.zeros((20, 20, 3), 'u1')), sys.argv[1])\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "out.png")], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert [name.endswith(".tmp") for name in names(tmp_path)] == [True]
    assert not (tmp_path / "out.png").exists()


def test_a_file_that_appeared_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.png"
    real = os.fsync

    def someone_else_is_faster(handle: int) -> None:
        path.write_bytes(b"precious")
        real(handle)

    monkeypatch.setattr(os, "fsync", someone_else_is_faster)
    with pytest.raises(InputError, match="exists already"):
        save(Photo(picture()), path)
    assert path.read_bytes() == b"precious" and names(tmp_path) == ["out.png"]


def test_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> NoReturn:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    path = save(Photo(picture()), tmp_path / "out.png")
    assert np.array_equal(load(path).rgb, picture()) and names(tmp_path) == ["out.png"]
    with pytest.raises(InputError, match="exists already"):
        atomic.write_atomic(path, b"x", overwrite=False)
    assert np.array_equal(load(path).rgb, picture()) and names(tmp_path) == ["out.png"]


@pytest.mark.skipif(os.name == "nt", reason="no umask there")
def test_permissions_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        path = save(Photo(picture()), tmp_path / "out.png")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "target.png"
    target.write_bytes(b"old")
    link = tmp_path / "link.png"
    link.symlink_to(target)
    save(Photo(picture()), link, overwrite=True)
    assert link.is_symlink() and np.array_equal(load(target).rgb, picture())


def test_importing_the_room_is_light() -> None:
    code = "import sys, portrait_nst.imaging; print([m for m in ('cv2', 'PIL', 'torch') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
