"""Contact sheets and pages: places, captions, escaping, pictures inside."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from portrait_nst import InputError
from portrait_nst.report import Run, Tile, contact_sheet, write_page
from portrait_nst.report.overview import _tile
from portrait_nst.report.runs import scores_of
from portrait_nst.report.sheet import _font, _wrap, draw_sheet
from portrait_nst.types import Likeness, Photo
from tests.report.conftest import gradient, made_up_trace

RED, GREEN, BLUE = (np.full((60, 80, 3), colour, np.uint8) for colour in ([250, 0, 0], [0, 250, 0], [0, 0, 250]))


def middles(sheet: Image.Image, colour: np.ndarray) -> tuple[float, float]:
    y, x = np.nonzero((np.asarray(sheet).astype(int) - colour[0, 0] == 0).all(2))
    return float(x.mean()), float(y.mean())


def test_photo_and_style_come_first_and_runs_follow_in_rows() -> None:
    tiles = [Tile(BLUE, "one"), Tile(np.full((60, 80, 3), [9, 99, 199], np.uint8), "two")]
    leading = [Tile(RED, "photo"), Tile(GREEN, "style")]
    sheet = draw_sheet(tiles, leading=leading, columns=2, tile=100)
    photo, style, one = middles(sheet, RED), middles(sheet, GREEN), middles(sheet, BLUE)
    assert photo[1] == style[1] < one[1] and photo[0] == one[0] < style[0]
    flowing = draw_sheet(tiles, leading=leading, tile=100)
    assert middles(flowing, RED)[1] == middles(flowing, GREEN)[1] == middles(flowing, BLUE)[1]


def test_captions_are_as_wide_as_their_pictures() -> None:
    draw, font = ImageDraw.Draw(Image.new("RGB", (1, 1))), _font(18)
    text = "content-layer=relu1_1+relu2_1+relu3_1+relu3_4 and a rather long remark in words, Größe über 30 µm"
    lines = _wrap(draw, text, font, 150, most=99)
    assert all(0 < draw.textlength(line, font=font) <= 150 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    cut = _wrap(draw, text, font, 150, most=2)
    assert len(cut) == 2 and cut[1].endswith("…") and draw.textlength(cut[1], font=font) <= 150
    assert _wrap(draw, "a\n\nb", font, 150) == ["a", "b"]


def test_sheets_of_strange_shapes(tmp_path: Path) -> None:
    strange = [Tile(np.zeros((3000, 20, 3), np.uint8), "high"), Tile(np.zeros((1, 900, 3), np.uint8), "flat")]
    path = contact_sheet([*strange, Tile(None, "gone", "it failed " * 40)], tmp_path / "a.png", title="t " * 300)
    assert max(Image.open(path).size) < 2500
    assert draw_sheet([]).size[0] > 100
    with pytest.raises(InputError, match=r"\.png"):
        contact_sheet(strange, tmp_path / "a.jpg")
    with pytest.raises(InputError, match="--force"):
        contact_sheet(strange, path)


def made_up_run(index: int, **changes: object) -> Run:
    values: dict[str, object] = {
        "varied": {"optimizer": "<b>&\"'"},
        "scores": {"likeness": 0.5 * index},
        "seconds": 2.0,
    }
    values |= {"picture": "1.png", "trace": made_up_trace(f"<i>{index}", level=index)} | changes
    return Run(index=index, settings_hash="0" * 16, key={}, settings={}, **values)  # type: ignore[arg-type]


def test_a_page_holds_everything_itself_and_escapes_all_text(tmp_path: Path) -> None:
    Image.fromarray(gradient(90, 70)).save(tmp_path / "1.png")
    failed = made_up_run(3, picture=None, error="<script>alert(1)</script>", trace=made_up_trace(steps=0), scores={})
    runs = [made_up_run(1), made_up_run(2, notes=("<u>note",)), failed]
    photo = Photo(gradient(50, 40), path=Path('<img src="x">.jpg'))
    page = write_page(runs, tmp_path / "a.html", tmp_path, photo, Photo(BLUE), title="<b>T", fixed="a=<1>").read_text()
    for raw in ("<b>", "<i>", "<u>", "<script>alert", '<img src="x">', "=<1>"):
        assert raw not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "&lt;b&gt;T" in page
    links = re.findall(r'(?:src|srcset|href)="([^"]*)"', page)
    assert len(links) == 6 and all(link.startswith("data:image/") for link in links)
    image = Image.open(io.BytesIO(base64.b64decode(links[2].split(",")[1])))
    assert image.size == (70, 90)
    assert not re.search(r"https?:|@import|url\(", page)
    assert re.findall(r'<button type="button">(.*?)</button>', page) == [
        "run", "optimizer", "total", "style", "content", "tv", "likeness", "steps", "seconds",
    ]  # fmt: skip
    assert page.count("<tr>") == 4 and "3 runs, 1 failed; all with" in page
    with pytest.raises(InputError, match="--force"):
        write_page(runs, tmp_path / "a.html", tmp_path, photo, photo)
    empty = write_page([failed], tmp_path / "b.html", tmp_path, photo, photo).read_text()
    assert "1 run, 1 failed" in empty and "srcset" not in empty


def test_a_caption_tells_the_likeness_and_not_what_it_is_made_of(tmp_path: Path) -> None:
    found = SimpleNamespace(likeness=Likeness(value=0.9, found=True, score=0.8, distance=0.1, drift=0.02, kept=0.95))
    scores = scores_of(found)  # type: ignore[arg-type]
    assert scores["likeness"] == 0.9 and scores["likeness drift"] == 0.02
    caption = _tile(tmp_path, made_up_run(1, scores=scores)).note
    assert "likeness 0.9\n" in caption and "drift" not in caption and "2.0 s" in caption
