"""Where brush work goes: how much of it there is where, and that it gives way in a face that is to be alike."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst import Settings, imaging, rerun, stylize, transfer
from portrait_nst.errors import InputError
from portrait_nst.faces import drawn, face_map
from portrait_nst.pipeline import Subject, finishing
from portrait_nst.result import Result
from portrait_nst.transfer import StylePart, StyleSource
from portrait_nst.types import Face, FloatArray, Matte, Photo
from tests.transfer.nearest.scenes import orders, texture

SIZE, PAINTED = (160, 136), (80, 68)
FACE = Face((40, 50, 50, 50), ((55, 65), (75, 65), (65, 76), (65, 88), (42, 70), (88, 70)), 0.9)
EYE, CHEEK, AWAY = (65, 55), (76, 50), (150, 10)


def subject(size: tuple[int, int], *faces: Face) -> Subject:
    return Subject(Photo(np.zeros((*size, 3), np.uint8)), Matte(np.ones(size, np.float32)), faces)


def shares(faces: list[Face] | None = None, **changes: Any) -> FloatArray | None:
    return finishing.style_share(subject(SIZE, *([FACE] if faces is None else faces)), PAINTED, Settings(**changes))


@pytest.mark.parametrize(
    "changes", [{"strength": 0.0}, {"brushwork": 0.0}, {"method": "gram"}, {"style_loss": "wasserstein"}]
)
def test_nothing_is_brushed_where_nothing_is_asked_for(changes: dict[str, Any]) -> None:
    assert shares(**changes) is None and shares([], **changes) is None


def test_a_painting_as_fine_as_paint_is_left_alone() -> None:
    large = subject((4000, 4000))
    assert finishing.style_share(large, (1581, 1581), Settings()) is not None
    assert finishing.style_share(large, (1582, 1581), Settings()) is None


@pytest.mark.parametrize(
    "strength, brush, most", [(0.5, 1.0, 1.0), (0.25, 1.0, 0.5), (0.5, 0.4, 0.4), (0.1, 0.5, 0.1), (1.0, 0.3, 0.3)]
)
def test_away_from_faces_there_is_as_much_as_asked_for(strength: float, brush: float, most: float) -> None:
    """Less only in a picture that keeps much of the photo."""
    everywhere, beside = (shares(faces, strength=strength, brushwork=brush) for faces in (list[Face](), None))
    assert everywhere is not None and beside is not None and everywhere.dtype == beside.dtype == np.float32
    assert everywhere.shape == SIZE and np.all(everywhere == np.float32(most))
    assert beside.shape == SIZE and beside[AWAY] == np.float32(most)


def test_a_face_has_less_and_eyes_and_mouth_hardly_any() -> None:
    found, there = shares(strength=0.5), face_map(SIZE, [FACE])
    assert found is not None
    np.testing.assert_allclose(found, np.clip(1 - 0.65 * there.astype(np.float64), 0, 1), atol=1e-6)
    assert found[EYE] < 0.02 and found[88, 65] < 0.02, "eyes and mouth"
    assert 0.2 < found[CHEEK] < 0.5 < found[AWAY] == 1


def test_what_a_face_keeps_follows_strength_and_hold() -> None:
    cheek = [shares(strength=s)[CHEEK] for s in (0.5, 0.7, 0.9, 1.0)]  # type: ignore[index]
    assert cheek == sorted(set(cheek)) and cheek[-1] == 1
    full, free, some, firm = (shares(face_hold=hold) for hold in (None, 0.0, 0.5, 40.0))
    assert full is not None and free is not None and some is not None and firm is not None
    assert np.all(free == 1) and np.array_equal(full, firm) and full[CHEEK] < some[CHEEK] < 1


@pytest.fixture(scope="module")
def scene() -> tuple[Any, ...]:
    """A painting, the photo, and a style whose detail is seen."""
    painted = texture(*PAINTED, 3)
    content = np.uint8(texture(*SIZE, 4) * 255)
    source = StyleSource((StylePart(texture(96, 96, 5)),), np.ones(SIZE, np.float32))
    return painted, content, [source], orders(PAINTED)


def test_a_picture_that_is_finished_already_and_one_that_is_not_brushed(scene: tuple[Any, ...]) -> None:
    painted, content, sources, config = scene
    assert finishing.finished(content, content, sources, config, None) is content
    plain = finishing.finished(painted, content, sources, config, None)
    assert np.array_equal(plain, transfer.transfer_detail(content, painted))
    nothing = finishing.finished(painted, content, sources, config, np.zeros(SIZE, np.float32))
    assert np.array_equal(nothing, plain)


def test_each_place_has_its_share_of_the_brush_work(scene: tuple[Any, ...]) -> None:
    painted, content, sources, config = scene
    share = np.zeros(SIZE, np.float32)
    share[:, 60:] = 1
    plain, all_over, half = (
        finishing.finished(painted, content, sources, config, each) for each in (None, np.ones_like(share), share)
    )
    assert np.array_equal(half[:, :60], plain[:, :60]) and np.array_equal(half[:, 60:], all_over[:, 60:])
    assert np.abs(all_over.astype(int) - plain).mean() > 3


@pytest.mark.parametrize("enough, left", [(0, 1.0), (1, 0.5), (2, 0.0), (9, 0.0)])
def test_it_gives_way_in_a_face_until_that_is_alike(enough: int, left: float, scene: tuple[Any, ...]) -> None:
    """From all to half to none, in faces alone; a goal that is out of reach has none."""
    painted, content, sources, config = scene
    share, seen = np.full(SIZE, 0.9, np.float32), []

    def alike(picture: np.ndarray) -> bool:
        seen.append(picture)
        return len(seen) > enough

    inside = np.minimum(face_map(SIZE, [FACE]), 1)
    found = finishing.finished(painted, content, sources, config, share, inside, alike)
    assert len(seen) == min(enough, 2) + 1 and found is seen[-1]
    expected = finishing.finished(painted, content, sources, config, share * (1 - np.float32(1 - left) * inside))
    assert np.array_equal(found, expected)
    freely = finishing.finished(painted, content, sources, config, share)
    assert np.array_equal(found[inside == 0], freely[inside == 0])
    changed = np.abs(found[inside == 1].astype(int) - freely[inside == 1]).mean()
    assert changed == 0 if left == 1 else changed > 1


@pytest.mark.parametrize(
    "changes", [{"strength": 1.0}, {"face_hold": 0.0}, {"method": "gram"}, {"style_loss": "wasserstein"}]
)
def test_nothing_is_drawn_where_faces_are_not_held(changes: dict[str, Any]) -> None:
    held, content = subject(SIZE, FACE), np.zeros((*SIZE, 3), np.uint8)
    assert finishing.draughtsman(held, content, Settings(**changes)) is None
    assert finishing.draughtsman(subject(SIZE), content, Settings()) is None
    assert finishing.draughtsman(held, content, Settings()) is not None


def test_features_are_drawn_as_far_as_faces_are_held_and_at_any_size(scene: tuple[Any, ...]) -> None:
    _, content, _, _ = scene
    picture = np.ascontiguousarray(content[::-1])
    for changes, amount in (
        ({}, 1.0),
        ({"strength": 0.75}, 0.5),
        ({"face_hold": 0.25}, 0.25),
        ({"strength": 0.1}, 1.0),
    ):
        draw = finishing.draughtsman(subject(SIZE, FACE), content, Settings(**changes))  # type: ignore[arg-type]
        assert draw is not None and np.array_equal(draw(picture), drawn(picture, content, [FACE], amount))
    small = np.ascontiguousarray(content[::2, ::2])
    draw = finishing.draughtsman(subject(SIZE, FACE), small, Settings())
    assert draw is not None and np.array_equal(draw(small), drawn(small, small, [FACE.scaled(0.5, 0.5)]))


def test_what_is_finished_is_drawn_into_before_it_is_looked_at(scene: tuple[Any, ...]) -> None:
    painted, content, sources, config = scene
    share, inside = np.ones(SIZE, np.float32), np.ones(SIZE, np.float32)
    seen: list[np.ndarray] = []

    def draw(picture: np.ndarray) -> np.ndarray:
        return np.zeros_like(picture)

    for picture, shares_, look in (
        (content, None, None),
        (painted, None, None),
        (painted, share, None),
        (painted, share, seen),
    ):
        alike = None if look is None else lambda found: seen.append(found) or True  # type: ignore[func-returns-value]
        assert not finishing.finished(picture, content, sources, config, shares_, inside, alike, draw).any()
    assert len(seen) == 1 and not seen[0].any()


QUICK: dict[str, Any] = {
    "size": 80,
    "scales": (1.0,),
    "iterations": 2,
    "threads": 1,
    "precision": "float32",
    "strength": 0.9,
}


@pytest.fixture(scope="module")
def results(small_portrait: Path, small_style: Path) -> dict[float, Result]:
    return {share: stylize(small_portrait, small_style, brushwork=share, **QUICK) for share in (0.0, 0.5, 1.0)}


def test_brush_work_is_laid_over_what_is_painted_and_nothing_else(
    results: dict[float, Result], small_portrait: Path
) -> None:
    """Half of it is half-way, and what is not painted keeps its bytes."""
    photo = np.asarray(Image.open(small_portrait))
    none, half, full = (results[share].rgb.astype(int) for share in (0.0, 0.5, 1.0))
    outside = results[1.0].matte.alpha == 0
    assert outside.any() and np.array_equal(full[outside], photo[outside])
    inside = results[1.0].matte.alpha == 1
    assert np.abs(full - none)[inside].mean() > 3
    assert np.abs(half - (none + full) / 2)[inside].max() <= 4, (
        "eyes are drawn in the tones of what is there, not just half-way"
    )
    assert np.abs(half - (none + full) / 2)[inside].mean() < 0.4
    assert results[0.0].losses == results[1.0].losses, "the painting itself is the same"


def test_a_recipe_keeps_the_brush_work(
    results: dict[float, Result], small_portrait: Path, small_style: Path, tmp_path: Path
) -> None:
    assert results[0.5].recipe["settings"]["brushwork"] == 0.5
    imaging.save(Photo(results[0.5].rgb), tmp_path / "half.png", recipe=results[0.5].recipe)
    assert np.array_equal(
        rerun(tmp_path / "half.png", inputs=[small_portrait.parent, small_style]).rgb, results[0.5].rgb
    )


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C interrupts, though a test run in the background ignores it."""
    outer = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, outer)


