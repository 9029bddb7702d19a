"""Likeness: the score of a result, the goal that holds the face, gain maps and the identity loss, from photo to `Result`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFilter

import portrait_nst
from portrait_nst import InputError, MaskError, ModelError, Settings, encoders, imaging, pipeline, segmentation, stylize
from portrait_nst.cli import console
from portrait_nst.faces import contour, eye_distance, upright
from portrait_nst.pipeline import face_guidance, gain_maps, likeness
from portrait_nst.result import Result
from portrait_nst.types import Face, FloatArray, Photo, UInt8Array
from tests.encoders import networks

QUICK: dict[str, Any] = {"size": 96, "iterations": 6, "threads": 1, "precision": "float32"}


@pytest.fixture(scope="module")
def photo(small_portrait: Path) -> Photo:
    return imaging.load(small_portrait)


@pytest.fixture(scope="module")
def meter(photo: Photo) -> likeness.Meter:
    return likeness.Meter(photo, segmentation.faces(photo))


@pytest.fixture(scope="module")
def plain(small_portrait: Path, small_style: Path) -> Result:
    return stylize(small_portrait, small_style, strength=0.8, **QUICK)


def test_the_photo_is_wholly_like_itself_at_any_size(meter: likeness.Meter, photo: Photo) -> None:
    own = meter.of(photo.rgb)
    assert own.found and own.drift == own.distance == 0 and own.value == pytest.approx(1, abs=1e-4)
    assert meter.of(imaging.resize(photo.rgb, (320, 272))).value > 0.95
    assert meter.of(imaging.resize(photo.rgb, (120, 102))).value > 0.85


def test_what_is_painted_over_a_face_takes_from_its_likeness(meter: likeness.Meter, photo: Photo) -> None:
    noise = np.random.default_rng(0).normal(0, 60, photo.rgb.shape)
    values = [meter.of(imaging.to_uint8((photo.rgb + a * noise) / 255)).value for a in (0, 0.5, 1)]
    assert values[0] > values[1] > values[2]
    tinted = imaging.to_uint8(photo.rgb / 255 * np.array([1.0, 0.8, 0.9]))
    assert meter.of(tinted).value > 0.9  # other colours are still the same face


def test_no_face_is_next_to_no_likeness(meter: likeness.Meter, photo: Photo) -> None:
    found = meter.of(np.full_like(photo.rgb, 128))
    assert not found.found and found.drift is None and found.kept == found.score == 0 and found.value < 0.15
    assert json.dumps(found.as_dict())


def test_the_measures_in_one_number() -> None:
    assert likeness.combined(1, 0, 0, 1) == 1
    assert likeness.combined(1, 0.6, 0, 1) == pytest.approx(0.5)  # what dlib takes for another person
    assert likeness.combined(1, 1.3, 0, 1) == 0
    assert likeness.combined(1, 0, 0.04, 0.85) == 1, "strokes scatter the points and cover a little"
    assert likeness.combined(1, 0, 0.5, 1) < 0.02
    assert likeness.combined(1, 0, 0, -0.3) == likeness.LOST
    assert likeness.combined(0, 0, None, 1) == likeness.LOST and likeness.combined(0.5, 0, 0, 1) == pytest.approx(0.75)


# The damage to a face, the most that its likeness may be then, and the measure that sees it with the value that it passes.
DAMAGE = {
    "eye": (0.55, "kept", 0.5),
    "mouth": (0.6, "kept", 0.6),
    "mouth moved": (0.5, "kept", 0.5),
    "blurred": (0.35, "distance", 0.6),
    "somebody else": (0.25, "distance", 0.6),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_face_is_less_alike(name: str, samples: Path) -> None:
    """A lost eye, a mouth that is gone or elsewhere, a blurred face, another person: each is seen by at least one measure."""
    photo, other = (imaging.load(samples / f"{name}.jpg") for name in ("grace_hopper", "astronaut"))
    face = segmentation.faces(photo)[0]
    eyes = eye_distance(face)
    damage: dict[str, Callable[[], UInt8Array]] = {
        "eye": lambda: paint_over(photo.rgb, contour(face, "right eye"), 1.5),
        "mouth": lambda: paint_over(photo.rgb, contour(face, "lips"), 1.3),
        "mouth moved": lambda: move(photo.rgb, contour(face, "lips"), round(0.2 * eyes)),
        "blurred": lambda: np.asarray(Image.fromarray(photo.rgb).filter(ImageFilter.GaussianBlur(0.1 * eyes))),
        "somebody else": lambda: laid_over(photo.rgb, face, other.rgb, segmentation.faces(other)[0]),
    }
    found = likeness.Meter(photo, [face]).of(damage[name]())
    most, measure, limit = DAMAGE[name]
    assert found.value < most
    assert (getattr(found, measure) > limit) == (measure == "distance")
    if name == "eye":
        assert found.distance < 0.3, "a recognition network alone hardly sees it"


def test_two_photos_of_one_person_and_two_people(samples: Path) -> None:
    """One sitter cut anew, turned, in another light; and two sitters: on either side of dlib's threshold."""
    photo, other = (imaging.load(samples / f"{name}.jpg") for name in ("grace_hopper", "astronaut"))
    turned = Image.fromarray(photo.rgb).rotate(8, Image.Resampling.BICUBIC).resize((300, 352))
    again = Photo(imaging.to_uint8((np.asarray(turned) / 255) ** 1.3))
    views = [likeness.Meter(p, segmentation.faces(p)[:1])._known[0].descriptor for p in (photo, again, other)]
    assert float((views[0] - views[1]).norm()) < 0.3
    assert float((views[0] - views[2]).norm()) == pytest.approx(0.68, abs=0.03)


