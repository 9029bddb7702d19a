"""Settings: checked when made, the same name for the same settings on every machine."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from portrait_nst.errors import InputError
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.presets import settings_of
from portrait_nst.qualities import QUALITIES
from portrait_nst.settings import Settings, schema
from portrait_nst.transfer.configuration import schedule
from portrait_nst.transfer.optim import first_order

CHOICES: dict[str, tuple[str, ...]] = {
    "method": ("auto", "painterly", "gram"),
    "quality": ("instant", "draft", "standard", "fine"),
    "optimizer": ("lbfgs", "adam", "nadam", "rmsprop", "sgd"),
    "decay": ("cosine", "exponential", "constant"),
    "canvas": ("pyramid", "pixels"),
    "values": ("unit", "byte"),
    "normalisation": ("relative", "gatys2015", "gatys2016", "chollet", "half"),
    "style_loss": ("gram", "wasserstein"),
    "colours": ("style", "luminance", "pca", "cholesky"),
    "guidance": ("soft", "inside", "all"),
    "region": ("person", "all"),
    "segmenter": ("mediapipe", "rembg:birefnet-general", "rembg:u2net_human_seg", "rembg:u2net"),
    "device": ("auto", "cpu", "cuda", "mps"),
    "precision": ("auto", "float32", "bfloat16"),
    "pooling": ("average", "max"),
}
RANGES: dict[str, tuple[float, float]] = {
    "strength": (0, 1),
    "max_memory": (0.1, 100_000.0),
    "style_scale": (0.1, 10),
    "face_hold": (0, 1000),
    "recolour": (0, 1),
    "brushwork": (0, 1),
    "guidance_offset": (-50, 50),
    "learning_rate": (1e-9, 1e9),
    "decay_rate": (1e-3, 1),
    "decay_steps": (1, 100_000),
    "tv_exponent": (0.5, 4),
    "likeness": (0, 1),
    "size": (64, 20_000),
    "iterations": (1, 100_000),
    "levels": (1, 8),
    "threads": (1, 1024),
    "style_weight": (0, 1e12),
    "content_weight": (0, 1e12),
    "tv_weight": (0, 1e12),
}
WHOLE = ("guidance_offset", "decay_steps", "size", "iterations", "levels", "threads")
OTHER = Settings(
    quality="fine",
    strength=0.75,
    size="full",
    person=2,
    background="#102030",
    style_layers=("relu1_1", "relu3_1:0.5"),
    content_layers=("relu3_2",),
    tv_weight=0.25,
    levels=2,
    seed=7,
)


def made(values: dict[str, Any]) -> Settings:
    """Settings from values that may be of any kind, as a careless caller gives them."""
    return Settings(**values)


def test_the_hash_of_the_defaults() -> None:
    """Written out, so that it is the same on every machine. It changes with a default or a new setting, and with nothing else:
    old recipes stay readable, cached results are made again."""
    assert Settings().hash() == "5901e6e5d1485f3d"


def test_the_hash_does_not_change_from_run_to_run() -> None:
    code = "from portrait_nst.settings import Settings; print(Settings(seed=3, quality='fine').hash())"
    for seed in ("1", "2"):
        found = subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        assert found.stdout.strip() == Settings(quality="fine", seed=3).hash()


def test_every_setting_is_in_the_hash() -> None:
    different = {
        **{name: choices[-1] for name, choices in CHOICES.items()},
        **{name: low for name, (low, _) in RANGES.items()},
        **{"encoder": "vgg19", "weights": "w.pth", "person": "largest", "background": "blur", "style_region": "person"},
        **{
            "style_layers": ("relu1_1",),
            "content_layers": ("relu1_1",),
            "seed": 1,
            "scales": (0.5, 1.0),
            "init": "random",
        },
        **{"coarse_style": "c.png", "gain_maps": True, "learn": True, "identity_weights": "i.pth", "likeness": 0.5},
    }
    defaults = Settings()
    assert set(different) == {field.name for field in dataclasses.fields(Settings)}
    hashes = {defaults.hash(), *(defaults.replace(**{name: value}).hash() for name, value in different.items())}
    assert len(hashes) == 1 + len(different)


def test_equal_settings_have_equal_hashes() -> None:
    for a, b in [
        (Settings(strength=1), Settings(strength=1.0)),
        (Settings(style_scale=2, face_hold=3), Settings(style_scale=2.0, face_hold=3.0)),
        (Settings.from_dict({"seed": 1, "quality": "fine"}), Settings.from_dict({"quality": "fine", "seed": 1})),
    ]:
        assert a == b and a.hash() == b.hash()


@pytest.mark.parametrize("settings", [Settings(), OTHER])
def test_through_json_and_back(settings: Settings) -> None:
    again = Settings.from_dict(json.loads(json.dumps(settings.as_dict())))
    assert again == settings and again.hash() == settings.hash()
    assert list(settings.as_dict()) == [field.name for field in dataclasses.fields(Settings)]


def test_a_dictionary_may_leave_settings_out() -> None:
    assert Settings.from_dict({}) == Settings()
    assert Settings.from_dict({"style_layers": ["relu1_1"]}) == Settings(style_layers=("relu1_1",))


def test_an_unknown_name_lists_those_there_are() -> None:
    with pytest.raises(InputError) as error:
        Settings.from_dict({"strenght": 0.5})
    assert "'strenght'" in str(error.value)
    assert all(field.name in str(error.value) for field in dataclasses.fields(Settings))


def test_a_recipe_is_read_as_it_was_painted() -> None:
    """Recipes of 0.1.0 have no method, those of before there was brushwork lack that; what they have stays."""
    now, lacks = Settings().as_dict(), {"method", "brushwork"}
    old = {name: value for name, value in now.items() if name not in lacks}
    assert Settings.from_recipe(old) == Settings(method="gram", brushwork=0.0)
    assert Settings.from_recipe({**old, "method": "painterly"}) == Settings(method="painterly", brushwork=0.0)
    assert Settings.from_recipe(now) == Settings()
    with pytest.raises(InputError, match="'strenght'"):
        Settings.from_recipe({"strenght": 1})


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_is_taken_and_no_other(name: str) -> None:
    for value in CHOICES[name]:
        assert getattr(made({name: value}), name) == value
    wrong: list[object] = ["", "no such", CHOICES[name][0].upper(), None, 3, ["soft"]]
    for given in wrong:
        with pytest.raises(InputError) as error:
            made({name: given})
        assert name.replace("_", "-") in str(error.value) and repr(given) in str(error.value)
        assert all(choice in str(error.value) for choice in CHOICES[name])


@pytest.mark.parametrize("name", RANGES)
def test_every_range_is_held(name: str) -> None:
    low, high = RANGES[name]
    for value in (low, high):
        assert getattr(made({name: value}), name) == value
    outside = [low - 1, high + 1] if name in WHOLE else [low - 1e-9, high * (1 + 1e-9), float("nan"), float("inf")]
    wrong: list[object] = [*outside, "1", True]
    for given in wrong:
        with pytest.raises(InputError) as error:
            made({name: given})
        message = str(error.value)
        assert name.replace("_", "-") in message and repr(given) in message
        assert f"{low:g} to {high:g}" in message


@pytest.mark.parametrize("name", [*WHOLE, "seed"])
def test_what_counts_is_a_whole_number(name: str) -> None:
    for value in (2.5, float("nan"), [3], "many"):
        with pytest.raises(InputError, match=name.replace("_", ".")):
            made({name: value})


def test_the_seed_is_not_negative() -> None:
    with pytest.raises(InputError, match="seed"):
        Settings(seed=-1)


@pytest.mark.parametrize("name", ["style_layers", "content_layers"])
def test_layers_are_a_list_of_names(name: str) -> None:
    with pytest.raises(InputError, match=name.replace("_", ".")):
        made({name: "relu1_1"})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"strength": 3}, "strength must be a number from 0 to 1, not 3."),
        ({"max_memory": 0}, "max-memory must be a number of gigabytes from 0.1 to 100000, not 0."),
        ({"size": "big"}, "size must be a whole number of pixels from 64 to 20000 or 'full', not 'big'."),
        ({"person": "tallest"}, "person must be a whole number from 1 or 'all' or 'largest', not 'tallest'."),
        ({"person": 0}, "person must be a whole number from 1 or 'all' or 'largest', not 0."),
        ({"gain_maps": "yes"}, "gain-maps must be true or false, not 'yes'."),
        ({"background": 3}, "background must be a string, not 3."),
        ({"scales": 0.5}, "scales must be a list of fractions of the size, not 0.5."),
        ({"scales": ["1"]}, "scales must be a list of fractions of the size, not ['1']."),
        ({"scales": [2.0]}, "scale must be a number from 0.01 to 1, not 2.0."),
        (
            {"scales": [0.5, 0.25]},
            "each scale must be above the one before and the last 1, as in 0.25 0.5 1, not 0.5 0.25.",
        ),
        ({"style_layers": [1]}, "style-layers must be a list of layer names, not [1]."),
        ({"pooling": "sum"}, "pooling must be one of average, max, not 'sum'."),
    ],
)
def test_an_error_says_in_a_line_what_is_taken(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        made(values)
    assert str(error.value) == message


def test_a_person_may_be_numbered_in_letters() -> None:
    assert made({"person": "2"}) == Settings(person=2)


def test_files_may_be_paths_and_stay_json() -> None:
    assert made({"weights": Path("w.npz"), "background": Path("b.png")}) == Settings(
        weights="w.npz", background="b.png"
    )


def test_size_full_is_the_only_word() -> None:
    assert Settings(size="full").size == "full"
    with pytest.raises(InputError, match="'full'"):
        made({"size": "big"})


def test_settings_do_not_change() -> None:
    settings = Settings()
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.strength = 1.0  # type: ignore[misc]
    changed = settings.replace(strength=0.9)
    assert (settings.strength, changed.strength) == (0.5, 0.9)
    with pytest.raises(InputError):
        settings.replace(strength=2)


@pytest.mark.parametrize("method", QUALITIES)
def test_presets_go_from_coarse_to_fine(method: str) -> None:
    qualities = QUALITIES[method]
    assert Settings().quality in qualities
    for quality in qualities.values():
        assert len(quality.scales) == len(quality.iterations)
        assert list(quality.scales) == sorted(quality.scales) and quality.scales[-1] == 1
        assert 0 <= quality.tolerance < 0.1
    work = [sum(i * (s * q.size) ** 2 for s, i in zip(q.scales, q.iterations)) for q in qualities.values()]
    assert work == sorted(work), "draft, standard, fine"


def test_asking_for_settings_imports_nothing_heavy() -> None:
    code = "import sys, portrait_nst.settings; print(*{'torch', 'cv2', 'numpy', 'mediapipe'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""


def test_an_unknown_name_is_an_input_error_wherever_it_is_given() -> None:
    wrong: dict[str, Any] = {"strenght": 0.5}
    popart: dict[str, Any] = {"detial": 0.5}
    makers: list[Callable[[], object]] = [
        lambda: Settings(**wrong),
        lambda: Settings().replace(**wrong),
        lambda: settings_of("gatys2016", **wrong),
        lambda: settings_of(**wrong),
        lambda: Settings().replace(preset="draft"),
        lambda: PopartSettings(**popart),
        lambda: dataclasses.replace(PopartSettings(), **popart),
    ]
    expected = "There is no setting '(strenght'. Did you mean strength|detial'. Did you mean detail|preset')"
    for make in makers:
        with pytest.raises(InputError, match=expected):
            make()


def test_settings_are_copied_and_pickled() -> None:
    settings = Settings(strength=0.25, scales=(0.5, 1.0))
    assert pickle.loads(pickle.dumps(settings)) == copy.deepcopy(settings) == settings


def test_numbers_and_arrays_of_numpy_are_taken() -> None:
    settings = Settings(
        strength=np.float32(0.5),  # type: ignore[arg-type]
        size=np.int64(96),  # type: ignore[arg-type]
        gain_maps=np.bool_(True),  # type: ignore[arg-type]
        scales=np.array([0.5, 1.0]),  # type: ignore[arg-type]
        person=np.int64(2),  # type: ignore[arg-type]
    )
    assert settings == Settings(strength=0.5, size=96, gain_maps=True, scales=(0.5, 1.0), person=2)
    assert json.dumps(settings.as_dict()) and settings.hash()
    assert Settings(scales=(np.float64(0.5), np.float32(1))).scales == (0.5, 1.0)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="strength must be"):
        Settings(strength=np.array([0.5]))  # type: ignore[arg-type]


def test_every_optimizer_can_be_made_and_has_a_rate() -> None:
    names = set(schema(Settings)["optimizer"].choices)
    assert names == {"lbfgs", *first_order.RATES} and set(first_order.RATES) == set(first_order._MAKERS)
    for name in names - {"lbfgs"}:
        assert schedule(Settings(optimizer=name), 1.0).rate == first_order.RATES[name]  # type: ignore[arg-type]


def test_an_optimizer_without_a_rate_is_no_silent_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(first_order.RATES, "adam")
    with pytest.raises(KeyError):
        schedule(Settings(optimizer="adam"), 1.0)
