"""`portrait_nst.learn`: a network that is there, that is learned, that is gone on with; and what cannot be learned."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

import portrait_nst
from portrait_nst import InputError, encoders, imaging, resources
from portrait_nst.errors import MaskError, ResourceError
from portrait_nst.instant import files, store
from portrait_nst.pipeline.learning import check_kept, is_learned, learn, paintings_of, what_is_learned
from portrait_nst.pipeline.styles import load_blend

from .stand_in_learning import StandIn, stand_in

STEPS = 3


@pytest.fixture(autouse=True)
def learning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, library: Path) -> type[StandIn]:
    monkeypatch.setenv(resources.HOME, str(tmp_path / "cache"))
    return stand_in(monkeypatch)


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of photographs, at which nobody looks."""
    from portrait_nst.instant import learning

    monkeypatch.setattr(learning, "folder_material", lambda _: learning.package_material(), raising=False)
    return tmp_path / "photos"


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


def test_what_was_done_is_compared_with_what_is_asked_for(
    small_style: Path, learning: type[StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "timed", True)
    short = learn(small_style, steps=STEPS, minutes=5)  # the steps decide when it ends, and that was soon
    assert short.network.about.settings == {"seed": 0, "size": 512, "steps": STEPS}
    made = learn(small_style)
    assert made.outcome == "learned" and made.notes[0].startswith("only 4 steps were made in that time")
    assert made.network.about.settings["minutes"] == 3
    for change in ({"minutes": 2}, {}, {"minutes": 3.2}, {"steps": 4}):
        assert learn(small_style, **change).outcome == "known"
    assert learn(small_style, minutes=6).outcome == "learned" and len(learning.runs) == 3


def test_what_is_kept_of_an_interrupted_run_is_not_the_whole(
    small_style: Path, learning: type[StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(step: Any) -> None:
        if step.step == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(learning, "timed", True)
    made = learn(small_style, minutes=3, on_step=stop)
    assert (made.outcome, made.network.about.seconds) == ("interrupted", 90)
    assert learn(small_style, minutes=1).outcome == "known"  # less than the half that is there
    assert learn(small_style, minutes=2).outcome == "learned"
    assert learning.runs == [(0, 2), (0, 4)]
    assert not list((store.kept()[0][0].parent).glob("*.checkpoint"))  # nor that of the three minutes


def test_a_shorter_run_takes_the_place_of_a_longer_one_only_if_again_says_so(small_style: Path, photos: Path) -> None:
    longer = learn(small_style, steps=9)
    for change in ({"photos": photos}, {"seed": 3}, {"size": 256}):
        made = learn(small_style, steps=4, **change)
        assert (made.outcome, made.network.about.steps, made.path) == ("learned", 4, None)
        assert "had more steps and stays" in made.notes[-1]
        assert longer.path is not None and not list(longer.path.parent.glob("*.checkpoint"))
    assert [about.steps for _, about, _ in store.kept()] == [9]
    made = learn(small_style, steps=4, seed=3, again=True)
    assert "takes its place" in made.notes[-1] and [about.steps for _, about, _ in store.kept()] == [4]


def test_a_busier_machine_makes_no_run_by_the_clock_shorter(
    small_style: Path, learning: type[StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "timed", True)
    learn(small_style, steps=9)  # 4.5 s
    made = learn(small_style, minutes=0.2)  # 12 s, in which there are but 4 steps
    assert [about.steps for _, about, _ in store.kept()] == [4] and "stays" not in made.notes[-1]


def test_other_photos_make_another_network(small_style: Path, photos: Path) -> None:
    learn(small_style, steps=STEPS)
    assert learn(small_style, steps=STEPS, photos=photos).outcome == "learned"
    assert learn(small_style, steps=STEPS, photos=photos).outcome == "known"
    assert learn(small_style, steps=STEPS).outcome == "learned"


def test_a_full_disk_is_told_before_anything_is_learned(
    small_style: Path, learning: type[StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    learn(small_style, steps=STEPS)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=store.NEEDED - 1))
    assert learn(small_style, steps=STEPS).outcome == "known"
    with pytest.raises(ResourceError, match=r"The disk of .* is full: 10\.0 MB are free"):
        learn(small_style, steps=STEPS + 1)
    with pytest.raises(ResourceError, match="is full"):
        check_kept()
    assert learn(small_style, steps=STEPS + 1, keep=False).outcome == "learned" and len(learning.runs) == 2


def test_what_could_not_be_kept_leaves_its_checkpoint(small_style: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as full:
        full.setattr(store, "keep", lambda network: None)
        assert learn(small_style, steps=STEPS).notes == (resources.UNKEPT,)
    assert learn(small_style, steps=STEPS).path is not None and StandIn.runs == [(0, STEPS), (STEPS, STEPS)]


def test_what_is_learned_is_shown_without_its_numbers(small_style: Path) -> None:
    assert len(repr(learn(small_style, steps=STEPS))) < 300


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
    monkeypatch.setattr(store, "is_packaged", lambda network: network is ours)
    known = learn(small_style)  # of a few seconds; it counts as three minutes
    assert (known.outcome, known.network, known.path) == ("known", ours, None)
    assert learn(small_style, steps=STEPS - 1, seed=1).path is None and not store.kept()
    assert learn(small_style, minutes=8).outcome == "learned"
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
