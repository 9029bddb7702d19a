"""What the painter makes of a job: a real painting, made again from its own recipe, and pictures of it in the making."""

from __future__ import annotations

import errno
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst import imaging, pipeline
from portrait_nst.errors import ResourceError
from portrait_nst.imaging import atomic
from portrait_nst.studio.keeping.keeping import Keeping
from portrait_nst.studio.models import Recipe
from portrait_nst.studio.options import Options
from portrait_nst.studio.painter import outputs, serve, sources, telling
from portrait_nst.studio.painter.making import Maker
from portrait_nst.studio.painter.messages import Done, Foretold, News, Order, Previewed, Stepped
from portrait_nst.studio.painter.resolve import resolve
from portrait_nst.studio.painter.telling import CancelledError, Telling
from portrait_nst.studio.resolved import Source
from tests.studio.painter.standins import bring

PAINT = {"quality": "draft", "size": 64, "method": "gram", "iterations": 3, "scales": [1.0], "region": "all"}


@pytest.fixture(scope="module")
def maker() -> Maker:
    return Maker()


@pytest.fixture
def keeping(tmp_path: Path) -> Iterator[Keeping]:
    with Keeping.open(tmp_path / "home", 10**9) as found:
        yield found


def order(keeping: Keeping, folder: Path, **values: Any) -> Order:
    folder.mkdir(exist_ok=True)
    return Order("0" * 16, resolve(Recipe.model_validate(values), keeping, Options(threads=1)), folder)


def made(maker: Maker, order: Order, told: list[News] | None = None) -> dict[str, Any]:
    news: list[News] = [] if told is None else told
    return maker.make(order, Telling(order.job, order.folder, news.append))


