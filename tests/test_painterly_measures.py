"""The measures of `tests.benchmarks.painterly`: exact where they can be, by a small VGG of random weights."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders.vgg import Vgg
from tests.benchmarks.painterly import identity, measures
from tests.benchmarks.painterly.bench import Row
from tests.benchmarks.painterly.command import Whenever, watch
from tests.benchmarks.painterly.tables import goals, table


@pytest.fixture(scope="module")
def net() -> Vgg:
    torch.manual_seed(0)
    made = Vgg(((4, 4), (6, 6), (8, 8, 8, 8))).requires_grad_(False).eval()
    for layer in made.convolutions.values():
        assert isinstance(layer, torch.nn.Conv2d)
        torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    return made


def picture(seed: int, height: int = 48, width: int = 40) -> np.ndarray:
    """Strokes of a few colours at random."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (height // 8, width // 8, 3))
    return np.clip(coarse.repeat(8, 0).repeat(8, 1) + rng.normal(0, 20, (height, width, 3)), 0, 255).astype(np.uint8)


def test_a_style_is_as_near_as_can_be_to_itself_however_it_is_turned(net: Vgg) -> None:
    style = measures.tensor(picture(1))
    strokes = measures.Strokes(net, style)
    for turned in (style, style.rot90(1, (2, 3)), style.rot90(2, (2, 3)), style.rot90(3, (2, 3)), style.flip(3)):
        assert strokes(turned.contiguous()) == pytest.approx(0, abs=1e-6)
    assert strokes(measures.tensor(picture(2))) > 0.01


def test_nn_is_what_its_formula_says(net: Vgg) -> None:
    style, asked = measures.tensor(picture(1)), measures.tensor(picture(2, 40, 56))
    matte = torch.zeros(1, 1, 40, 56)
    matte[..., 8:33, :30] = 1
    assert measures.Strokes(net, style)(asked, matte) == pytest.approx(reference(net, style, asked, matte), abs=1e-6)


def reference(net: Vgg, style: Tensor, asked: Tensor, matte: Tensor) -> float:
    """The formula in float64, cell by cell."""
    net64 = Vgg(net.widths).double().requires_grad_(False)
    net64.load_state_dict(net.state_dict())
    style, asked, matte = style.double(), asked.double(), matte.double()
    found = []
    for _ in range(2):
        views = [style, style.flip(3), *(style.rot90(turns, (2, 3)) for turns in (1, 2, 3))]
        cells = [columns(net64, view) for view in views]
        questions = columns(net64, asked)
        vectors, others = [], []
        for tap in range(4):
            values = torch.cat([view[tap] for view in cells])
            deviation = ((values - values.mean(0)) ** 2).sum(1).mean() ** 0.5
            vectors.append((questions[tap] - values.mean(0)) / deviation)
            others.append((values - values.mean(0)) / deviation)
        asks, answers = torch.cat(vectors, 1), torch.cat(others, 1)
        inside = blocks(matte)[:, 0] > 0.9
        distances = [min(float(1 - F.cosine_similarity(v, s, dim=0)) for s in answers) for v in asks[inside]]
        found.append(float(np.mean(distances)))
        style, asked, matte = (F.avg_pool2d(x, 2) for x in (style, asked, matte))
    return float(np.mean(found))


def columns(net: Vgg, image: Tensor) -> list[Tensor]:
    """The taps on the grid of cells of four pixels, by hand: a map of stride 1, 2 or 4 is averaged over 4, 2 or 1 cells."""
    maps = {}
    x = (image - net.mean.double()) / net.std.double()
    for name, layer in net.convolutions.items():
        if name in ("conv2_1", "conv3_1"):
            x = F.avg_pool2d(x, 2)
        x = F.relu(layer(x))
        maps[name] = x
    taps = {"conv1_1": 4, "conv2_1": 2, "conv3_1": 1, "conv3_4": 1}
    return [F.avg_pool2d(maps[name], count)[0].flatten(1).T for name, count in taps.items()]


def blocks(matte: Tensor) -> Tensor:
    return F.avg_pool2d(matte, 4)[0].flatten(1).T


def test_a_repeated_pattern_has_of_itself_what_it_is_made_of(net: Vgg) -> None:
    half = measures.tensor(picture(3, 32, 32))
    assert measures.own_level(net, torch.cat([half, half], 3)) == pytest.approx(0, abs=1e-6)
    assert measures.own_level(net, torch.cat([half, half], 2)) == pytest.approx(0, abs=1e-6)
    assert measures.own_level(net, torch.cat([half, measures.tensor(picture(4, 32, 32))], 3)) > 0.01


def test_palette_is_the_distance_of_the_colours_whatever_their_places() -> None:
    rgb = picture(5)
    shuffled = np.random.default_rng(0).permutation(rgb.reshape(-1, 3)).reshape(rgb.shape)
    assert measures.palette(rgb, rgb) == 0
    assert measures.palette(shuffled, rgb) == pytest.approx(0, abs=1e-6)
    matte = np.zeros(rgb.shape[:2], np.float32)
    matte[:24] = 1
    beside = np.concatenate([rgb[:24], 255 - rgb[24:]])
    assert measures.palette(beside, rgb[:24], matte) == 0 < measures.palette(beside, rgb[:24])


def test_palette_of_two_greys_is_their_lightness_apart() -> None:
    dark, light = np.full((8, 8, 3), 60, np.uint8), np.full((8, 8, 3), 200, np.uint8)
    directions = np.random.default_rng(0).normal(size=(32, 3))
    share = np.abs(directions[:, 0] / np.linalg.norm(directions, axis=1)).mean()
    lightness = [116 * (((v / 255 + 0.055) / 1.055) ** 2.4) ** (1 / 3) - 16 for v in (60, 200)]
    assert measures.palette(dark, light) == pytest.approx((lightness[1] - lightness[0]) * share, rel=1e-3)


