"""Settings in a user's words, and the grid they span."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from portrait_nst import InputError, Settings
from portrait_nst.report import parse_set, parse_vary
from portrait_nst.report.overview import sheet_columns
from portrait_nst.report.vary import expand, field_name, format_value, option_name, parse_value, unused_in_all


def test_values_become_what_the_setting_takes() -> None:
    found = parse_vary(
        ["optimizer=lbfgs, adam", "content-layer=relu2_1,relu3_1+relu3_4:0.5,default", "--strength=0.25,1"]
    )
    assert found == {
        "optimizer": ["lbfgs", "adam"],
        "content_layers": [("relu2_1",), ("relu3_1", "relu3_4:0.5"), ()],
        "strength": [0.25, 1],
    }
    assert parse_vary(["seed=1", "seed=2"]) == {"seed": [1, 2]}
    cases: dict[str, Any] = {"size": "full", "iterations": None, "levels": 3, "person": 2, "background": "#102030"}
    assert {name: parse_value(name, format_value(name, value)) for name, value in cases.items()} == cases


def test_every_setting_has_a_name_that_finds_it_and_says_its_default() -> None:
    for name, value in vars(Settings()).items():
        assert field_name(option_name(name)) == field_name(name) == name
        assert parse_value(name, format_value(name, value)) == value
    assert option_name("content_layers") == "content-layer" and option_name("levels") == "levels"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("shade=red", "There is no setting 'shade'.*optimizer.*content-layer"),
        ("optimizer", "name=value"),
        ("optimizer=", "name=value"),
        ("optimizer=lbfgs,sprint", "lbfgs, .*adam"),
        ("strenght=1", "'strenght'. Did you mean strength"),
        ("Content_Layr=1", "Did you mean content-layer"),
        ("scales=0.5/1", "a number from 0.01 to 1, or several joined by [+]; not '0.5/1'"),
        ("strength=much", "number"),
        ("strength=2", "0 to 1"),
        ("iterations=1.5", "number"),
        ("content-layer=+", "joined by"),
    ],
)
def test_unknown_names_and_values_say_what_there_is(entry: str, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        expand(parse_vary([entry]), Settings())


def test_the_grid_is_a_product_without_repetitions() -> None:
    points = expand({"optimizer": ["lbfgs", "adam"], "content_layer": [("relu2_1",), "default", []]}, Settings(seed=3))
    assert [point.varied for point in points] == [
        {"optimizer": optimizer, "content-layer": layers}
        for optimizer in ("lbfgs", "adam")
        for layers in ("relu2_1", "default")
    ]
    assert points[3].settings == Settings(optimizer="adam", seed=3)
    with pytest.raises(InputError, match="Nothing varies"):
        expand({}, Settings())
    with pytest.raises(InputError, match="list of values"):
        expand({"optimizer": "lbfgs"}, Settings())
    with pytest.raises(InputError, match="at most"):
        expand({"seed": list(range(200)), "strength": [i / 100 for i in range(100)]}, Settings())


def test_shared_settings() -> None:
    assert parse_set(["quality=draft", "size=128"], Settings(seed=2)) == Settings(quality="draft", size=128, seed=2)
    with pytest.raises(InputError, match="name=value"):
        parse_set(["draft"])


def test_equal_values_stand_below_each_other() -> None:
    assert [sheet_columns(axes) for axes in ([6], [2, 3], [2, 4, 2], [3, 20], [2, 2, 2])] == [None, 3, 8, None, 4]


def test_a_setting_without_effect_in_all_runs_is_noted() -> None:
    layers = {"content_layer": ["relu2_1", "relu3_1"]}
    (note,) = unused_in_all(expand(layers, Settings()))
    assert note.startswith("--content-layer is for method gram")
    assert not unused_in_all(expand(layers, Settings(method="gram")))
    assert not unused_in_all(expand({**layers, "method": ["gram", "painterly"]}, Settings()))
    assert unused_in_all(expand({"seed": [1]}, Settings(method="gram")), ["brushwork"])


def test_numbers_of_numpy_vary_too() -> None:
    points = expand({"strength": [np.float64(0.25)], "scales": [np.array([0.5, 1.0])]}, Settings())
    assert points[0].settings == Settings(strength=0.25, scales=(0.5, 1.0))
    assert points[0].varied == {"strength": "0.25", "scale": "0.5+1"}