def test_a_painting_is_told_shown_kept_and_can_be_made_again_elsewhere(
    maker: Maker,
    keeping: Keeping,
    tmp_path: Path,
    small_portrait: Path,
    small_style: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(telling, "STEPS", 0.0)
    monkeypatch.setattr(telling, "PREVIEWS", 0.0)
    monkeypatch.setattr(telling, "WORTH", 0)
    photo = bring(keeping, "Großmutter.png", data=small_portrait.read_bytes())
    style = bring(keeping, "Wellen.png", "style", data=small_style.read_bytes())
    news: list[News] = []
    folder = tmp_path / "job"
    asked = order(keeping, folder, photo=photo, style=[{"style": style}], settings={**PAINT, "init": photo})
    result = made(maker, asked, news)
    assert result["files"] == ["png", "jpg"] and (result["width"], result["height"]) == (136, 160)
    shares = [each.share for each in news if isinstance(each, Stepped)]
    assert shares == sorted(shares) and shares[-1] > 0.9
    assert [each.number for each in news if isinstance(each, Previewed)] == [1, 2, 3]
    assert sum(isinstance(each, Foretold) for each in news) == 1
    for name, size in (("preview.jpg", (136, 160)), ("thumb.jpg", (136, 160)), ("result.jpg", (136, 160))):
        with Image.open(folder / name) as picture:
            assert picture.format == "JPEG" and picture.size == size
    recipe = imaging.read_recipe(folder / "result.png")
    assert recipe == json.loads((folder / "recipe.json").read_text()) == imaging.read_recipe(folder / "result.jpg")
    names = {role: entry["file"] for role, entry in recipe["inputs"].items()}
    assert names == {"photo": "Großmutter.png", "style": "Wellen.png", "init": "Großmutter.png"}
    assert str(keeping.home) not in json.dumps(recipe) and photo not in json.dumps(recipe)
    # Elsewhere: the result with the user's own files beside it.
    place = tmp_path / "elsewhere"
    place.mkdir()
    shutil.copy(folder / "result.png", place / "me.png")
    shutil.copy(small_portrait, place / "Großmutter.png")
    shutil.copy(small_style, place / "Wellen.png")
    again = pipeline.rerun(place / "me.png")
    with Image.open(folder / "result.png") as picture:
        assert np.array_equal(again.rgb, np.asarray(picture.convert("RGB")))
    # A second job of the same process, or of another after a death, gives the same.
    second = order(
        keeping, tmp_path / "second", photo=photo, style=[{"style": style}], settings={**PAINT, "init": photo}
    )
    made(Maker(), second)
    assert (tmp_path / "second" / "result.png").read_bytes() == (folder / "result.png").read_bytes()


def test_a_painting_with_a_mask_that_is_stopped_is_the_picture_so_far(
    maker: Maker, keeping: Keeping, tmp_path: Path, small_portrait: Path, small_style: Path
) -> None:
    photo = bring(keeping, "me.png", data=small_portrait.read_bytes())
    alpha = np.zeros((160, 136), np.uint8)
    alpha[40:120, 30:100] = 255
    buffer = io.BytesIO()
    Image.fromarray(alpha).save(buffer, "PNG")
    mask = bring(keeping, "mask.png", "mask", of=photo, data=buffer.getvalue())
    style = bring(keeping, "waves.png", "style", data=small_style.read_bytes())
    settings = {**PAINT, "iterations": 50, "background": "transparent"}
    asked = order(keeping, tmp_path / "job", photo=photo, mask=mask, style=[{"style": style}], settings=settings)
    telling = Telling(asked.job, asked.folder, lambda news: None)
    telling.stop.set()
    result = maker.make(asked, telling)
    assert result["interrupted"] and result["files"] == ["png"]  # a JPEG is never transparent
    recipe = json.loads((asked.folder / "recipe.json").read_text())
    assert recipe["status"] == "interrupted" and recipe["inputs"]["mask"]["file"] == "mask.png"
    with Image.open(asked.folder / "result.png") as picture:
        assert np.array_equal(np.asarray(picture)[..., 3] > 0, alpha > 0)


def test_a_cancelled_painting_ends_at_its_next_step(
    maker: Maker, keeping: Keeping, tmp_path: Path, small_portrait: Path, small_style: Path
) -> None:
    photo = bring(keeping, "me.png", data=small_portrait.read_bytes())
    style = bring(keeping, "waves.png", "style", data=small_style.read_bytes())
    asked = order(
        keeping, tmp_path / "job", photo=photo, style=[{"style": style}], settings={**PAINT, "iterations": 50}
    )
    steps: list[News] = []

    def send(news: News) -> None:
        steps.append(news)
        if isinstance(news, Previewed):
            told.cancelled.set()

    told = Telling(asked.job, asked.folder, send)
    with pytest.raises(CancelledError):
        maker.make(asked, told)
    assert not (asked.folder / "result.png").exists()


def test_nothing_that_is_kept_or_told_names_a_folder_or_a_command(
    maker: Maker, keeping: Keeping, tmp_path: Path, small_portrait: Path, small_style: Path
) -> None:
    photo = bring(keeping, "me.png", data=small_portrait.read_bytes())
    style = bring(keeping, "waves.png", "style", data=small_style.read_bytes())
    library = tmp_path / "my library"
    (library / "Waves").mkdir(parents=True)
    shutil.copy(small_style, library / "Waves")
    instant: dict[str, Any] = {
        "style": [{"style": style}],
        "settings": {"quality": "instant", "region": "all", "size": 64},
    }
    movement: dict[str, Any] = {"movement": {"name": "Waves"}, "settings": {**PAINT, "background": style}}
    for number, values in enumerate((instant, movement)):
        folder = tmp_path / f"job{number}"
        folder.mkdir()
        options = Options(threads=1, library=library)
        asked = Order("0" * 16, resolve(Recipe.model_validate({"photo": photo, **values}), keeping, options), folder)
        news: list[News] = []
        done = serve.carried_out(maker, asked, Telling(asked.job, folder, news.append))
        assert isinstance(done, Done), done
        told = (
            f"{done.result} {news} {(folder / 'recipe.json').read_text()} {imaging.read_recipe(folder / 'result.png')}"
        )
        for secret in (str(tmp_path), "my library", photo, style, "portrait-nst learn", "--"):
            assert secret not in told, secret
        assert ("Learn it" in told) == (values is instant)


@pytest.mark.usefixtures("small_pop_art")
def test_pop_art_is_pixels_drawings_and_a_sheet(
    maker: Maker, keeping: Keeping, tmp_path: Path, small_portrait: Path, small_style: Path
) -> None:
    photo = bring(keeping, "<script>x<svg onload=y>.png", data=small_portrait.read_bytes())
    colours = bring(keeping, "<script>y<svg onload=z>.png", "style", data=small_style.read_bytes())
    settings = {"likeness": False, "tones": 3, "detail": 0.0, "mode": "grid", "grid": [2, 1]}
    asked = order(keeping, tmp_path / "job", kind="popart", photo=photo, popart=settings, palette_from=colours)
    result = made(maker, asked)
    assert result["files"] == ["png", "jpg", "svg", "pdf", "sheet.pdf"]
    svg = (asked.folder / "result.svg").read_text()
    assert svg.startswith("<svg") and "script" not in svg and svg.count("<svg") == 1
    for form in ("pdf", "sheet.pdf"):
        assert (asked.folder / f"result.{form}").read_bytes().startswith(b"%PDF-")
    recipe = json.loads((asked.folder / "recipe.json").read_text())
    assert recipe["photo"]["file"] == "<script>x<svg onload=y>.png" and recipe["popart"]["tones"] == 3


def test_a_full_disk_is_seen_before_the_work_and_a_preview_does_without(
    maker: Maker, keeping: Keeping, tmp_path: Path, small_portrait: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = bring(keeping, "me.png", data=small_portrait.read_bytes())
    asked = order(keeping, tmp_path / "job", photo=photo, style=[{"style": "oil"}], settings=PAINT)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    with pytest.raises(ResourceError, match=r"The disk is full: 0 MB are free"):
        made(maker, asked)
    news: list[News] = []
    telling = Telling(asked.job, asked.folder, news.append)

    def full(path: Path) -> tuple[int, Path]:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic, "open_temporary", full)
    telling.preview(lambda: b"")
    assert news == []


def test_recipes_name_users_files_and_transparency_lies_on_paper() -> None:
    values: dict[str, Any] = {
        "inputs": {"clip": {"file": "file", "sha256": "a"}},
        "settings": {"background": "file", "size": 3},
    }
    source = Source(Path("/home/x/things/0/file"), "walk.mp4", "b")
    renamed = sources.renamed(values, {"clip": source, "background": source})
    assert renamed["inputs"]["clip"] == {"file": "walk.mp4", "sha256": "b"}
    assert renamed["settings"] == {"background": "walk.mp4", "size": 3} and values["settings"]["background"] == "file"
    rgb, alpha = np.full((40, 40, 3), 10, np.uint8), np.zeros((40, 40), np.uint8)
    assert (outputs.small(rgb, alpha, 20) == outputs.PAPER).all() and outputs.small(rgb, None, 20).shape == (20, 20, 3)


def test_telling_is_seldom_and_its_share_never_falls(tmp_path: Path) -> None:
    news: list[News] = []
    told = Telling("0" * 16, tmp_path, news.append)
    for share in np.linspace(1, 0, 500):
        told.step("Painting", float(share))
    told.step("Finishing", 0.2)
    assert len(news) < 20 and all(isinstance(each, Stepped) and each.share == 1 for each in news)
    for _ in range(100):
        told.preview(lambda: b"JPEG")
    assert sum(isinstance(each, Previewed) for each in news) == 1 and (tmp_path / "preview.jpg").read_bytes() == b"JPEG"
    told.step("Saving", float("nan"), float("inf"), "a note")
    assert isinstance(news[-1], Stepped) and news[-1].seconds_left is None and news[-1].share == 1
    told.cancelled.set()
    with pytest.raises(CancelledError):
        told.step("Painting")
