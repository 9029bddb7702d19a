"""Recipes resolved: ids become files, everything is checked, and no text from outside becomes a path."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portrait_nst import named_styles, resources
from portrait_nst.errors import InputError
from portrait_nst.presets import PRESETS
from portrait_nst.settings import Settings, schema
from portrait_nst.studio.keeping.keeping import Keeping, Missing
from portrait_nst.studio.models import Recipe
from portrait_nst.studio.options import Options
from portrait_nst.studio.painter.resolve import resolve
from portrait_nst.studio.painter.words import REFUSED, FieldError
from portrait_nst.studio.resolved import Resolved
from tests.studio.painter.standins import bring

NOBODY = "0" * 16


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keeping]:
    with Keeping.open(tmp_path_factory.mktemp("home"), 10**9) as found:
        yield found


@pytest.fixture(scope="module")
def ids(keeping: Keeping) -> dict[str, str]:
    photo, other = bring(keeping, "me.jpg"), bring(keeping, "you.jpg")
    return {
        "photo": photo,
        "style": bring(keeping, "Ölbild.png", "style"),
        "clip": bring(keeping, "walk.mp4", "clip"),
        "mask": bring(keeping, "mask.png", "mask", of=photo),
        "strange": bring(keeping, "theirs.png", "mask", of=other),
    }


Resolve = Any


@pytest.fixture
def made(keeping: Keeping, ids: dict[str, str]) -> Resolve:
    def of(options: Options = Options(threads=3, device="cpu"), **values: Any) -> Resolved:  # noqa: B008
        usual: dict[str, Any] = {"photo": ids["photo"]}
        if values.get("kind", "stylize") != "popart" and not {"style", "movement"} & values.keys():
            usual["style"] = [{"style": "impasto"}]
        return resolve(Recipe.model_validate({**usual, **values}), keeping, options)

    return of


def test_ids_become_files_and_names_pictures_of_the_package(
    made: Resolve, ids: dict[str, str], keeping: Keeping
) -> None:
    found = made(style=[{"style": ids["style"], "share": 2}, {"style": "Impasto"}], mask=ids["mask"])
    (own, two), (named, one) = found.style
    assert (own.path, own.name, two) == (keeping.file(ids["style"]), "Ölbild.png", 2)
    assert own.sha256 == resources.file_digest(own.path)
    assert (named.path, one) == (named_styles.named("impasto"), 1)
    assert found.mask is not None and found.mask.name == "mask.png" and found.photo.name == "me.jpg"
    assert (found.settings.threads, found.settings.device) == (3, "cpu")
    assert pickle.loads(pickle.dumps(found)) == found


def test_settings_take_uploads_styles_words_and_colours(made: Resolve, ids: dict[str, str], keeping: Keeping) -> None:
    upload = str(keeping.file(ids["style"]))
    found = made(settings={"background": ids["style"], "init": ids["photo"], "style_region": ids["mask"]})
    assert found.settings.background == upload
    assert {name: source.name for name, source in found.named} == {
        "background": "Ölbild.png",
        "init": "me.jpg",
        "style_region": "mask.png",
    }
    assert made(settings={"background": "oil"}).settings.background == str(named_styles.named("oil"))
    assert made(settings={"background": "#102030", "coarse_style": "oil"}).settings.background == "#102030"
    assert made(settings={"background": "blur", "init": "random", "style_region": "person"}).named == ()


PATHS = [
    "/etc/passwd",
    "../file",
    "things/x/file",
    "file",
    ".",
    "C:\\x",
    "https://example.org/a.png",
    "a\0b",
    "",
    "oil.png",
    "~",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", [name for name, field in schema(Settings).items() if field.file is not None])
def test_no_setting_takes_a_path(
    made: Resolve, name: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for there in ("file", "oil.png", "oil"):
        (tmp_path / there).write_text("mine")
    with pytest.raises(FieldError) as caught:
        made(settings={name: path})
    assert caught.value.field == name and "\n" not in str(caught.value)


def test_a_file_in_the_working_folder_is_never_taken_for_a_style(
    made: Resolve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "oil").write_text("mine")
    assert made(settings={"background": "oil"}).settings.background == str(named_styles.named("oil"))
    assert made(style=[{"style": "oil"}]).style[0][0].path == named_styles.named("oil")


@pytest.mark.parametrize("path", [*PATHS[:7], "neon;/etc/passwd", "#102030,/etc/passwd", "palette.txt"])
@pytest.mark.parametrize("kind", ["stylize", "popart"])
def test_no_palette_and_no_style_is_a_path(made: Resolve, path: str, kind: str) -> None:
    with pytest.raises(FieldError) as caught:
        made(kind=kind, popart={"palette": path, "mode": "ramp"})
    assert caught.value.field == "palette"
    with pytest.raises(InputError):
        made(style=[{"style": path}])
    with pytest.raises(InputError):
        made(kind="popart", palette_from=path)


def test_what_the_machine_is_is_not_for_the_page_to_say(made: Resolve) -> None:
    values = {
        "weights": "/w.npz",
        "identity_weights": "/w.npz",
        "segmenter": "rembg:u2net",
        "device": "cuda",
        "precision": "bfloat16",
        "threads": 1,
        "max_memory": 1.0,
    }
    assert set(values) == set(REFUSED)
    for name, value in values.items():
        with pytest.raises(FieldError) as caught:
            made(settings={name: value})
        assert caught.value.field == name
    usual = {name: schema(Settings)[name].default for name in REFUSED}
    assert made(settings=usual).settings == made().settings  # a recipe that was shown may be sent again


def test_encoders_that_would_be_fetched_are_refused_and_presets_with_them(
    made: Resolve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(resources.HOME, str(tmp_path))
    for values in ({"settings": {"encoder": "vgg19"}}, {"preset": "gatys2016"}, {"settings": {"encoder": "../x"}}):
        with pytest.raises(FieldError, match="fetches nothing") as caught:
            made(**values)
        assert caught.value.field == "encoder"
    (tmp_path / "vgg19_bn-c79401a0-features.pth").touch()
    with pytest.raises(FieldError):
        made(preset="gatys2016")
    (tmp_path / "vgg19-dcbb9e9d-features.pth").touch()  # it was fetched before
    assert made(preset="gatys2016").settings.encoder == "vgg19"
    assert set(PRESETS) >= {"gatys2016"}


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"settings": {"strenght": 1}}, "strenght", "no setting 'strenght'"),
        ({"settings": {"strength": 2}}, "strength", "from 0 to 1, not 2"),
        ({"settings": {"strength": {"a": 1}}}, "strength", "strength must be"),
        ({"settings": {"person": 2, "region": "all"}}, "person", "nothing to choose"),
        ({"settings": {"background": "#12"}}, "background", "hexadecimal"),
        ({"settings": {"learn": True}}, "learn", "quality instant"),
        ({"preset": "gatys"}, "preset", "no preset"),
        ({"style": []}, "style", "Choose a style"),
        ({"style": [{"style": "impastoo"}]}, "style", "Did you mean impasto"),
        ({"style": [{"style": "oil"}, {"style": "oil"}]}, "style", "twice"),
        ({"movement": {"name": "Cubism"}}, "movement", "without a library"),
        ({"style": [{"style": "oil"}], "movement": {"name": "Cubism"}}, "movement", "not both"),
        ({"popart": {"mode": "grid"}}, "mode", "keeps its frame"),
        ({"popart": {"tone": 4}}, "tone", "no setting 'tone'"),
        ({"popart": {"tones": 99}}, "tones", "from 3 to 8"),
        ({"palette_from": "oil"}, "palette_from", "Only pop art"),
        ({"video": {"start": 1}}, "video", "Only kind video"),
        ({"kind": "popart", "style": [{"style": "oil"}]}, "style", "no style"),
        ({"kind": "popart", "settings": {"strength": 0.5}}, "strength", "Pop art of a photo has no strength"),
    ],
)
def test_what_is_wrong_says_where(made: Resolve, values: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(FieldError, match=words) as caught:
        made(**values)
    assert caught.value.field == field and "\n" not in str(caught.value)


def test_what_is_not_there_is_missing(made: Resolve, ids: dict[str, str]) -> None:
    for values in (
        {"photo": NOBODY},
        {"photo": ids["style"]},
        {"kind": "video"},
        {"mask": NOBODY},
        {"mask": ids["photo"]},
        {"style": [{"style": NOBODY}]},
        {"settings": {"background": ids["clip"]}},
    ):
        with pytest.raises(Missing):
            made(**values)
    with pytest.raises(FieldError, match="another photo"):
        made(mask=ids["strange"])


def test_with_a_mask_nobody_is_chosen(made: Resolve, ids: dict[str, str]) -> None:
    found = made(mask=ids["mask"], settings={"person": 2})
    assert (found.settings.person, found.settings.region) == ("all", "person")


def test_clips_and_pop_art_have_their_own_defaults(made: Resolve, ids: dict[str, str]) -> None:
    clip = made(kind="video", photo=ids["clip"], video={"start": 1, "end": 2.5, "format": "gif"})
    assert (clip.start, clip.end, clip.format, clip.settings.quality) == (1, 2.5, "gif", "instant")
    assert made(kind="video", photo=ids["clip"], settings={"quality": "draft"}).settings.quality == "draft"
    with pytest.raises(FieldError, match="leave the style out"):
        made(kind="video", photo=ids["clip"], popart={})
    drawn = made(kind="video", photo=ids["clip"], popart={"palette": "neon"}, style=[])
    assert drawn.popart.background == "keep" and drawn.popart.frame == "photo"
    assert made(kind="popart").popart.background == "colour"
    assert made(kind="popart", settings={"person": 2}).settings.person == 2
    segments = made(popart={"background": "colour", "tones": 4}).popart
    assert (segments.frame, segments.background, segments.tones) == ("photo", "colour", 4)
    assert made(popart={}).popart.background == "keep"


def test_movements_are_those_of_the_library(made: Resolve, tmp_path: Path) -> None:
    (tmp_path / "Cubism").mkdir()
    options = Options(library=tmp_path)
    assert made(options, movement={"name": "Cubism"}).movement.library == tmp_path
    for name in ("..", "Cubism/..", str(tmp_path), "Cubis"):
        with pytest.raises(FieldError, match="no movement"):
            made(options, movement={"name": name})
