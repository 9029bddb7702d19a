"""Pictures and masks that a caller from Python gets wrong."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst import InputError, MaskError, PortraitError, Settings, pipeline, reconstruct, stylize
from portrait_nst.batch.workers.task import Conditions, Task
from portrait_nst.batch.workers.worker import PaintWorker
from portrait_nst.style_spec import StyleSpec
from portrait_nst.types import Matte
from tests.imaging.files import icc


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (np.zeros((1, 1, 3), np.uint8), "1 x 1 pixels; expected at least 16"),
        (np.zeros((0, 40, 3), np.uint8), "40 x 0 pixels"),
        (None, "a PIL image or a Photo, not NoneType"),
        ([[0, 0]], "not list"),
    ],
)
def test_what_is_no_picture_is_told(picture: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        pipeline.load(picture)


def test_a_mask_with_nan_is_refused() -> None:
    mask = np.full((40, 40), np.nan)
    with pytest.raises(MaskError, match="not finite"):
        pipeline.matte(np.zeros((40, 40, 3), np.uint8), mask=mask)


def test_a_person_has_nothing_to_choose_where_the_whole_picture_is_painted() -> None:
    with pytest.raises(MaskError, match="--region person"):
        pipeline.matte(np.zeros((40, 40, 3), np.uint8), region="all", person="largest")


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Files whose pixels are not simply theirs: turned, in a wide profile, with a palette that is partly transparent ..."""
    folder = tmp_path_factory.mktemp("odd")
    rgb = Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 36, 3), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    rgb.save(folder / "turned.jpg", exif=exif, quality=95)
    rgb.save(folder / "profile.png", icc_profile=icc())  # type: ignore[no-untyped-call, unused-ignore]
    palette = rgb.quantize(8)
    palette.save(folder / "palette.png", transparency=3)
    rgb.convert("CMYK").save(folder / "cmyk.tif")
    rgb.convert("LA").save(folder / "grey.png")
    Image.fromarray(np.arange(24 * 36, dtype=np.uint16).reshape(24, 36) * 70).save(folder / "deep.png")
    return sorted(folder.iterdir())


def test_every_form_of_a_picture_is_the_same_photo(odd: list[Path]) -> None:
    assert len(odd) == 6
    for path in odd:
        photo = pipeline.load(path)
        with Image.open(path) as image, path.open("rb") as file:
            forms: list[Any] = [
                str(path),
                path.read_bytes(),
                bytearray(path.read_bytes()),
                io.BytesIO(path.read_bytes()),
                file,
                image,
                photo,
            ]
            found = [pipeline.load(form) for form in forms]
        for other in found:
            assert np.array_equal(other.rgb, photo.rgb), path
            assert (other.alpha is None) == (photo.alpha is None) and other.exif == photo.exif
            if photo.alpha is not None and other.alpha is not None:
                assert np.array_equal(other.alpha, photo.alpha)
        assert [other.path for other in found] == [path, None, None, None, path, None, path]
        in_one = photo.rgb if photo.alpha is None else np.dstack([photo.rgb, photo.alpha])
        pixels = pipeline.load(in_one)
        assert np.array_equal(pixels.rgb, photo.rgb) and pixels.sha256 == found[5].sha256
        assert {other.sha256 for other in found} == {photo.sha256, pixels.sha256}


def test_every_form_of_a_mask_is_the_same_matte(tmp_path: Path) -> None:
    photo = np.zeros((60, 40, 3), np.uint8)
    grey = np.zeros((60, 40), np.uint8)
    grey[20:, 10:30] = 255
    grey[30, 20] = 100
    path = tmp_path / "mask.png"
    Image.fromarray(grey).save(path)
    expected = pipeline.matte(photo, mask=path)
    assert expected.origin is not None and expected.origin.path == str(path)
    forms: list[Any] = [
        path.read_bytes(),
        io.BytesIO(path.read_bytes()),
        Image.open(path),
        grey,
        grey / np.float32(255),
    ]
    forms += [np.repeat(grey[..., None], 3, 2), pipeline.load(path), expected, expected.alpha]
    for form in forms:
        found = pipeline.matte(photo, mask=form)
        assert np.array_equal(found.alpha, expected.alpha), type(form)
        assert found.origin is not None and len(found.origin.sha256) == 64
    for binary in (grey > 200, (grey > 200).astype(np.uint8), (grey > 200) * np.uint8(255)):
        assert np.array_equal(pipeline.matte(photo, mask=binary).alpha, (grey > 200).astype(np.float32))


class ReadOnce:
    """Something like a file, which gives `found` when it is read."""

    def __init__(self, found: object) -> None:
        self.read = lambda: found


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (b"no picture", "the mask is not a picture"),
        (b"", "holds no bytes"),
        (io.StringIO("text"), "opened as text"),
        (ReadOnce(bytearray(b"no picture")), "the mask is not a picture"),
        (ReadOnce(None), "gave NoneType; expected an open binary file"),
        (type("Odd", (), {"read": lambda self, least, most: b""})(), "cannot be read"),
        (7, "A mask must be .* not int"),
        (np.zeros((9, 9), np.float32), r"mask array is \(9, 9\), the photo \(40, 40\)"),
        (np.full((40, 40), "a"), "holds <U1"),
        (Matte(np.ones((9, 9), np.float32)), r"matte is \(9, 9\)"),
        (Image.new("L", (20, 40)), "mask is 20x40"),
    ],
)
def test_what_is_no_mask_is_told(mask: Any, said: str) -> None:
    with pytest.raises(PortraitError, match=said):
        pipeline.matte(np.zeros((40, 40, 3), np.uint8), mask=mask)