def test_structure_is_lost_by_nothing_for_the_photo_itself(net: Vgg) -> None:
    rgb, other = picture(6, 64, 64), picture(7, 64, 64)
    assert measures.cfsd(net, rgb, rgb) == 0
    assert measures.cfsd(net, rgb, other) > 0


def test_cfsd_is_what_its_formula_says(net: Vgg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "STRUCTURE_SIDE", 32)
    monkeypatch.setattr(measures, "ROWS", 7)  # which divides nothing
    rgb, other = picture(6, 32, 32), picture(7, 32, 32)

    def similar(image: np.ndarray) -> np.ndarray:
        maps = net(measures.tensor(image), ("relu3_1",))["relu3_1"][0].flatten(1).T.double().numpy()
        unit = maps / np.linalg.norm(maps, axis=1, keepdims=True)
        powers = np.exp(unit @ unit.T)
        return np.asarray(powers / powers.sum(1, keepdims=True))

    before, after = similar(rgb), similar(other)
    assert measures.cfsd(net, rgb, other) == pytest.approx((before * np.log(before / after)).sum(1).mean(), rel=1e-3)


def test_pictures_are_judged_at_one_size() -> None:
    assert measures.fit(picture(1, 64, 40), 32).shape == (32, 20, 3)


def test_a_face_that_lies_like_the_mean_face_is_cut_out_as_it_is() -> None:
    rgb = picture(8, 152, 152)[:150, :150]
    goal = (np.array(identity.MEAN_FACE) + 0.25) / 1.5 * 150
    assert np.abs(identity.chip(rgb, goal.astype(np.float32)).astype(int) - rgb).max() <= 1


def test_weights_are_unpacked_from_bytes_and_floats() -> None:
    filters = np.arange(24, dtype=np.uint8)
    plain = np.array([0.5, -2.0], np.float32)
    entries: list[dict[str, Any]] = [
        {"name": "a", "shape": [1, 2, 3, 4], "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1.0}},
        {"name": "b", "shape": [2]},
    ]
    found = identity.unpacked(filters.tobytes() + plain.tobytes(), json.dumps([{"weights": entries}]).encode())
    assert found["a"].shape == (4, 3, 1, 2)
    assert found["a"][3, 2, 0, 1] == 23 * 0.5 - 1
    assert found["b"].tolist() == plain.tolist()


def test_models_that_cannot_be_had_are_told_and_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(command: list[str], **_: Any) -> None:
        raise FileNotFoundError(command[0])

    monkeypatch.setattr("subprocess.run", missing)
    with pytest.raises(identity.Unavailable, match="not installed"):
        identity.Friend(tmp_path / "models")


def test_a_function_is_watched_as_soon_as_its_module_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_watched_module.py").write_text("class Book:\n    def answer(self, x):\n        return x + 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    told: list[tuple[float, int]] = []
    hook = Whenever("a_watched_module", lambda module: watch(module, "Book.answer", lambda *facts: told.append(facts)))
    monkeypatch.setattr("sys.meta_path", [hook, *sys.meta_path])
    from a_watched_module import Book

    assert Book().answer(1) == 2 and [found for _, found in told] == [2]


def row(**changes: Any) -> Row:
    made: Row = {
        "pair": "a-s", "quality": "standard", "method": "painterly", "strength": 0.5, "style": "s.jpg", "sources": "x",
        "nn": 0.2, "photo_nn": 0.3, "own": 0.15, "fall": 1 / 3, "cfsd": 0.008, "palette": 5.0, "photo_palette": 15.0,
        "identity": 0.4, "drift": 0.02, "face": "found", "lattice": [1.1, 1.2], "style_lattice": [1.1, 1.0], "wall": 18.0,
        "peak": 1.5e9, "forecast": 15.0, "forecast_memory": 1.6e9, "took": 16.0, "matching": 1.0, "asking": 2.0, "outside": 0,
        "others": 0.0,
    }  # fmt: skip
    return {**made, **changes}


def test_goals_are_met_or_not() -> None:
    assert all(found.startswith("yes") for _, found in goals("standard", [row()]))
    worse = row(pair="b-s", fall=0.1, identity=None, drift=None, face="lost", wall=21.0, outside=1)
    said = dict(goals("standard", [row(), worse]))
    assert said["nn falls by 30 % on average"] == "no: 21.7%"
    assert said["20 s with imports"] == "no: 21.0 (b-s)"
    assert said["drift 3 %"].startswith("no") and "faces lost: 1" in said["drift 3 %"]
    assert said["background unchanged"] == "no: 1 (b-s)"
    near = row(pair="c-s", fall=0.05, photo_nn=0.16)
    each = next(found for text, found in goals("standard", [row(), near]) if "on each" in text)
    assert each == "yes: 33.3% (a-s)"


def test_the_table_has_all_rows_and_whether_strength_is_steady() -> None:
    rows = [row(strength=s, nn=nn, identity=i) for s, nn, i in ((0.1, 0.28, 0.1), (0.5, 0.2, 0.4), (0.9, 0.21, 0.39))]
    text = table([*rows, row(pair="b-s", error="out of\nmemory")], "a machine", ["no faces"])
    assert text.startswith("a machine\n\nNote: no faces.")
    assert "b-s painterly failed: memory" in text
    line = next(line for line in text.splitlines() if "0.280 0.200 0.210" in line)
    assert [cell.strip() for cell in line.split("|")][-4:-1] == ["0.010", "0.10 0.40 0.39", "0.010"]