@pytest.mark.usefixtures("interruptible")
def test_one_interrupt_is_only_noted_and_a_second_one_counts() -> None:
    before, notes = signal.getsignal(signal.SIGINT), list[str]()
    with finishing.undisturbed(notes):
        signal.raise_signal(signal.SIGINT)
    assert notes == [finishing.LATE] and signal.getsignal(signal.SIGINT) is before
    with pytest.raises(KeyboardInterrupt), finishing.undisturbed([]):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), finishing.undisturbed(notes):
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_after_the_last_step_loses_nothing(
    small_portrait: Path, small_style: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = stylize(small_portrait, small_style, **QUICK)
    transfer_detail = transfer.transfer_detail

    def disturbed(*args: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return transfer_detail(*args)

    monkeypatch.setattr(transfer, "transfer_detail", disturbed)
    found = stylize(small_portrait, small_style, **QUICK)
    assert np.array_equal(found.rgb, plain.rgb) and finishing.LATE in found.notes
    assert (plain.status, found.status) == ("complete", "interrupted")


@pytest.mark.parametrize("lost", ["inputs", "settings", "styles"])
def test_a_damaged_recipe_is_told_in_one_line(
    lost: str, small_portrait: Path, small_style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = stylize(small_portrait, small_style, **{**QUICK, "strength": 0.0}).recipe
    monkeypatch.setattr(imaging, "read_recipe", lambda _: made | {lost: 5})
    with pytest.raises(InputError, match="damaged"):
        rerun(tmp_path / "made.png")
    if lost != "styles":  # which old recipes lack
        monkeypatch.setattr(imaging, "read_recipe", lambda _: {k: v for k, v in made.items() if k != lost})
        with pytest.raises(InputError, match="damaged"):
            rerun(tmp_path / "made.png")
