"""Styles by name in a batch: as the style, in rows and mixtures, and what the manifest keeps of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from portrait_nst import InputError, imaging, pipeline, resources
from portrait_nst.batch import Options, Order, check, opened, plan, storage
from portrait_nst.batch.manifest.digests import named_by
from portrait_nst.batch.planning import planner
from portrait_nst.batch.planning.jobs import styles_in
from portrait_nst.batch.workers.worker import PaintWorker
from portrait_nst.settings import Settings
from tests.batch.fake_stores import Here, empty_memory, put
from tests.batch.fake_workers import photos


@pytest.fixture
def here(tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a folder of one photo."""
    folder = tmp_path / "here"
    photos(folder, ["in/a.png"], 64)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PORTRAIT_NST_HOME", str(tmp_path / "home"))
    return folder


def test_a_name_is_a_style_where_no_file_has_it(here: Path, library: Path) -> None:
    assert styles_in("Blue-Dots") == [Path("blue_dots")]
    assert storage.style_picture(Path("blue_dots")) == library / "blue_dots.png"
    job = next(plan(Order(["in"], ["Blue-Dots"]), here / "out"))
    assert (job.main_style, str(job.output), job.error) == (Path("blue_dots"), "a-blue_dots.png", "")
    (here / "blue_dots").write_bytes((library / "red.png").read_bytes())
    assert styles_in("blue_dots") == [here / "blue_dots"]
    assert next(plan(Order(["in"], ["blue_dots"]), here / "out")).main_style == here / "blue_dots"


def test_a_folder_of_that_name_goes_first_unless_it_is_the_output(here: Path) -> None:
    """The first run makes it, and the same command must do the same again."""
    photos(here, ["red/one.png", "red/two.png"])
    assert styles_in("red") == [Path("red/one.png"), Path("red/two.png")]
    assert styles_in("red", "out") == [Path("red/one.png"), Path("red/two.png")]
    assert styles_in("red", "red") == styles_in("red", here / "red") == [Path("red")]
    assert next(plan(Order(["in"], ["red"]), here / "red")).main_style == Path("red")
    photos(here, ["rod/one.png"])
    assert styles_in("rod", "rod") == [Path("rod/one.png")]


def test_rows_and_mixtures_take_names(here: Path, library: Path) -> None:
    (here / "jobs.csv").write_text(
        "photo,style,blend,labels,region-style\na.jpg,RED,blue-dots:0.5;red.png,,\nb.jpg,,,m.png,0=Red;1=x/red\n"
        "c.jpg,rod,,,\nd.jpg,red,rod,,\n"
    )
    first, second, third, fourth = plan(Order([], [], here / "jobs.csv"), here / "out")
    assert first.style and second.style
    assert (first.main_style, str(first.output)) == (Path("red"), "a-red+blue_dots+red.png")
    assert first.style.blend == (("red", 1.0), ("blue_dots", 0.5), (str(here / "red.png"), 1.0))
    assert second.style.regions == (("0", "red", 1.0), ("1", str(here / "x" / "red"), 1.0))
    for job in (third, fourth):
        assert "no style 'rod'" in job.error and "Did you mean red?" in job.error
    (here / "RED").write_bytes(b"a file of that name")
    again = next(plan(Order([], [], here / "jobs.csv"), here / "out"))
    assert again.main_style == here / "RED"


def test_a_name_in_rows_from_a_store(library: Path, tmp_path: Path) -> None:
    memory = empty_memory()
    assert storage.resolve_style(storage.locate("memory://bucket/jobs"), "Red") == Path("red")
    put(memory, [library / "red.png"], library, "/bucket/jobs")
    memory.mv("/bucket/jobs/red.png", "/bucket/jobs/red")
    assert str(storage.resolve_style(storage.locate("memory://bucket/jobs"), "red")) == "memory://bucket/jobs/red"
    empty_memory()


def test_what_every_picture_would_fail_with_is_refused_at_once(here: Path) -> None:
    check(Order(["in"], ["Red"], settings=Settings(coarse_style="blue-dots")), "out")
    with pytest.raises(InputError, match="Did you mean red"):
        check(Order(["in"], ["rod"]), "out")
    with pytest.raises(InputError, match="--coarse-style rod is no file"):
        check(Order(["in"], ["red"], settings=Settings(coarse_style="rod")), "out")
    with pytest.raises(InputError, match="--weights red is no file"):
        check(Order(["in"], ["red"], settings=Settings(weights="red")), "out")


def test_it_is_painted_as_one_by_one_and_again_when_the_package_has_another_picture(
    here: Path, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small: dict[str, Any] = {
        "size": 64,
        "iterations": 1,
        "scales": (1.0,),
        "threads": torch.get_num_threads(),
        "device": "cpu",
    }
    Image.linear_gradient("L").resize((64, 64)).save("mask.png")
    row = {"photo": "in/a.png", "style": "red", "blend": ["blue-dots:0.5"], "mask": "mask.png"}
    Path("jobs.jsonl").write_text(json.dumps(row))

    def made(background: str) -> list[str]:
        planner._files.cache_clear()  # in another process it would be empty
        order = Order([], [], "jobs.jsonl", settings=Settings(background=background, **small))
        with opened(order, "out") as session:
            session.plan()
            done = list(session.paint(Here(PaintWorker)))
            assert not any(one.error for one in done), done
            return [str(one.output) for one in done]

    assert made("Red") == ["out/a-red+blue_dots.png"] and made("Red") == []
    single = pipeline.stylize("in/a.png", ["red", ("blue_dots", 0.5)], mask="mask.png", background="Red", **small)
    assert (imaging.load("out/a-red+blue_dots.png").rgb == single.rgb).all()
    recipe = imaging.read_recipe("out/a-red+blue_dots.png")
    assert recipe["inputs"] == single.recipe["inputs"] and recipe["inputs"]["style 2"]["name"] == "blue_dots"
    moved = library.rename(tmp_path / "another environment")
    monkeypatch.setattr(resources, "styles_folder", lambda: moved)
    assert made("Red") == []
    for name in ("red", "blue_dots"):
        Image.new("RGB", (64, 64), (9, 9, len(name))).save(moved / f"{name}.png")
        assert made("Red") == ["out/a-red+blue_dots.png"] and made("Red") == []


def test_the_pictures_that_settings_name_count_as_files(here: Path, library: Path) -> None:
    red, blue = library / "red.png", library / "blue_dots.png"
    assert named_by(Settings(background="Blue-Dots", coarse_style="red")) == [red, blue]
    assert named_by(Settings(background="blur", weights="red", init="content")) == []


def test_the_picture_of_a_name_is_not_overwritten(here: Path, library: Path) -> None:
    """Neither with --force, though the output folder is the package's own."""
    Path("jobs.jsonl").write_text(json.dumps({"photo": "in/a.png", "style": "red", "output": "red.png"}))
    with opened(Order([], [], "jobs.jsonl"), library, Options(force=True)) as session:
        session.plan()
        assert session.planner.todo == 0 and session.planner.counts["refused"] == 1
