"""The whole way of a batch, of pop art and of a film: a real server, a real desk and a real painter; nothing stands in."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import av
import numpy as np
import pytest
from PIL import Image

from portrait_nst import imaging
from tests.studio.browser.conftest import ROOT, Page, bring
from tests.studio.browser.walking import PAINTED, downloaded, go, quality, wall

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight frames of the astronaut, who moves, 96 by 96 px."""
    path = tmp_path_factory.mktemp("clips") / "walk.mp4"
    with Image.open(ROOT / "samples" / "astronaut.jpg") as image:
        whole = image.convert("RGB").resize((128, 128), Image.Resampling.LANCZOS)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("h264", rate=Fraction(8))
        stream.width = stream.height = 96
        stream.pix_fmt = "yuv420p"
        for number in range(8):
            pixels = np.asarray(whole.crop((8 + number, 0, 104 + number, 96)))
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def test_two_photos_as_a_batch_to_the_zip(open_page: Callable[..., Page], tmp_path: Path) -> None:
    page = open_page("desktop")
    wall(page).get_by_role("radio", name="Woodcut").check()
    quality(page, "Instant")
    go(page, "Many & films")
    files = [tmp_path / "Anna.png", tmp_path / "Bert.png"]
    for file, sample in zip(files, ("astronaut", "grace_hopper"), strict=True):
        with Image.open(ROOT / "samples" / f"{sample}.jpg") as image:
            image.convert("RGB").resize((200, 200), Image.Resampling.LANCZOS).save(file)
    page.get_by_label("Photo files").set_input_files(files)
    page.get_by_role("button", name="Paint 2 photos").click(timeout=PAINTED)
    batch = page.get_by_role("region").filter(has=page.get_by_role("list", name="Pictures of the batch")).last
    batch.get_by_text("2 done").wait_for(timeout=PAINTED)
    with zipfile.ZipFile(downloaded(page, batch.get_by_role("link", name=re.compile("as ZIP$")), tmp_path)) as archive:
        assert archive.testzip() is None
        names = [name for name in archive.namelist() if name.endswith(".png")]
        assert len(names) == 2 and {name.split("/")[-1][:4] for name in names} == {"Anna", "Bert"}
        archive.extract(names[0], tmp_path)
    recipe = imaging.read_recipe(tmp_path / names[0])
    assert recipe["settings"]["quality"] == "instant" and recipe["inputs"]["photo"]["file"] in ("Anna.png", "Bert.png")
    batch.get_by_role("link", name=re.compile("^Anna")).click()
    page.get_by_role("region", name="About the picture").wait_for()


def test_pop_art_from_a_photo_to_drawing_sheet_and_history(
    open_page: Callable[..., Page], portrait: Path, tmp_path: Path
) -> None:
    page = open_page("desktop", "#popart")
    bring(page, portrait)
    seen = page.get_by_role("img", name=re.compile(r"^Pop art of grace\.jpg · \d+ segments"))
    seen.wait_for(timeout=PAINTED)
    with page.expect_response("**/api/popart"):
        page.get_by_role("radio", name="Dots").check()
    page.get_by_text("Change single colours").click()
    with page.expect_response("**/api/popart") as answer:
        page.get_by_role("textbox", name="Colour 2, as hexadecimal digits").fill("#0a8f5a")
    made = answer.value.json()
    assert made["colours"][1].lower() == "#0a8f5a"
    files = page.get_by_role("region", name="Downloads")
    page.wait_for_function(
        "([links, id]) => links.some((link) => link.href.includes(id))",
        arg=[[one.element_handle() for one in files.get_by_role("link").all()], made["id"]],
    )
    drawing = downloaded(page, files.get_by_role("link", name="SVG"), tmp_path)
    assert drawing.name == "grace pop art.svg"
    root = ElementTree.parse(drawing).getroot()
    assert root.tag == f"{SVG}svg" and root.find(f".//{SVG}script") is None
    assert not [name for one in root.iter() for name in one.attrib if name.lower().startswith("on")]
    assert "#0a8f5a" in drawing.read_text().lower()
    sheet = downloaded(page, files.get_by_role("link", name="Painting sheet"), tmp_path)
    assert sheet.read_bytes().startswith(b"%PDF-") and sheet.name == "grace painting sheet A4.pdf"
    page.get_by_role("button", name="Keep in history").click()
    page.get_by_role("button", name="Show", exact=True).click()
    about = page.get_by_role("region", name="About the picture")
    about.get_by_role("link", name="SVG").wait_for(timeout=PAINTED)
    assert "#0a8f5a" in downloaded(page, about.get_by_role("link", name="SVG"), tmp_path).read_text().lower()


def test_film_from_a_clip_to_the_video(open_page: Callable[..., Page], clip: Path, tmp_path: Path) -> None:
    page = open_page("desktop")
    wall(page).get_by_role("radio", name="Oil").check()
    go(page, "Many & films")
    page.get_by_role("link", name="A film").click()
    page.get_by_label("Clip file").set_input_files(clip)
    page.get_by_role("img", name="Middle frame of walk.mp4").wait_for(timeout=PAINTED)
    page.get_by_text(re.compile(r"^It will take about ")).wait_for(timeout=PAINTED)
    page.get_by_role("button", name="Make the film").click()
    film = page.get_by_role("region", name="The film")
    link = film.get_by_role("link", name="Download MP4")
    link.wait_for(timeout=PAINTED)
    file = downloaded(page, link, tmp_path)
    with av.open(str(file)) as result, av.open(str(clip)) as source:
        painted, frames = (
            [one.to_ndarray(format="rgb24") for one in each.decode(video=0)] for each in (result, source)
        )
    assert len(painted) == 8 and painted[0].shape == (96, 96, 3)
    assert np.abs(painted[4].astype(float) - frames[4]).mean() > 2
