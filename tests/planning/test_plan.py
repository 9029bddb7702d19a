"""A plan: its memory, what it does where there is too little of it, its scales and its modes."""

from __future__ import annotations

from typing import Any

import pytest

from portrait_nst import Settings
from portrait_nst.encoders import registry
from portrait_nst.errors import ResourceError
from portrait_nst.planning import EncoderFacts, Extent, encoder_facts, make_plan, make_popart_plan, scales_and_steps
from portrait_nst.planning.plan import LEAST_WHOLE, WHOLE
from portrait_nst.planning.scales import COARSEST
from portrait_nst.qualities import QUALITIES

OBAMA, ASTRONAUT = ((1137, 910), 0.875), ((512, 512), 0.959)  # a photo's size and the share of it that is painted


@pytest.mark.parametrize(
    ("photo", "changes", "peak"),
    [
        (ASTRONAUT, {"method": "gram", "quality": "draft", "size": 256}, 1.03),
        (OBAMA, {"method": "gram", "size": 256}, 1.09),
        (OBAMA, {"method": "gram", "size": 512}, 1.36),
        (ASTRONAUT, {"method": "gram"}, 1.50),
        (OBAMA, {"method": "gram", "quality": "draft", "size": 768}, 1.68),
        (ASTRONAUT, {"size": 256}, 1.34),
        (OBAMA, {"size": 256}, 1.39),
        (OBAMA, {"size": 512}, 1.73),
        (ASTRONAUT, {}, 1.77),
        (OBAMA, {"size": 768}, 2.09),
    ],
)
def test_memory_is_foreseen_within_a_fifth_of_what_was_measured(
    photo: tuple[tuple[int, int], float], changes: dict[str, Any], peak: float
) -> None:
    size, share = photo
    edge = (1 - share**0.5) / 2
    middle = Extent(edge, edge, 1 - edge, 1 - edge)
    plan = make_plan(Settings(precision="bfloat16").replace(**changes), size, extent=middle)
    assert plan.peak / 1e9 == pytest.approx(peak, rel=0.2)


@pytest.mark.parametrize(("budget", "whole"), [(9e9, WHOLE), (1.9e9, LEAST_WHOLE), (1.5e9, WHOLE)])
def test_with_less_memory_it_is_painted_in_windows_before_it_is_painted_smaller(budget: float, whole: int) -> None:
    settings = Settings(method="gram", size=800, precision="bfloat16")
    plan = make_plan(settings, (1400, 1400), budget=budget, name="me.jpg")
    assert plan.whole == whole and plan.peak <= budget
    if budget == 9e9:
        assert plan.modes[-1] == "whole" and not plan.notes and plan.settings == settings
    elif whole == LEAST_WHOLE:
        assert plan.modes == ("whole", "whole", "windowed") and "window by window" in plan.notes[0]
        assert plan.settings == settings
    else:
        assert 256 <= max(plan.sizes[-1]) < 800 and "instead of 800" in plan.notes[0]
        assert plan.settings == settings.replace(size=max(plan.sizes[-1]))


@pytest.mark.parametrize("size", [64, 100, 256, None])
def test_what_is_painted_smaller_fits_and_what_never_fits_is_refused(size: int | None) -> None:
    asked = Settings(size=size)
    with pytest.raises(ResourceError, match="The photo needs at least"):
        make_plan(asked, (600, 500), budget=0.5e9)
    need = make_plan(asked, (600, 500), faces=()).peak
    plan = make_plan(asked, (600, 500), faces=(), budget=need)
    assert plan.settings == asked and plan.peak == need and not plan.notes


def test_popart_paints_nothing_and_has_a_limit_too() -> None:
    plan = make_popart_plan(Settings(), (3000, 4000), budget=9e9)
    assert plan.scales == () and plan.work == 0 and 1e9 < plan.peak < 2e9
    with pytest.raises(ResourceError, match=r"me.jpg needs at least"):
        make_popart_plan(Settings(), (30_000, 30_000), budget=3e9, name="me.jpg")


def test_a_large_canvas_begins_coarsely_and_ends_in_few_steps() -> None:
    for method, name, quality in [(m, n, q) for m, qualities in QUALITIES.items() for n, q in qualities.items()]:
        settings = Settings.from_recipe({"method": method, "quality": name})
        scales, steps = scales_and_steps(settings, 6000)
        assert 6000 * scales[0] <= COARSEST and scales[-1] == 1 and len(scales) == len(steps)
        assert list(scales) == sorted(scales) and steps[-1] == min(6, quality.iterations[-1])
        if quality.size <= 768:
            assert scales_and_steps(settings, quality.size) == (quality.scales, quality.iterations)
    assert scales_and_steps(Settings(iterations=7, quality="draft"), 512)[1] == (7, 7, 7)
    assert scales_and_steps(Settings(scales=(0.5, 1.0)), 6000)[0] == (0.5, 1.0)


def test_the_steps_are_those_of_the_scales_that_are_left() -> None:
    plan = make_plan(Settings(), (1000, 100))  # the coarsest two would be 13 and 26 pixels wide
    assert plan.sizes == ((512, 51),) and plan.steps == QUALITIES["painterly"]["standard"].iterations[-1:]
    assert plan.work == pytest.approx(512 * 51 / 1e6 * plan.steps[0])


GAINS_24_MP: dict[str, Any] = {"size": "full", "gain_maps": True, "method": "gram"}


@pytest.mark.parametrize(("faces", "mode", "gigabytes"), [([900.0], "tiled", 10.8), ((), "windowed", 3.2)])
def test_gain_maps_of_a_large_photo_are_painted_in_tiles_where_there_is_a_face(
    faces: Any, mode: str, gigabytes: float
) -> None:
    plan = make_plan(Settings(**GAINS_24_MP), (4000, 6000), faces=faces)
    assert plan.modes[-1] == mode and plan.peak / 1e9 == pytest.approx(gigabytes, abs=0.1)


@pytest.mark.parametrize("name", registry.NAMES)
def test_an_encoder_is_known_by_name_as_it_is_loaded(name: str) -> None:
    assert encoder_facts(name) == encoder_facts(registry.blueprint(name))


def test_an_encoder_that_looks_at_the_whole_picture_takes_each_canvas_whole() -> None:
    settings = Settings(size=2000, method="gram")
    gated, local = (make_plan(settings, (2000, 2000), encoder=EncoderFacts("x", local)) for local in (False, True))
    assert set(gated.modes) == {"whole"} and local.modes[-1] == "windowed" and gated.peak > local.peak


def test_a_canvas_is_the_box_that_is_painted() -> None:
    settings = Settings(size=1600, method="gram", iterations=1)
    whole = make_plan(settings, (1600, 1600))
    part = make_plan(settings, (1600, 1600), extent=Extent(0.2, 0.25, 0.7, 0.75))
    assert whole.modes[-1] == "windowed" and part.modes[-1] == "whole"
    assert whole.scales[-1].canvas == (1632, 1632) and part.scales[-1].canvas == (848, 848)


def test_an_extent_is_that_of_the_mask() -> None:
    import numpy as np

    mask = np.zeros((200, 100), np.float32)
    assert Extent.of(mask) == Extent()
    mask[50:100, 10:30] = 0.1
    found = Extent.of(mask)
    assert found == Extent(0.25, 0.1, 0.5, 0.3) and found.share == pytest.approx(0.05)
    assert found.pixels((400, 200)) == pytest.approx(100 * 40)