def test_of_two_faces_the_least_alike_counts(samples: Path) -> None:
    photo = imaging.load(samples / "grace_hopper.jpg").rgb
    pair = Photo(np.hstack([photo, photo]))
    found = segmentation.faces(pair)
    half = pair.rgb.copy()
    width, face = photo.shape[1], min(found, key=lambda face: face.box[0])
    half[:, :width] = paint_over(photo, contour(face, "right eye"), 1.5)
    meter = likeness.Meter(pair, found)
    assert len(found) == 2 and meter.of(pair.rgb).value == pytest.approx(1, abs=1e-3)
    assert meter.of(half).value < 0.65
    small = replace(found[1], box=(*found[1].box[:2], 40.0, 40.0))
    assert len(likeness.Meter(pair, [found[0], small])._known) == 1, "one too small to be judged, beside a larger one"


def paint_over(rgb: UInt8Array, line: FloatArray, wider: float) -> UInt8Array:
    """`rgb` with the skin's colour, that around the outline, inside it."""
    inside, around = (_polygon(rgb, line, factor, 0) for factor in (wider, 1.4 * wider))
    ring = rgb[(around > 128) & (inside < 128)].mean(0)
    mask = _polygon(rgb, line, wider, 1.5)[..., None] / 255
    return imaging.to_uint8((rgb * (1 - mask) + ring * mask) / 255)


def move(rgb: UInt8Array, line: FloatArray, down: int) -> UInt8Array:
    mask = _polygon(rgb, line, 1.8, 3)[..., None] / 255
    return imaging.to_uint8((paint_over(rgb, line, 1.2) * (1 - mask) + np.roll(rgb, down, 0) * mask) / 255)


def laid_over(rgb: UInt8Array, face: Face, other: UInt8Array, their: Face) -> UInt8Array:
    """`rgb` with another face in the place of the `face`."""
    (a, b), (c, d) = upright(face), upright(their)
    turn, shift = c / a, d - b * c / a  # from here to there
    data = (turn.real, -turn.imag, shift.real, turn.imag, turn.real, shift.imag)
    size = (rgb.shape[1], rgb.shape[0])
    there = Image.fromarray(other).transform(size, Image.Transform.AFFINE, data, Image.Resampling.BICUBIC)
    mask = _polygon(rgb, contour(face, "outline"), 0.95, 3)[..., None] / 255
    return imaging.to_uint8((rgb * (1 - mask) + np.asarray(there) * mask) / 255)


