"""`portrait_nst.learn`: a network that is there, that is learned, that is gone on with; and what cannot be learned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import portrait_nst
from portrait_nst import InputError, encoders, imaging, resources
from portrait_nst.errors import MaskError
from portrait_nst.instant import files, store
from portrait_nst.pipeline.learning import is_learned, learn, paintings_of, what_is_learned
from portrait_nst.pipeline.styles import load_blend

from .stand_in_learning import StandIn, stand_in

STEPS = 3


@pytest.fixture(autouse=True)
def learning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, library: Path) -> type[StandIn]:
    monkeypatch.setenv(resources.HOME, str(tmp_path / "cache"))
    return stand_in(monkeypatch)


def test_what_was_learned_is_found_by_the_pictures_alone(small_style: Path, tmp_path: Path) -> None:
    seen: list[int] = []
    made = portrait_nst.learn(str(small_style), steps=STEPS, on_step=lambda step: seen.append(step.step))
    assert (made.outcome, seen, made.notes) == ("learned", [1, 2, 3], ())
    assert made.path is not None and made.path.parent == tmp_path / "cache" / "instant"
    named = [painting.described for painting in paintings_of(load_blend(small_style))]
    found = store.find(named, encoders.get("embedded").sha256, {})
    assert found is not None and found.about.steps == STEPS
    pixels = learn(imaging.load(small_style), steps=STEPS)
    assert (pixels.outcome, pixels.path, StandIn.runs) == ("known", made.path, [(0, STEPS)])
    assert files.load(made.save(tmp_path / "a.safetensors")).about == made.network.about
    with pytest.raises(InputError, match="--force"):
        made.save(tmp_path / "a.safetensors")


def test_a_file_tells_no_folder(small_style: Path, tmp_path: Path) -> None:
    Image.new("L", (96, 96), 255).save(tmp_path / "mask.png")
    made = learn(small_style, steps=STEPS, style_region=str(tmp_path / "mask.png"), keep=False)
    assert str(tmp_path) not in repr(made.network.about)
    assert made.network.about.paintings[0].name == "waves.png"


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({}, False),
        ({"threads": 1}, False),
        ({"steps": STEPS - 1}, False),
        ({"steps": STEPS + 1}, True),
        ({"seed": 1}, True),
        ({"seed": 2**62}, True),
        ({"size": 256}, True),
    ],
)
def test_only_other_or_longer_learning_is_done_again(change: dict[str, Any], again: bool, small_style: Path) -> None:
    first = learn(small_style, steps=STEPS)
    second = learn(small_style, **{"steps": STEPS, **change})
    assert second.outcome == ("learned" if again else "known")
    assert second.path == first.path and len(store.kept()) == 1


def test_minutes_are_compared_with_the_minutes_asked_for(small_style: Path, learning: type[StandIn]) -> None:
    learn(small_style, steps=STEPS, minutes=5)  # the steps decide when it ends
    for minutes, outcome in ((2, "known"), (5, "known")):
        assert learn(small_style, minutes=minutes).outcome == outcome
    longer = learn(small_style, minutes=6)
    assert longer.outcome == "learned" and len(learning.runs) == 2
    assert longer.notes[0].startswith("only 4 steps were made in that time")


def test_parts_that_do_not_count_the_order_and_the_scale_of_weights_do_not_matter(small_style: Path) -> None:
    first = learn([(small_style, 2.0), ("red", 1.0)], steps=STEPS)
    assert learn([("red", 0.5), (small_style, 1)], steps=STEPS).outcome == "known"
    assert learn([("red", 0.5), small_style, "blue_dots"], steps=STEPS).path != first.path


def test_a_style_region_makes_another_network(small_style: Path, tmp_path: Path) -> None:
    whole = learn(small_style, steps=STEPS)
    half = np.zeros((96, 96), np.uint8)
    half[:48] = 255
    Image.fromarray(half).save(tmp_path / "half.png")
    part = learn(small_style, steps=STEPS, style_region=str(tmp_path / "half.png"))
    assert part.outcome == "learned" and part.path != whole.path
    (painting,) = paintings_of(load_blend(small_style), str(tmp_path / "half.png"))
    assert painting.mask is not None and painting.mask.mean() == pytest.approx(0.5)


def test_what_the_settings_change() -> None:
    from portrait_nst.instant.learning import LearnSettings

    assert what_is_learned(LearnSettings(minutes=8, threads=2, quality="fine")) == what_is_learned(LearnSettings())
    assert what_is_learned(LearnSettings(style_region="person"))["mask"] == "person"
    assert what_is_learned(LearnSettings(seed=2**62))["seed"] == str(2**62)
    assert what_is_learned(LearnSettings(), Path("some") / "holidays")["photos"] == "holidays"


def test_an_interrupted_run_is_kept_and_gone_on_with(small_style: Path) -> None:
    def stop(step: Any) -> None:
        if step.step == 2:
            raise KeyboardInterrupt

    begun: list[int] = []
    first = learn(small_style, steps=5, on_step=stop)
    assert (first.outcome, first.network.about.steps) == ("interrupted", 2) and first.path is not None
    other = learn(small_style, steps=1)  # shorter, so that what is kept is enough
    assert other.outcome == "known"
    second = learn(small_style, steps=5, on_begin=lambda run: begun.append(run.resumed))
    assert (second.outcome, begun, StandIn.runs) == ("learned", [2], [(0, 2), (2, 5)])
    learn(small_style, steps=6, on_step=stop)
    assert learn(small_style, steps=6, again=True).outcome == "learned" and StandIn.runs[-1] == (0, 6)


def test_without_keeping_there_is_no_trace(small_style: Path, tmp_path: Path) -> None:
    made = learn(small_style, steps=STEPS, keep=False)
    assert (made.outcome, made.path) == ("learned", None)
    assert not list((tmp_path / "cache").rglob("*.*"))


def test_a_network_of_the_package_needs_no_learning(small_style: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = learn(small_style, steps=STEPS, keep=False).network
    monkeypatch.setattr(store, "find", lambda *_: ours)
    known = learn(small_style)
    assert (known.outcome, known.network, known.path) == ("known", ours, None)
    assert learn(small_style, steps=STEPS, again=True).outcome == "learned"


def test_whether_there_is_a_network(small_style: Path, tmp_path: Path) -> None:
    assert not is_learned(small_style)
    made = learn(small_style, steps=1)
    assert is_learned(imaging.load(small_style)) and not is_learned(small_style, "person")
    file = made.save(tmp_path / "waves.safetensors")
    assert is_learned(file)
    with pytest.raises(InputError, match=r"waves\.safetensors is a learned network already"):
        learn(file)


def test_what_cannot_be_learned(tmp_path: Path, small_style: Path) -> None:
    Image.new("RGB", (64, 64), (10, 200, 30)).save(tmp_path / "flat.png")
    clear = np.zeros((64, 64, 4), np.uint8)
    clear[:20, :, :3], clear[:20, :, 3], clear[30:, :, 0] = 200, 255, np.arange(64)
    Image.fromarray(clear).save(tmp_path / "clear.png")  # what varies cannot be seen
    for name in ("flat", "clear"):
        with pytest.raises(InputError, match=f"{name}.png is of one colour.*give a picture with strokes"):
            learn(tmp_path / f"{name}.png", steps=STEPS)
    Image.new("L", (96, 96), 0).save(tmp_path / "none.png")
    with pytest.raises(MaskError):
        learn(small_style, steps=STEPS, style_region=str(tmp_path / "none.png"))
    with pytest.raises(InputError, match="on_step must be a function"):
        learn(small_style, on_step=3)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="settings must be a LearnSettings"):
        learn(small_style, settings=portrait_nst.Settings())  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"no setting 'minute'.*minutes"):
        learn(small_style, minute=3)
    assert StandIn.runs == []
