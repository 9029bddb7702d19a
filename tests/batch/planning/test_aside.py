"""What is left aside in folders, and that what we made ourselves is not painted again."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from portrait_nst import imaging
from portrait_nst.batch import Options, Order, opened
from portrait_nst.batch.manifest.database import NAME
from portrait_nst.batch.manifest.results import holds_recipe, results_of
from portrait_nst.batch.planning.aside import RESULTS, SPECIAL, Aside
from portrait_nst.batch.planning.discovery import check_there, find_pictures
from portrait_nst.batch.planning.jobs import styles_in
from portrait_nst.cli.main import app
from portrait_nst.errors import InputError
from portrait_nst.imaging.formats import FORMATS, READABLE_SUFFIXES
from portrait_nst.recipe import read_job
from portrait_nst.settings import Settings
from portrait_nst.types import Photo
from portrait_nst.video.names import FILMS
from tests.batch.fake_workers import photos
from tests.batch.runs import paint, paint_into_store, pictures

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no such pipes")


def searched(folder: object) -> tuple[list[str], dict[str, int]]:
    """The names of what is taken below a folder, and the counts of what is not."""
    aside = Aside()
    return sorted(str(found.relative) for found in find_pictures([str(folder)], aside=aside)), dict(aside.counts)


def test_every_suffix_that_is_read_is_taken_and_the_others_are_counted(tmp_path: Path) -> None:
    taken = sorted(
        f"{number}{suffix}" for number, name in enumerate(sorted(READABLE_SUFFIXES | FILMS)) for suffix in (name, name.upper())
    )
    others = [
        "a.CR2",
        "b.cr2",
        "c.txt",
        ".DS_Store",
        "._a.jpg",
        "README",
        "x.Some text. And more",
        "d.nef",
        "Thumbs.db",
    ]
    (tmp_path / "sub").mkdir()
    for name in [*taken, *others, "sub/e.cr2", "sub/.hidden.png"]:
        (tmp_path / name).touch()
    found, counts = searched(tmp_path)
    assert found == taken
    assert counts == {".cr2": 3, ".txt": 1, "hidden": 3, "without a suffix": 2, ".nef": 1, ".db": 1}


def test_the_counts_in_words() -> None:
    aside = Aside()
    assert aside.in_words() == ""
    aside.add_name("a.cr2")
    assert aside.in_words() == "1 file left aside: 1 .cr2 (camera raw)"
    for name in ["b.CR2", "c.txt", "d.dng", ".e"]:
        aside.add_name(name)
    aside.add_result()
    said = "1 .dng (camera raw), 1 .txt, 1 hidden, 1 made by portrait-nst"
    assert aside.in_words() == f"6 files left aside: 2 .cr2 (camera raw), {said}"
    for number in range(20):
        aside.add_name(f"x.{number}")
    assert aside.in_words().endswith(", 17 others") and aside.in_words().startswith("26 files")


def test_names_that_no_terminal_can_show_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"a.\xff\x1b[2J")).touch()
    assert searched(tmp_path) == ([], {"without a suffix": 1})


def test_results_below_the_photos_are_known_by_their_manifest(order: Order, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    before = searched(folder)[0]
    paint(order, folder / "out")
    (folder / "out" / "new.png").write_bytes((folder / before[0]).read_bytes())
    inside = sorted(pictures(folder / "out"))
    as_they_were = {path.name for path in (folder / "out").iterdir()}
    assert len(inside) == len(before) + 1
    assert searched(folder) == (sorted([*before, "out/new.png"]), {RESULTS: len(before)})
    assert {path.name for path in (folder / "out").iterdir()} == as_they_were  # SQLite made no files there
    made, counts = paint(order, tmp_path / "elsewhere")
    assert set(made) == {*(Path(name).name for name in before), "new.png"} and counts == {"new": len(made)}


def test_a_damaged_manifest_hides_nothing(tmp_path: Path) -> None:
    photos(tmp_path, ["a.png"])
    (tmp_path / NAME).write_bytes(b"no database, but long enough to be looked at" * 99)
    assert results_of(tmp_path) == frozenset() and searched(tmp_path) == (["a.png"], {})


def test_results_in_a_store_are_known_too(stored_order: Order, memory: Any) -> None:
    from portrait_nst.batch.storage import Url

    before = searched("memory://in")[0]
    paint_into_store(stored_order, out=Url("memory://in/out"))
    assert searched("memory://in") == (before, {RESULTS: len(before)})


def test_a_result_is_a_style_like_any_other_picture(order: Order, tmp_path: Path) -> None:
    paint(order, tmp_path / "out")
    assert [Path(str(path)).name for path in styles_in(tmp_path / "out")] == [
        Path(n).name for n in sorted(pictures(tmp_path / "out"))
    ]


@pytest.mark.parametrize("suffix", sorted(FORMATS))
def test_results_that_were_moved_are_known_by_their_recipe(suffix: str, order: Order, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    rgb = imaging.load(next(iter(sorted(folder.glob("*.png"))))).rgb
    imaging.save(Photo(rgb), tmp_path / "in" / f"moved{suffix}", recipe={"version": "1", "settings": {}})
    (folder / "words.png").write_bytes(next(iter(sorted(folder.glob("a*.png")))).read_bytes() + b"portrait-nst")
    assert holds_recipe(folder / f"moved{suffix}") and not holds_recipe(folder / "words.png")
    with opened(order, tmp_path / "out", Options(workers=1)) as session:
        session.plan()
        assert dict(session.planner.aside.counts) == {RESULTS: 1}
        names = {Path(os.fsdecode(row["photo"])).name for row in session.manifest.todo()}
    assert f"moved{suffix}" not in names and "words.png" in names


def test_a_result_that_is_named_is_meant(order: Order, tmp_path: Path) -> None:
    result = tmp_path / "moved.png"
    rgb = imaging.load(next(iter(sorted((tmp_path / "in").glob("*.png"))))).rgb
    imaging.save(Photo(rgb), result, recipe={"version": "1", "settings": {}})
    for inputs in ([result], [tmp_path / "mov*.png"]):
        named = Order(inputs, order.styles, settings=order.settings)
        assert paint(named, tmp_path / "out", Options(workers=1, redo=True))[0] == {"moved.png": ""}
    (tmp_path / "only").mkdir()
    result.rename(tmp_path / "only" / "moved.png")
    with pytest.raises(InputError, match=r"1 file left aside: 1 made by portrait-nst\. To paint results again"):
        paint(Order([tmp_path / "only"], order.styles, settings=order.settings), tmp_path / "again")


@pytest.mark.parametrize("name", ["photo", "photo.txt", "photo.dat"])
def test_a_picture_that_is_named_is_read_by_its_contents(name: str, tmp_path: Path) -> None:
    photos(tmp_path, ["a.png", "style.png"])
    (tmp_path / "a.png").rename(tmp_path / name)
    order = Order([tmp_path / name], [tmp_path / "style.png"], settings=Settings(device="cpu"))
    assert paint(order, tmp_path / "out")[0] == {name: ""}
    assert list(pictures(tmp_path / "out")) == ["photo-style.png"]


def test_counts_are_json(tmp_path: Path) -> None:
    (tmp_path / "a.cr2").touch()
    assert json.dumps(searched(tmp_path)[1]) == '{".cr2": 1}'


@needs_pipes
def test_pipes_and_sockets_with_the_name_of_a_picture_are_counted_and_not_waited_for(
    order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "in"
    photos_there = searched(folder)[0]
    os.mkfifo(folder / "pipe.jpg")
    (folder / "link.png").symlink_to("pipe.jpg")
    monkeypatch.chdir(folder)  # the path of a socket is at most 100 letters long
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.png")
    os.mkfifo(folder / "sub" / NAME)  # no manifest to read results from
    assert searched(folder) == (photos_there, {SPECIAL: 3})
    assert searched(folder / "[lps]*.[jp]*g") == ([], {SPECIAL: 3})
    assert [found.relative for found in find_pictures([folder / "*.jpg"])] == []
    assert not holds_recipe(folder / "pipe.jpg") and results_of(folder / "sub") == frozenset()
    assert paint(order, tmp_path / "out")[1] == {"new": len(photos_there)}
    for named, kind in (("pipe.jpg", "pipe"), ("link.png", "pipe"), ("socket.png", "socket"), ("/dev/null", "device")):
        with pytest.raises(InputError, match=f"{named} is a {kind}; a batch needs picture files"):
            check_there([folder / named])
        with pytest.raises(InputError, match=f"{named} is a {kind}"):
            list(find_pictures([folder / named]))


def test_a_link_to_nothing_is_a_picture_that_fails(tmp_path: Path) -> None:
    (tmp_path / "gone.png").symlink_to("nothing")
    assert searched(tmp_path) == (["gone.png"], {})


@pytest.mark.parametrize("end", ["mask", "overlay"])
def test_a_mask_of_ours_is_no_photo_unless_it_is_written_without_its_mark(
    end: str, order: Order, tmp_path: Path, small_portrait: Path
) -> None:
    folder = tmp_path / "masks"
    folder.mkdir()
    more = ["--overlay"] if end == "overlay" else []
    for name, how in (("a.png", more), ("b.jpg", more), ("c.png", [*more, "--no-recipe"])):
        assert CliRunner().invoke(app, ["mask", str(small_portrait), "-o", str(folder / name), *how]).exit_code == 0
    assert imaging.read_recipe(folder / "a.png") == {"command": "mask"}
    masks = Order([folder], order.styles, settings=order.settings)
    with opened(masks, tmp_path / "out", Options(workers=1)) as session:
        session.plan()
        assert dict(session.planner.aside.counts) == {RESULTS: 2}
        assert [Path(str(row["photo"])).name for row in session.manifest.todo()] == ["c.png"]
    with pytest.raises(
        InputError, match="was made by 'mask', which is not made again by rerun; give that command again"
    ):
        read_job(folder / "b.jpg")