def test_pictures_are_taken_in_every_form_wherever_one_is_taken(small_style: Path) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (60, 40, 3), np.uint8)
    quick: dict[str, Any] = {"size": 64, "iterations": 1, "scales": (1.0,), "threads": 1, "precision": "float32"}
    mask = Image.fromarray((np.arange(60) > 20).astype(np.uint8)[:, None].repeat(40, 1) * 255)
    plain = stylize(photo, small_style, mask=np.asarray(mask), **quick)
    image, style = Image.fromarray(photo), Image.open(small_style)
    for given in (style, small_style.read_bytes(), [io.BytesIO(small_style.read_bytes())], [(style, 2.0)]):
        assert np.array_equal(stylize(image, given, mask=mask, **quick).rgb, plain.rgb)
    by_label = stylize(image, labels=mask, region_styles={"255": style}, **quick)
    assert np.array_equal(by_label.rgb, plain.rgb)
    one, other = (reconstruct("style", given, **quick).rgb for given in (style, small_style))
    assert np.array_equal(one, other)
    poster = pipeline.popart(image, mask=mask, palette_from=style, faces_from=image, detail=0.1)
    plain_poster = pipeline.popart(photo, mask=np.asarray(mask), palette_from=small_style, detail=0.1)
    assert np.array_equal(poster.render()[0], plain_poster.render()[0])


SAME = [(20, 30), (80, 120), (26, 40), (41, 60), (1, 1)]


@pytest.mark.parametrize("size", SAME[:3])
def test_a_label_map_is_of_the_photos_proportions_at_any_scale(size: tuple[int, int], tmp_path: Path) -> None:
    photo = pipeline.load(np.zeros((60, 40, 3), np.uint8))
    Image.new("L", size, 255).save(tmp_path / "map.png")
    assert len(pipeline.prepare(photo, labels=tmp_path / "map.png", painted_labels=["255"]).regions) == 1
    Image.new("L", size[::-1], 255).save(tmp_path / "map.png")
    with pytest.raises(InputError, match=rf"map\.png is {size[1]}x{size[0]}, the photo 40x60"):
        pipeline.prepare(photo, labels=tmp_path / "map.png", painted_labels=["255"])


@pytest.mark.parametrize("size", SAME)
def test_a_mask_is_of_the_photos_proportions_at_any_scale(size: tuple[int, int], tmp_path: Path) -> None:
    photo = np.zeros((60, 40, 3), np.uint8)
    Image.new("L", size, 255).save(tmp_path / "mask.png")
    assert (pipeline.matte(photo, mask=tmp_path / "mask.png").alpha == 1).all()


@pytest.mark.parametrize("size", [(30, 20), (60, 60), (40, 64), (400, 500)])
def test_a_mask_of_other_proportions_is_refused_wherever_one_is_given(size: tuple[int, int], tmp_path: Path) -> None:
    photo = pipeline.load(np.random.default_rng(0).integers(0, 255, (60, 40, 3), np.uint8))
    mask, given = tmp_path / "mask.png", tmp_path / "photo.png"
    Image.fromarray(photo.rgb).save(given)
    Image.new("L", size, 255).save(mask)
    said = rf"mask\.png is {size[0]}x{size[1]}, the photo 40x60: expected the same proportions\. Make it"
    with pytest.raises(InputError, match=said):
        pipeline.matte(photo, mask=mask)
    with pytest.raises(InputError, match=said):
        pipeline.popart(photo, mask=mask)
    with pytest.raises(InputError, match=said):
        stylize(photo, photo, mask=mask)
    with pytest.raises(InputError, match=said):
        pipeline.prepare(photo, labels=mask, painted_labels=["255"])
    with pytest.raises(InputError, match=said.replace("the photo", "the style picture .*photo.png")):
        stylize(photo, given, region="all", style_region=str(mask), size=64, iterations=1, threads=1)
    output = tmp_path / "out.png"
    task = Task(0, given, StyleSpec(((str(given), 1.0),)), mask, "stylize", Settings(device="cpu"), None, output)
    assert re.search(said, PaintWorker(Conditions(device="cpu")).do(task).error)
    assert not output.exists()


def test_notes_on_the_reading_reach_the_matte(tmp_path: Path) -> None:
    grey = np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))
    frames = [Image.fromarray(np.zeros_like(grey)), Image.fromarray(grey)]
    frames[0].save(tmp_path / "scan.tif", save_all=True, append_images=frames[1:])
    mask = np.ones((48, 64), np.float32)
    found = pipeline.matte(tmp_path / "scan.tif", mask=mask)
    assert len(found.notes) == 1 and found.notes[0].startswith("scan.tif: it has 2 pages: number 2")
    again = pipeline.matte(tmp_path / "scan.tif", mask=found)
    assert again.notes == found.notes
