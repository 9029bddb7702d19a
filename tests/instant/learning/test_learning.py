"""Runs of learning: that something is learned, the same again, and gone on with where it was broken off."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from portrait_nst import encoders
from portrait_nst.encoders import Encoder
from portrait_nst.errors import InputError, PortraitError
from portrait_nst.instant import Network, Painter, store
from portrait_nst.instant.learning import Learning, LearnPainting, LearnSettings, Material, recipe
from portrait_nst.instant.learning import learning as module
from portrait_nst.instant.learning.learner import Learner
from portrait_nst.instant.learning.material import SIDE
from portrait_nst.instant.learning.scenes import scenes

CROP = 32


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return encoders.get("embedded")


@pytest.fixture(scope="module")
def start() -> Network:
    return store.universal()


@pytest.fixture(scope="module")
def material() -> Material:
    squares = scenes(6, SIDE, np.random.default_rng(0))
    maps = np.zeros((2, SIDE, SIDE), np.uint8)
    maps[:, 90:170, 90:170] = 150
    return Material(squares[:4], squares[4:], maps, "scenes")


def pixels(height: int = 48, width: int = 48) -> NDArray[np.uint8]:
    wave = np.sin(np.arange(height)[:, None] / 3 + np.arange(width) / 11)[..., None] * [80, 40, -60]
    noise = np.random.default_rng(0).normal([140, 100, 120], 12, (height, width, 3))
    return np.clip(wave + noise, 0, 255).astype(np.uint8)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "BATCH", 2)
    monkeypatch.setattr(recipe, "BLOCK", 2)
    monkeypatch.setattr(recipe, "BOOK", 1000)


class Run:
    """Makes runs on the same inputs."""

    def __init__(self, encoder: Encoder, start: Network, material: Material) -> None:
        self.inputs = encoder, start, material

    def __call__(
        self, rgb: NDArray[np.uint8] | None = None, checkpoint: Path | None = None, **settings: object
    ) -> Learning:
        orders = LearnSettings.from_dict({"steps": 2, "size": 64, "precision": "float32", "device": "cpu", **settings})
        painting = LearnPainting(pixels() if rgb is None else rgb, name="waves.png", sha256="ab")
        return Learning([painting], orders, *self.inputs, checkpoint, side=CROP)


@pytest.fixture(scope="module")
def run(encoder: Encoder, start: Network, material: Material) -> Run:
    return Run(encoder, start, material)


def weights(learning: Learning) -> torch.Tensor:
    return torch.cat([weight.flatten() for weight in learning.network().decoder.parameters()])


def test_what_is_learned_comes_nearer_to_the_painting(run: Run) -> None:
    learning = run(steps=6)
    steps = list(learning)
    assert [step.step for step in steps] == list(range(1, 7)) and steps[0].steps == 6
    assert steps[-1].seconds_left == 0
    before, after = run(seed=9)._learner, run(seed=9)._learner
    with torch.no_grad():
        for weight, average in zip(after.weights, learning._learner.averages):
            weight.copy_(average)
    for learner in (before, after):  # the same crops with the weights before and after
        learner.advance(0.0)
    assert sum(after.losses.values()) < sum(before.losses.values())


def test_a_network_knows_where_it_is_from_and_paints(run: Run, encoder: Encoder) -> None:
    learning = run(steps=1)
    list(learning)
    network = learning.network()
    assert network.learned and network.about.steps == 1
    assert network.about.paintings[0].name == "waves.png" and network.about.settings["size"] == 64
    assert network.about.encoder_sha256 == encoder.sha256
    painter = Painter(encoder, network)
    photo = torch.rand(1, 3, 48, 40)
    assert torch.isfinite(painter.paint(photo, painter.maps(painter.statistics(photo)))).all()


def test_so_many_steps_give_the_same_network_again_and_another_seed_another(run: Run) -> None:
    runs = [run(), run(), run(seed=1)]
    for each in runs:
        list(each)
    assert torch.equal(weights(runs[0]), weights(runs[1]))
    assert not torch.equal(weights(runs[0]), weights(runs[2]))


def test_a_run_that_was_broken_off_goes_on_to_the_same_network(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "new" / "run.npz"
    whole = run(steps=4)
    list(whole)
    first = run(steps=4, checkpoint=path)
    assert [step.step for step in itertools.islice(first, 2)] == [1, 2]
    second = run(steps=4, checkpoint=path)
    assert second.resumed == 2 and second.seconds > 0
    assert [step.step for step in second] == [3, 4]
    assert torch.equal(weights(whole), weights(second))
    assert run(steps=4, checkpoint=path).resumed == 4  # a kill before the network is kept costs nothing
    second.discard()
    assert not path.exists()


def test_only_the_same_run_goes_on(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    list(run(steps=1, checkpoint=path))
    assert run(steps=1, checkpoint=path).resumed == 1
    assert run(steps=2, checkpoint=path).resumed == 0
    assert run(steps=1, seed=3, checkpoint=path).resumed == 0
    data = path.read_bytes()
    for damaged in (b"", data[: len(data) // 2], b"PK\3\4 nothing of ours"):
        path.write_bytes(damaged)
        assert run(steps=1, checkpoint=path).resumed == 0


def test_ctrl_c_keeps_what_is_learned(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.npz"
    learning = run(checkpoint=path)
    advance = Learner.advance

    def interrupted(learner: Learner, part: float) -> None:
        if learner.step == 1:
            raise KeyboardInterrupt
        advance(learner, part)

    monkeypatch.setattr(Learner, "advance", interrupted)
    monkeypatch.setattr(module, "EVERY", -1.0)
    with pytest.raises(KeyboardInterrupt):
        list(learning)
    assert learning.network().about.steps == 1
    assert run(checkpoint=path).resumed == 1  # as after a kill in the middle of a step


def test_a_run_ends_by_the_clock_and_its_rate_falls_with_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(module, "PACED", 2)
    parts = []

    def advance(learner: Learner, part: float) -> None:
        nonlocal now
        now += 3.0 if learner.step else 6.0  # a slow machine
        parts.append(part)
        learner.step += 1

    monkeypatch.setattr(Learner, "advance", advance)
    learning = run(steps=None, minutes=0.5)
    steps = list(learning)
    assert 30 - 3 - module.ENDING - 1 <= learning.seconds <= 30 - module.ENDING
    assert parts == sorted(parts) and parts[0] == 0 and parts[-1] > 0.8
    assert steps[1].steps == 2 + int((30 - module.ENDING - 9) / 4.5)
    assert steps[2].steps == 3 + int((30 - module.ENDING - 12) / 3)  # the slow first step does not count any more
    assert all(step.seconds_left >= 0 for step in steps)


def test_a_run_without_time_takes_a_step(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    learning = run(steps=None, minutes=0.1)
    monkeypatch.setattr(learning, "_began", learning._began - 60)
    assert len(list(learning)) == 1


def test_a_checkpoint_that_cannot_be_written_is_noted_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    learning = run(steps=1, checkpoint=tmp_path / "file" / "run.npz")
    list(learning)
    assert len(learning.notes) == 1 and "cannot be written" in learning.notes[0]


@pytest.mark.parametrize(
    ("rgb", "precision"),
    [
        (np.full((40, 40, 3), 128, np.uint8), "float32"),
        (np.zeros((40, 40, 3), np.uint8), "bfloat16"),
        (pixels(16, 16), "float32"),
        (pixels(16, 300), "float32"),
        (np.repeat(pixels()[..., :1], 3, 2), "bfloat16"),
    ],
    ids=["one colour", "black", "tiny", "long", "grey"],
)
def test_odd_paintings_are_learned_without_a_nan(run: Run, rgb: NDArray[np.uint8], precision: str) -> None:
    learning = run(rgb, steps=1, precision=precision)
    list(learning)
    losses = learning._learner.losses
    assert losses and np.isfinite(list(losses.values())).all()
    assert torch.isfinite(weights(learning)).all()


def test_a_step_without_a_finite_loss_changes_nothing_and_several_end_the_run(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    learning = run(steps=100)
    before = weights(learning)
    nothing = torch.full((1,), float("nan"), requires_grad=True)
    monkeypatch.setattr(Learner, "_losses", lambda *_: {"content": learning._learner.weights[0].sum() * nothing.sum()})
    with pytest.raises(PortraitError, match="not finite, after 8 steps"):
        list(learning)
    assert torch.equal(before, weights(learning))


def test_no_painting_is_told_of_in_a_line(run: Run) -> None:
    with pytest.raises(InputError, match="No painting"):
        Learning([], LearnSettings(), *run.inputs)
