"""The engine does what the plan says; the forecasts and a batch's estimate say so before.

Each case paints a small picture with lowered thresholds, and looks at how its objective was evaluated at each scale. Whoever
decides by itself how a canvas is taken, at which size or in how many steps, fails here.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from portrait_nst import Settings, Step, encoders, imaging, planning, stylize, transfer
from portrait_nst.batch.planning import estimate
from portrait_nst.encoders import Encoder
from portrait_nst.pipeline.paint_plan import plan_painting
from portrait_nst.planning import Mode, Plan, encoder_facts, memory, plan
from portrait_nst.transfer import EngineConfig, timing
from portrait_nst.transfer.objective.objective import Objective
from portrait_nst.transfer.objective.windowed import WindowObjective, windows
from portrait_nst.transfer.timing import EvaluationCost
from portrait_nst.transfer.windowed_optimizer import SIDE, USUAL_HALO, steps_per_pass, windowed_evaluations
from portrait_nst.types import Photo
from tests.encoders import networks

COST = EvaluationCost(0.01, 1.0)
QUICK: dict[str, Any] = {"size": 128, "scales": (0.5, 1.0), "iterations": 2, "threads": 1, "device": "cpu"}
QUICK |= {"precision": "bfloat16", "region": "all", "recolour": 0.0, "brushwork": 0.0}
PUBLISHED = {"normalisation": "gatys2016", "style_weight": 1.0, "content_weight": 1.0}

# what is asked, the mode of the finest scale, and whether that is painted smaller than asked
CASES: dict[str, tuple[dict[str, Any], Mode, bool]] = {
    "painterly": ({}, "windowed", False),
    "gram": ({"method": "gram"}, "windowed", False),
    "wasserstein": ({"style_loss": "wasserstein"}, "windowed", False),
    "full": ({"size": "full", "method": "gram"}, "windowed", False),
    "quality": ({"quality": "draft", "method": "gram", "scales": ()}, "windowed", False),
    "one scale": ({"scales": (1.0,), "method": "gram"}, "windowed", False),
    "small": ({"size": 72, "method": "gram"}, "whole", False),
    "published losses": (PUBLISHED, "tiled", False),
    "published losses, byte": ({"normalisation": "gatys2015", "values": "byte"}, "tiled", False),
    "adam": ({"optimizer": "adam", "method": "gram"}, "tiled", False),
    "adam, painterly": ({"optimizer": "adam"}, "tiled", False),
    "nadam": ({"optimizer": "nadam", "method": "gram"}, "tiled", False),
    "rmsprop": ({"optimizer": "rmsprop", "method": "gram"}, "tiled", False),
    "sgd": ({"optimizer": "sgd", "method": "gram"}, "tiled", False),
    "pixels": ({"canvas": "pixels", "method": "gram"}, "tiled", False),
    "pixels, painterly": ({"canvas": "pixels"}, "tiled", False),
    "likeness": ({"likeness": 0.2, "method": "gram"}, "windowed", False),
    "gain maps": ({"gain_maps": True, "method": "gram"}, "tiled", False),
    "gain maps, painterly": ({"gain_maps": True}, "tiled", False),
    "identity": ({"identity_weights": __file__, "method": "gram"}, "tiled", False),
    "vgg": ({"encoder": "vgg16", "method": "gram"}, "windowed", False),
    "gated encoder": ({"encoder": "efficientnet_b0", "method": "gram"}, "whole", False),
    "float32": ({"precision": "float32", "method": "gram"}, "windowed", False),
    "brush work": ({"brushwork": 1.0}, "windowed", False),
    "memory for windows": ({"size": 88, "method": "gram", "max_memory": 0.965}, "windowed", False),
    "memory for less": ({"method": "gram", "max_memory": 0.9575}, "windowed", True),
    "memory for less, adam": ({"optimizer": "adam", "method": "gram", "max_memory": 0.963}, "whole", True),
}


@pytest.fixture
def low_thresholds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A canvas of 128 x 109 pixels is large, and one of 88 x 75 where memory is short; parts take hardly any memory."""
    monkeypatch.setattr(plan, "WHOLE", 8000)
    monkeypatch.setattr(plan, "LEAST_WHOLE", 5000)
    monkeypatch.setattr(plan, "SMALLEST", 64)
    monkeypatch.setattr(memory, "WINDOWS", 0.955e9)
    monkeypatch.setattr(timing, "measured", lambda *_: COST)


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[Mode]:
    """How the objective was evaluated, since this list was emptied."""
    found: list[Mode] = []
    plain = Objective.__call__

    def call(self: Objective, image: Tensor) -> tuple[dict[str, float], Tensor]:
        found.append(
            "windowed" if isinstance(self, WindowObjective) else "tiled" if self.tiling.needed(image) else "whole"
        )
        return plain(self, image)

    monkeypatch.setattr(Objective, "__call__", call)
    return found


