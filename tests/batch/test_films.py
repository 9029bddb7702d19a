"""Films among the pictures of a batch."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from portrait_nst import clips
from portrait_nst.batch import Options, Order, expect, opened, write_page
from portrait_nst.batch.manifest.manifest import Manifest
from portrait_nst.batch.manifest.results import holds_recipe
from portrait_nst.batch.overview import Expected
from portrait_nst.batch.planning.jobs import plan, styles_in
from portrait_nst.settings import Settings
from portrait_nst.video.names import default_output, suffix_for
from portrait_nst.video.still import middle_frame
from tests.batch.fake_workers import Cutting, Filming, photos
from tests.batch.runs import paint, pictures, rows_file
from tests.clips import makers

FRAMES = 30  # at ten a second: three segments


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """A photo and a film in a folder, and a style beside it."""
    photos(tmp_path, ["in/a.png", "style.png"])
    return Order([tmp_path / "in"], [tmp_path / "style.png"], settings=Settings(device="cpu"))


def film(folder: Path, name: str, frames: int = FRAMES) -> Path:
    return makers.plain_clip(
        folder, "libx264", frames=frames, size=(32, 48), suffix=".mp4", name=name, time_base=Fraction(1, 10)
    )


def test_films_and_pictures_are_painted_and_known_again(order: Order, tmp_path: Path) -> None:
    film(tmp_path / "in", "dance", 4)
    (tmp_path / "in" / "bad.mkv").write_text("no film")
    made, counts = paint(order, tmp_path / "out", worker=Filming)
    assert {name: bool(error) for name, error in made.items()} == {"a.png": False, "dance.mp4": False, "bad.mkv": True}
    assert "bad.mkv is no clip" in made["bad.mkv"] and "\n" not in made["bad.mkv"]
    assert counts == {"new": 3}
    assert sorted(pictures(tmp_path / "out")) == ["a-style.png", "dance-style.mp4", "frames.log"]
    assert clips.probe(tmp_path / "out" / "dance-style.mp4").frames == 4
    assert paint(order, tmp_path / "out", worker=Filming)[1] == {"done": 2, "failed": 1}
    assert holds_recipe(tmp_path / "out" / "dance-style.mp4") and not holds_recipe(tmp_path / "in" / "dance.mp4")
    with Manifest.read(tmp_path / "out") as manifest:
        write_page(manifest, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text().count("data:image") == 2  # the film's middle, too


def test_a_worker_that_dies_in_a_film_goes_on_there(order: Order, tmp_path: Path) -> None:
    film(tmp_path / "in", "accident")
    made, _ = paint(order, tmp_path / "out", Options(workers=1), Filming)
    assert made == {"a.png": "", "accident.mp4": ""}
    painted = Counter((tmp_path / "out" / "frames.log").read_text().split())
    assert set(painted) == {str(number) for number in range(FRAMES)}
    assert {int(number) for number, times in painted.items() if times > 1} == set(range(10, 14))
    assert not list((tmp_path / "out").glob(".*.parts"))


@pytest.mark.parametrize("name", ["dance", "accident"])  # with the second a worker dies in its second shot
def test_shots_go_to_several_workers_and_the_film_is_the_same(order: Order, tmp_path: Path, name: str) -> None:
    film(tmp_path, name)
    rows = rows_file(tmp_path, {"photo": f"{name}.mp4", "style": "style.png", "output": "out.apng"})  # lossless
    order = Order(rows=rows, settings=order.settings)
    assert paint(order, tmp_path / "out", Options(workers=2), Cutting)[0] == {f"{name}.mp4": ""}
    lines = [line.split() for line in (tmp_path / "out" / "pieces.log").read_text().splitlines()]
    assert lines[0][0] == "-1" and lines[-1][0] == "None"
    assert {piece for piece, _ in lines} == {"-1", "0", "1", "2", "None"}
    assert len({process for piece, process in lines if piece in "012"}) >= 2
    painted = Counter((tmp_path / "out" / "frames.log").read_text().split())
    assert set(painted) == {str(number) for number in range(FRAMES)}
    twice = {int(number) for number, times in painted.items() if times > 1}
    assert twice <= ({*range(10, 14)} if name == "accident" else set())
    assert not list((tmp_path / "out").glob(".*.parts"))
    paint(order, tmp_path / "alone", Options(workers=1), Cutting)
    assert (tmp_path / "alone" / "pieces.log").read_text().split()[0] == "None"
    both = [tmp_path / folder / "out.apng" for folder in ("out", "alone")]
    assert len({tuple(frame.rgb.tobytes() for frame in clips.read(path)) for path in both}) == 1


def test_a_film_in_which_one_person_is_followed_stays_with_one_worker(order: Order, tmp_path: Path) -> None:
    film(tmp_path / "in", "dance")
    followed = replace(order, settings=order.settings.replace(person="largest"))
    paint(followed, tmp_path / "out", Options(workers=2), Cutting)
    assert [line.split()[0] for line in (tmp_path / "out" / "pieces.log").read_text().splitlines()] == ["None"]


def test_a_film_that_cannot_be_read_fails_once(order: Order, tmp_path: Path) -> None:
    (tmp_path / "in" / "bad.mkv").write_text("no film")
    made, _ = paint(order, tmp_path / "out", Options(workers=2), Cutting)
    assert made["a.png"] == "" and "bad.mkv is no clip" in made["bad.mkv"]
    assert not list((tmp_path / "out").glob(".*.parts"))


def test_a_forecast_counts_films_and_their_frames(order: Order, tmp_path: Path) -> None:
    film(tmp_path / "in", "dance")
    film(tmp_path / "in", "walk", 12)
    expected = forecast(order, tmp_path / "out")
    assert (expected.pictures, expected.films, expected.frames, expected.known) == (1, 2, 42, False)
    assert "1 picture and 2 films of 42 frames in about" in expected.in_words() and "a guess" in expected.in_words()
    paint(order, tmp_path / "out", worker=Filming)
    with Manifest.read(tmp_path / "out") as manifest:
        seconds = manifest.value("SELECT sum(seconds) FROM jobs WHERE scores LIKE '%frames%'")
    (tmp_path / "in" / "a.png").unlink()
    film(tmp_path / "in", "third", 21)
    expected = forecast(order, tmp_path / "out")
    assert (expected.pictures, expected.films, expected.frames, expected.known) == (0, 1, 21, True)
    assert expected.seconds == pytest.approx(seconds / 42 * 21)
    assert expected.in_words().startswith("1 film of 21 frames in about ")


def forecast(order: Order, out: Path) -> Expected:
    with opened(order, out, Options(workers=1)) as session:
        session.plan()
        return expect(session)


def test_a_film_is_no_style_and_a_mask_is_none_of_a_film(order: Order, tmp_path: Path) -> None:
    film(tmp_path / "in", "dance", 4)
    assert [style.name for style in styles_in(tmp_path / "in")] == ["a.png"]
    rows = rows_file(tmp_path, {"photo": "in/dance.mp4", "style": "style.png", "mask": "in/a.png"})
    made, _ = paint(Order(rows=rows, settings=order.settings), tmp_path / "out", worker=Filming)
    assert "is a film, and a mask is that of one picture" in made["dance.mp4"]


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({}, "dance-style.mp4"),
        ({"output": "x.webm"}, "x.webm"),
        ({"output": "x.png"}, "must end in one of .mp4"),
        ({"background": "transparent"}, "dance-style.mov"),
    ],
)
def test_rows_name_the_outputs_of_films(order: Order, tmp_path: Path, values: dict[str, str], wanted: str) -> None:
    rows = rows_file(tmp_path, {"photo": "dance.mp4", "style": "style.png", **values})
    (job,) = plan(Order(rows=rows, settings=order.settings), tmp_path / "out")
    assert wanted in (job.error or str(job.output))


def test_names_of_painted_clips() -> None:
    assert default_output(Path("sub/dance.AVI"), "starry") == Path("dance-starry.mp4")
    assert [suffix_for(name) for name in ("a.MOV", "a.webm", "a.gif", "a")] == [".mov", ".webm", ".gif", ".mp4"]
    assert [suffix_for(name, transparent=True) for name in ("a.mp4", "a.webm", "a.gif")] == [".mov", ".webm", ".gif"]


def test_the_middle_frame_stands_for_a_clip(tmp_path: Path) -> None:
    assert makers.number_of(middle_frame(makers.plain_clip(tmp_path, frames=9))) in (4, 5)
    assert makers.number_of(middle_frame(makers.plain_clip(tmp_path, frames=1, name="one"))) == 0
