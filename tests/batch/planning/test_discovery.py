"""Which pictures are found in folders, by patterns, and in stores."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from portrait_nst.batch.planning.discovery import check_there, find_pictures
from portrait_nst.batch.planning.jobs import Order, jobs_for
from portrait_nst.batch.storage import locate
from portrait_nst.errors import InputError
from portrait_nst.imaging.formats import FORMATS, READABLE_SUFFIXES
from tests.batch.fake_stores import put
from tests.batch.fake_workers import photos


def places(*inputs: object, out: Path | None = None) -> list[str]:
    return [str(found.relative) for found in find_pictures([str(name) for name in inputs], out)]


def test_folders_are_mirrored_and_only_pictures_are_taken(tmp_path: Path) -> None:
    photos(tmp_path, ["b.png", "a.JPG", "sub/deep/c.webp", "sub/a.jpg", ".hidden/d.png", "._a.jpg"])
    (tmp_path / "notes.txt").write_text("no picture")
    assert places(tmp_path) == ["a.JPG", "b.png", "sub/a.jpg", "sub/deep/c.webp"]
    assert places(tmp_path / "b.png", tmp_path / "notes.txt") == ["b.png", "notes.txt"]  # what is named is meant


def test_several_folders_keep_their_names_and_the_output_folder_is_left_out(tmp_path: Path) -> None:
    photos(tmp_path, ["2019/a.png", "2020/a.png", "2020/out/b.png"])
    assert places(tmp_path / "2019", tmp_path / "2020") == ["2019/a.png", "2020/a.png", "2020/out/b.png"]
    assert places(tmp_path / "2020", out=tmp_path / "2020" / "out") == ["a.png"]
    assert places(tmp_path / "2019", out=tmp_path / "2019") == ["a.png"]


def test_patterns(tmp_path: Path) -> None:
    photos(tmp_path, ["a1.png", "a2.png", "b.png", "x/c1.png", "x/y/c2.png"])
    assert places(tmp_path / "a*.png") == ["a1.png", "a2.png"]
    assert places(tmp_path / "**" / "c*.png") == ["x/c1.png", "x/y/c2.png"]
    assert places(tmp_path / "*") == ["a1.png", "a2.png", "b.png", "x/c1.png", "x/y/c2.png"]
    photos(tmp_path, ["[x].png"])
    assert places(tmp_path / "[x].png") == ["[x].png"]  # a file of that name goes before the pattern
    for nothing in ("none.png", "*.tiff"):
        with pytest.raises(InputError, match=r"does not exist|Nothing matches"):
            places(tmp_path / nothing)


def test_links_in_a_circle_end_and_each_folder_is_walked_once(tmp_path: Path) -> None:
    photos(tmp_path, ["a/one.png", "b/two.png"])
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "b" / "other").symlink_to(tmp_path / "a")
    (tmp_path / "a" / "other").symlink_to(tmp_path / "b")
    (tmp_path / "itself.png").symlink_to("itself.png")
    assert places(tmp_path) == ["itself.png", "a/one.png", "b/two.png"]


def test_a_folder_that_cannot_be_read_is_told_of_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos(tmp_path, ["a/one.png", "b/two.png"])
    real = os.scandir

    def scandir(path: Path) -> object:
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = list(find_pictures([str(tmp_path)]))
    assert [bool(entry.error) for entry in found] == [True, False]
    assert "a cannot be read (Permission denied)" in found[0].error


def test_a_named_folder_that_cannot_be_read(order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def scandir(path: Path) -> object:
        raise PermissionError(13, "Permission denied")

    styles = [*order.styles, *photos(tmp_path, ["other.png"])]
    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(InputError, match=r"The folder .*in cannot be read \(Permission denied\)\."):
        check_there([tmp_path / "in"])
    (job,) = jobs_for(Order([tmp_path / "in"], styles), find_pictures([tmp_path / "in"]))  # not one for each style
    assert "cannot be read" in job.error
    monkeypatch.chdir(tmp_path / "in")
    assert [job.error for job in jobs_for(Order(["."], styles), find_pictures(["."]))]


NAMES = ["b.png", "a.JPG", "sub/deep/c.webp", "sub/a.jpg", ".hidden/d.png", "._a.jpg", "sub/.d/e.png"]


def found_in(where: str, *inputs: str, avoid: str = "") -> list[str]:
    return [
        str(found.relative)
        for found in find_pictures([where + name for name in inputs], locate(where + avoid) if avoid else None)
    ]


@pytest.mark.parametrize("kind", ["local", "file", "memory"])
def test_the_same_is_found_wherever_it_lies(kind: str, memory: Any, tmp_path: Path) -> None:
    files = photos(tmp_path / "2019", NAMES) + photos(tmp_path / "2020", ["a.png", "out/x.png", "notes.txt"])
    put(memory, files, tmp_path, "/root")
    where = {"local": f"{tmp_path}/", "file": f"file://{tmp_path}/", "memory": "memory://root/"}[kind]
    assert sorted(found_in(where, "2019")) == ["a.JPG", "b.png", "sub/a.jpg", "sub/deep/c.webp"]
    both = found_in(where, "2019", "2020", avoid="2020/out")
    assert sorted(both)[:2] == ["2019/a.JPG", "2019/b.png"] and sorted(both)[4:] == ["2020/a.png"]
    assert found_in(where, "2020/out", avoid="2020/out") == ["x.png"]
    assert found_in(where, "2019/b.png", "2020/notes.txt") == ["b.png", "notes.txt"]
    assert sorted(found_in(where, "2019/*")) == ["a.JPG", "b.png", "sub/a.jpg", "sub/deep/c.webp"]
    assert sorted(found_in(where, "2019/**/*.jpg")) == ["sub/a.jpg"]
    for nothing in ("none", "2019/*.gif"):
        with pytest.raises(InputError, match=r"does not exist|Nothing matches"):
            found_in(where, nothing)


def test_keys_that_lead_out_of_the_folder_are_not_followed(memory: Any, tmp_path: Path) -> None:
    for name in ("a.png", "../b.png", "/etc/c.png", "x/../../d.png"):
        memory.store[f"/in/{name}"] = memory.open("/x", "wb")
    for inputs in (["memory://in"], ["memory://in/**"]):
        found = [entry.relative for entry in find_pictures(inputs)]
        assert found and not any(path.is_absolute() or ".." in path.parts for path in found)


def test_what_is_written_can_be_found() -> None:
    assert set(FORMATS) <= READABLE_SUFFIXES
