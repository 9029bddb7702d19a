"""Many photos with one recipe, and films."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.studio.browser.answers import Make, StandIn
from tests.studio.browser.conftest import Page

pytestmark = pytest.mark.slow  # the whole way is walked by the others; here the page alone is tried at length

COUNT = """() => {
  window.most = 0;
  let now = 0;
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (...body) {
    window.most = Math.max(window.most, ++now);
    this.addEventListener("readystatechange", () => { now -= this.readyState === 4; });
    send.apply(this, body);
  };
}"""
"""Keeps in `window.most` how many uploads ever ran side by side."""


@pytest.fixture
def make(open_page: Callable[..., Page], studio_url: str) -> Make:
    """`make("phone")` gives a stand-in whose page is of that size."""
    return lambda size="desktop", **options: StandIn(open_page(size, None, **options), studio_url)


@pytest.fixture
def photos(tmp_path: Path, portrait: Path) -> list[Path]:
    """Four photos, of which the second cannot be read."""
    names = ["a.jpg", "broken.jpg", "c.jpg", "d.jpg"]
    for name in names:
        (tmp_path / name).write_bytes(portrait.read_bytes())
    return [tmp_path / name for name in names]


def _choose_style(page: Page) -> None:
    page.evaluate("""async () => { const { studio } = await import("/static/js/store.js");
      studio.set({ style: [{ style: "impasto", share: 1 }], settings: { strength: 0.8 } }); }""")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_batch_from_files_to_zip(
    make: Make, size: str, photos: list[Path], axe: Callable[[Page], None], allowed: list[str]
) -> None:
    allowed.append("422")
    stand_in = make(size)
    stand_in.refused.add("broken.jpg")
    page = stand_in.go("#many")
    page.get_by_role("heading", name="Many portraits at once").wait_for()
    axe(page)
    page.get_by_label("Photo files").set_input_files(photos)
    page.get_by_role("heading", name="4 photos, 1 not read").wait_for()
    page.get_by_text("broken.jpg is no picture that can be read; bring a JPEG or a PNG.", exact=True).wait_for()
    assert page.get_by_role("button", name="Paint 3 photos").is_disabled(), "there is no style yet"
    assert page.get_by_role("link", name="Choose a style in Paint").get_attribute("href") == "#paint"
    _choose_style(page)
    page.get_by_text("About 1 min 30 s for 3 photos, one after the other.").wait_for()
    assert page.get_by_role("region", name="Recipe", exact=True).get_by_role("definition").all_inner_texts() == [
        "Impasto",
        "0.8",
    ]
    axe(page)
    page.get_by_role("radio", name="The largest person").check()
    page.get_by_role("button", name="Paint 3 photos").click()
    batch = page.get_by_role("region", name="My batch")
    batch.get_by_text("3 waiting").wait_for()
    (body,) = [body for method, path, body in stand_in.asked if path == "/api/batches"]
    assert body["settings"] == {"strength": 0.8, "person": "largest"}
    assert [stand_in.photos[id]["name"] for id in body["photos"]] == ["a.jpg", "c.jpg", "d.jpg"]
    first, second, _ = stand_in.jobs.values()
    first.update(state="done", result=stand_in.job("other")["result"])
    second.update(state="running", progress={"share": 0.5, "seconds_left": None, "preview": 0, "phase": "", "note": ""})
    stand_in.tell(first, second)
    batch.get_by_text("1 done, 1 in work, 1 waiting").wait_for()
    assert batch.get_by_role("progressbar").evaluate("bar => bar.value") == pytest.approx(0.5)
    page.get_by_text("1 of 3 pictures are finished.").wait_for(state="attached")
    assert batch.get_by_role("link", name="All pictures of My batch as ZIP").get_attribute("href").endswith(".zip")
    axe(page)
    batch.get_by_role("button", name="Cancel the rest").click()
    page.get_by_text("The rest of the batch is cancelled.").wait_for(state="attached")
    assert [job["state"] for job in stand_in.jobs.values()][1:3] == ["cancelled", "cancelled"]


def test_three_uploads_at_a_time(make: Make, tmp_path: Path, portrait: Path) -> None:
    stand_in = make()
    page = stand_in.go("#many")
    page.evaluate(COUNT)
    files = []
    for number in range(8):
        files.append(tmp_path / f"{number}.jpg")
        files[-1].write_bytes(portrait.read_bytes())
    (tmp_path / "notes.txt").write_text("no photo")
    page.get_by_label("Photo files").set_input_files([*files, tmp_path / "notes.txt"])
    page.get_by_text("One file is no picture, and was left out.").wait_for()
    page.get_by_text("120 \u00d7 150 px").nth(7).wait_for()
    assert page.evaluate("window.most") == 3


def test_photo_is_removed_and_upload_tried_again(make: Make, photos: list[Path], allowed: list[str]) -> None:
    allowed.append("422")
    stand_in = make()
    stand_in.refused.add("broken.jpg")
    page = stand_in.go("#many")
    page.get_by_label("Photo files").set_input_files(photos)
    page.get_by_role("button", name="Remove a.jpg").click()
    page.get_by_role("heading", name="3 photos, 1 not read").wait_for()
    stand_in.refused.clear()
    page.get_by_role("button", name="Try broken.jpg again").click()
    page.get_by_role("heading", name="3 photos", exact=True).wait_for()


def test_batches_of_before_are_listed(make: Make) -> None:
    stand_in = make("phone")
    stand_in.batches["e" * 16] = {"id": "e" * 16, "title": "The family", "made": 1.7e9}
    stand_in.job("Anna", batch="e" * 16)
    stand_in.job("Bert", "failed", batch="e" * 16)
    page = stand_in.go("#many")
    page.get_by_text("2 photos · 1 done, 1 failed").wait_for()
    page.get_by_role("button", name="Show The family").click()
    page.get_by_role("region", name="The family").get_by_role("link", name="Anna").wait_for()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_film_from_clip_to_video(make: Make, size: str, tmp_path: Path, axe: Callable[[Page], None]) -> None:
    stand_in = make(size)
    page = stand_in.go("#many")
    page.get_by_role("link", name="A film").click()
    page.get_by_role("heading", name="Paint a film").wait_for()
    axe(page)
    (tmp_path / "walk.mp4").write_bytes(b"frames")
    page.get_by_label("Clip file").set_input_files(tmp_path / "walk.mp4")
    page.get_by_role("img", name="Middle frame of walk.mp4").wait_for()
    page.get_by_role("spinbutton", name="Start").fill("2")
    page.get_by_role("spinbutton", name="End").fill("5.5")
    page.get_by_text("3.5 s of 12.4 s").wait_for()
    page.get_by_role("radio", name="WebM").check()
    _choose_style(page)
    page.get_by_text("It will take about 30 s.").wait_for()
    axe(page)
    page.get_by_role("button", name="Make the film").click()
    film = page.get_by_role("region", name="The film")
    film.get_by_text("Waiting").wait_for()
    (job,) = stand_in.jobs.values()
    request = job["request"]
    assert request["video"] == {"format": "webm", "start": 2, "end": 5.5}
    assert (request["kind"], request["settings"]["quality"]) == ("video", "instant")
    result = {
        "width": 120,
        "height": 150,
        "seconds": 9.0,
        "files": ["webm"],
        "likeness": None,
        "interrupted": False,
        "notes": [],
    }
    job.update(state="done", result=result)
    stand_in.tell(job)
    href = film.get_by_role("link", name="Download WEBM").get_attribute("href")
    assert href == f"/api/jobs/{job['id']}/result.webm?download=1"
    assert film.get_by_label("The film", exact=True).count() == 1


def test_ends_of_a_clip_do_not_pass_each_other(make: Make, tmp_path: Path) -> None:
    page = make().go("#many/film")
    (tmp_path / "walk.mp4").write_bytes(b"frames")
    page.get_by_label("Clip file").set_input_files(tmp_path / "walk.mp4")
    page.get_by_role("spinbutton", name="End").fill("3")
    start = page.get_by_role("spinbutton", name="Start")
    start.fill("9")
    start.blur()
    assert float(start.input_value()) == pytest.approx(2.9)


def test_pop_art_film_keeps_frame_and_background(make: Make, tmp_path: Path) -> None:
    stand_in = make()
    page = stand_in.go("#many/film")
    (tmp_path / "walk.mp4").write_bytes(b"frames")
    page.get_by_label("Clip file").set_input_files(tmp_path / "walk.mp4")
    page.evaluate("""async () => { const { studio } = await import("/static/js/store.js");
      studio.set({ popart: { tones: 4, frame: "bust", background: "transparent" } }); }""")
    page.get_by_role("radio", name="Pop art").check()
    page.get_by_role("button", name="Make the film").click()
    page.get_by_text("Waiting").first.wait_for()
    (job,) = stand_in.jobs.values()
    assert (job["request"]["popart"], job["request"].get("style")) == ({"tones": 4}, None)