def network(name: str) -> Encoder | None:
    """A small network that stands for the encoder of this name; None for the package's own."""
    if name == "embedded":
        return None
    made = replace(networks.encoder(((4, 4), (4, 4))), name=name)
    if name.startswith("efficientnet"):
        made.net.gate = torch.nn.AdaptiveAvgPool2d(1)
    assert encoder_facts(made) == encoder_facts(name)
    return made


@pytest.mark.parametrize("case", CASES)
def test_the_engine_the_forecasts_and_a_batch_go_by_one_plan(
    case: str, small_portrait: Path, low_thresholds: None, evaluated: list[Mode], monkeypatch: pytest.MonkeyPatch
) -> None:
    changes, mode, smaller = CASES[case]
    settings = Settings(**{**QUICK, **changes})
    photo = imaging.load(small_portrait)
    monkeypatch.setattr(encoders, "recogniser", lambda path: networks.encoder(((6, 6), (6, 6)), seed=1))
    plans, painted, estimates = listen(monkeypatch)
    modes: dict[int, set[Mode]] = {}
    steps: list[Step] = []

    def on_step(step: Step) -> None:
        modes.setdefault(step.scale, set()).update(evaluated)
        evaluated.clear()
        steps.append(step)

    result = stylize(photo, photo, settings=settings, network=network(settings.encoder), on_step=on_step)
    (made,) = plans

    # the plan
    assert made.modes[-1] == mode and set(made.modes[:-1]) <= {"whole"}
    assert (made.settings.size != settings.size) == smaller
    assert result.recipe["settings"]["size"] == made.settings.size
    assert all(note in result.notes for note in made.notes) and (bool(made.notes) == (settings.max_memory is not None))

    # the engine
    assert {scale: {each} for scale, each in enumerate(made.modes)} == modes
    assert tuple(dict.fromkeys(step.size for step in steps)) == made.sizes
    for number, planned in enumerate(made.scales):
        taken = len([step for step in steps if step.scale == number])
        if planned.mode == "windowed":  # one window in the first pass, and four in the second
            assert taken == windows_and_steps(painted[0], number, planned.steps)
        else:
            assert taken == planned.steps
    for canvas, planned in zip(painted[0].canvas_sizes(), made.scales, strict=True):
        assert all(abs(one - other) <= 4 for one, other in zip(canvas, planned.canvas))

    # the forecast of memory and of seconds
    assert steps[0].forecast is not None and steps[0].forecast.memory == made.peak
    (expected,) = estimates
    for scale, canvas in enumerate(painted[0].canvas_sizes()):
        wanted = step_seconds(made, scale, canvas)
        assert expected.step[scale] == pytest.approx(wanted) and expected.steps[scale] == made.steps[scale]

    # a batch's estimate, by the photo's size alone
    limit = planning.allowed(settings, 9e9)
    ahead = estimate.make_plan("stylize", settings, photo.rgb.shape[:2], limit)
    assert (ahead.scales, ahead.peak, ahead.whole) == (made.scales, made.peak, made.whole)
    assert ahead.work == made.work and ahead.notes == made.notes