def _polygon(rgb: UInt8Array, line: FloatArray, wider: float, soft: float) -> UInt8Array:
    mask = Image.new("L", (rgb.shape[1], rgb.shape[0]))
    ImageDraw.Draw(mask).polygon([tuple(p) for p in (line - line.mean(0)) * wider + line.mean(0)], fill=255)
    return np.asarray(mask.filter(ImageFilter.GaussianBlur(soft)))


def test_a_result_has_its_likeness_in_recipe_and_report(
    plain: Result, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plain.likeness is not None and 0 < plain.likeness.value < 1
    assert plain.recipe["likeness"] == plain.likeness.as_dict() == console.summary(plain, tmp_path)["likeness"]
    console.report(plain, tmp_path / "a.png", as_json=False, quiet=False, verbose=True)
    assert f"likeness: {plain.likeness.value:.2f}; distance" in capsys.readouterr().err


def test_a_goal_is_met_by_a_firmer_hold_and_says_so(plain: Result, small_portrait: Path, small_style: Path) -> None:
    assert plain.likeness is not None
    goal = round(plain.likeness.value + 0.1, 2)
    held = stylize(small_portrait, small_style, strength=0.8, likeness=goal, **QUICK)
    assert held.likeness is not None and held.likeness.value >= goal - 0.005
    assert any(f"of {goal:.2f} after raising the face's hold to" in note for note in held.notes)
    photo = imaging.load(small_portrait).rgb.astype(int)
    clothes, face = np.s_[130:, 20:110], np.s_[50:90, 50:90]

    def painted(result: Result, part: Any) -> float:
        return float(np.abs(result.rgb.astype(int) - photo)[part].mean())

    assert painted(held, face) < painted(plain, face)
    assert painted(held, clothes) > 0.8 * painted(plain, clothes)  # only the face is held


def test_a_goal_out_of_reach_ends_in_a_note(small_portrait: Path, small_style: Path) -> None:
    made = stylize(small_portrait, small_style, likeness=1.0, **{**QUICK, "size": 64, "iterations": 1})
    assert any("the goal was missed" in note for note in made.notes)
    assert len(made.losses) < 4 * (1 + 4 * 8)


def test_without_a_face_there_is_nothing_to_be_alike(small_style: Path) -> None:
    sky = np.tile(np.linspace(90, 160, 96).astype(np.uint8)[:, None, None], (1, 80, 3))
    made = stylize(sky, small_style, region="all", likeness=0.9, **{**QUICK, "iterations": 1})
    assert made.likeness is None and made.recipe["likeness"] is None
    assert any(face_guidance.NO_FACE in note for note in made.notes)


def test_gain_maps_need_a_face_in_the_painting(small_portrait: Path, small_style: Path) -> None:
    with pytest.raises(MaskError, match=r"leave --gain-maps off"):
        stylize(small_portrait, small_style, gain_maps=True, **{**QUICK, "size": 64, "iterations": 1})


def test_gain_maps_bring_the_sitters_light_onto_the_face(small_portrait: Path, samples: Path) -> None:
    with Image.open(samples / "astronaut.jpg") as picture:
        left = np.asarray(picture.convert("RGB").resize((256, 256))).astype(float)
    left *= np.linspace(1.2, 0.2, 256)[None, :, None]  # a sitter lit from the left
    painting = np.clip(left, 0, 255).astype(np.uint8)
    options = {**QUICK, "size": 64, "recolour": 0.0, "style_weight": 0.0, "iterations": 5}
    without = stylize(small_portrait, painting, **options)
    made = stylize(small_portrait, painting, gain_maps=True, **options)
    face = segmentation.faces(imaging.load(small_portrait))[0]
    x, y, w, h = (int(v) for v in face.box)
    change = (made.rgb.astype(float) - without.rgb)[y : y + h, x : x + w].mean(2)
    assert change[:, : w // 2].mean() > change[:, w // 2 :].mean() + 1


def test_a_doubtful_sitter_is_told_of(photo: Photo) -> None:
    face = Face((34, 40, 68, 80), ((0.0, 0.0),) * 6, 0.56)
    assert gain_maps.doubts(photo, face) == [
        "gain-maps: what was taken for the style's face, 50 % from its left and 50 % from its top, is doubtful"
    ]
    assert gain_maps.doubts(photo, Face(face.box, face.keypoints, 0.8)) == []


def test_a_photo_and_a_painting_of_it_from_python(photo: Photo, plain: Result) -> None:
    found = portrait_nst.likeness(photo, plain.rgb)
    assert found is not None and plain.likeness is not None
    assert found.as_dict() == plain.likeness.as_dict()
    large = imaging.resize(photo.rgb, (1600, 1360))
    found = portrait_nst.likeness(large, photo)
    assert found is not None and found.value > 0.9
    meter = likeness.meter_of(Photo(large), segmentation.faces(Photo(large)))
    assert meter is not None and meter.photo.height == likeness.MEASURED_AT
    assert portrait_nst.likeness(np.full((60, 50, 3), 99, np.uint8), np.full((90, 75, 3), 99, np.uint8)) is None
    with pytest.raises(InputError, match="100 x 100"):
        portrait_nst.likeness(photo, photo.rgb[:100, :100])


@pytest.fixture(scope="module")
def vgg_face(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a small VGG-16 with random weights, by the names of VGG-Face's conversions."""
    arrays = {k.replace("conv", "conv_", 1): v for k, v in networks.caffe_state(networks.SHAPES["vgg16"]).items()}
    return networks.write_npz(tmp_path_factory.mktemp("weights") / "recogniser.npz", arrays)


def test_an_identity_loss_brings_the_descriptions_together(
    small_portrait: Path, small_style: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def recogniser(path: str) -> encoders.Encoder:
        seen.append(path)
        return networks.encoder(((8, 8), (8, 8)), seed=3)

    monkeypatch.setattr(encoders, "recogniser", recogniser)
    made = stylize(small_portrait, small_style, identity_weights=__file__, strength=0.2, **QUICK)
    assert seen == [__file__]
    fine = [losses["identity"] for losses in made.losses if "identity" in losses]
    assert fine and fine[-1] <= fine[0]
    assert made.recipe["inputs"]["identity_weights"]["sha256"]


def test_a_recogniser_is_known_by_its_tensors(vgg_face: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from portrait_nst.encoders import pretrained

    monkeypatch.setitem(pretrained.WIDTHS, "vgg16", networks.SHAPES["vgg16"])
    found = encoders.recogniser(vgg_face)
    assert found.name == "vgg16" and found.layers[-1] == "relu5_3"
    with pytest.raises(InputError, match="--identity-weights"):
        encoders.recogniser(tmp_path / "gone.pth")
    imagenet = networks.write_npz(tmp_path / "vgg16.npz", networks.caffe_state(networks.SHAPES["vgg16"]))
    with pytest.raises(ModelError, match="face-recognition"):
        encoders.recogniser(imagenet)
    asked = []
    monkeypatch.setattr(pretrained, "load_network", lambda name, path: asked.append(name))
    torch.save({"layer1.0.conv1.weight": torch.zeros(1), "fc.weight": torch.zeros(8631, 2)}, tmp_path / "senet.pth")
    encoders.recogniser(tmp_path / "senet.pth")
    assert asked == ["resnet50"]


def test_the_settings_keep_their_defaults() -> None:
    settings = Settings()
    assert (settings.likeness, settings.gain_maps, settings.identity_weights) == (0.0, False, None)
    assert pipeline.stylize is stylize