def windows_and_steps(painter: transfer.StyleOptimizer, scale: int, steps: int) -> int:
    """How many steps all windows of a scale take together."""
    size = painter.canvas_sizes()[scale]
    passes = [windows(size, SIDE, 16, USUAL_HALO, number % 2 == 1) for number in range(len(steps_per_pass(steps)))]
    return sum(len(found) * count for found, count in zip(passes, steps_per_pass(steps)))


def listen(
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[list[Plan], list[transfer.StyleOptimizer], list[transfer.TimeEstimate]]:
    """Lists that get each plan which the engine is given, each painting, and what is foretold about its seconds."""
    plans: list[Plan] = []
    painted: list[transfer.StyleOptimizer] = []
    estimates: list[transfer.TimeEstimate] = []
    build, estimate_time = transfer.build_config, transfer.estimate_time

    def build_config(settings: Settings, encoder: Encoder, height: int, width: int, made: Plan) -> EngineConfig:
        plans.append(made)
        return build(settings, encoder, height, width, made)

    def estimated(painter: transfer.StyleOptimizer) -> transfer.TimeEstimate | None:
        found = estimate_time(painter)
        assert found is not None
        painted.append(painter)
        estimates.append(found)
        return found

    monkeypatch.setattr(transfer, "build_config", build_config)
    monkeypatch.setattr(transfer, "estimate_time", estimated)
    return plans, painted, estimates


def step_seconds(made: Plan, scale: int, canvas: tuple[int, int]) -> float:
    """The seconds of a step, of two that do not move the grid."""
    mode, steps = made.modes[scale], made.steps[scale]
    assert steps == 2
    if mode != "windowed":
        return COST.seconds(canvas) * (timing.TILED if mode == "tiled" else 1.0)
    asked = timing.OVERLAP * (timing.ASK + 1 / 3) * len(steps_per_pass(steps)) if made.settings.painterly else 0.0
    return float(COST.seconds(canvas) * (windowed_evaluations(canvas, steps, "cpu") + asked) / steps)


@pytest.mark.parametrize("settings", [Settings(gain_maps=True), Settings(identity_weights="vggface.pth")])
def test_what_faces_ask_for_changes_nothing_where_none_is_painted(settings: Settings) -> None:
    settings = settings.replace(size="full", method="gram")
    modes = [planning.make_plan(settings, (1200, 1200), faces=faces).modes[-1] for faces in ((), [100.0], None)]
    assert modes == ["windowed", "tiled", "tiled"]


def test_what_cannot_be_painted_in_windows_is_refused_by_the_engine() -> None:
    """Only a mistake of ours would bring it there."""
    encoder = encoders.get("embedded")
    modes: tuple[Mode, ...] = ("windowed",)
    config = transfer.build_config(Settings(size=64, scales=(1.0,), optimizer="adam", method="gram"), encoder, 64, 64)
    with pytest.raises(ValueError, match="L-BFGS"):
        photo = imaging.to_float(Photo(torch.zeros(64, 64, 3, dtype=torch.uint8).numpy()).rgb)
        transfer.StyleOptimizer(encoder, photo, [], replace(config, modes=modes))


@pytest.mark.parametrize("background", ["keep", "blur", "transparent", "#204060"])
def test_the_plan_is_for_the_person_where_the_background_is_not_painted(background: str, small_portrait: Path) -> None:
    photo = imaging.load(small_portrait)
    alpha = photo.rgb[..., 0].astype("float32") * 0
    alpha[40:, 20:90] = 1
    found = plan_painting(Settings(**QUICK).replace(background=background), photo, alpha, [])
    both = plan_painting(Settings(**QUICK).replace(background="oil"), photo, alpha, [])
    wanted = planning.Extent.of(alpha).canvas(found.sizes[-1])
    assert found.scales[-1].canvas == wanted < both.scales[-1].canvas
