"""Networks as ONNX models: they paint what `Painter` paints, whatever the size, the matte and the strength."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from portrait_nst import encoders
from portrait_nst.encoders import Encoder
from portrait_nst.errors import ResourceError
from portrait_nst.instant import Gaussian, Network, Painter, gaussian, onnx_export, store
from portrait_nst.instant.decoder import FEATURES
from portrait_nst.instant.ground import TILE
from portrait_nst.instant.network import Painting
from portrait_nst.instant.onnx_export import map as onnx_map
from portrait_nst.instant.onnx_export import proof
from portrait_nst.instant.onnx_export.graph import Graph
from portrait_nst.instant.onnx_export.proof import Inputs

Array = NDArray[np.float32]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return encoders.get("embedded")


@pytest.fixture(scope="module")
def network(encoder: Encoder) -> Network:
    """The universal start, aimed at a picture of noise, with grain."""
    start = replace(store.universal(), grain=0.04)
    picture = proof.sample((96, 128), seed=1).photo
    aimed = start.aimed_at([(Painter(encoder, start).statistics(picture), 1.0)])
    return replace(aimed, about=replace(aimed.about, paintings=(Painting("noise.png", "ab" * 32),)))


@pytest.fixture(scope="module")
def model(encoder: Encoder, network: Network) -> bytes:
    return bytes(onnx_export.model(encoder, network).SerializeToString())


def run(model: bytes, outputs: list[str], inputs: Inputs | None = None) -> list[Array]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    feeds = {} if inputs is None else inputs._asdict()
    return list(session.run(outputs, {name: value.numpy() for name, value in feeds.items()}))


def everywhere(value: float) -> Tensor:
    return torch.full((1, 1, 1, 1), value)


@pytest.mark.parametrize("size", [(128, 96), (33, 47), (32, 75), (7, 200), (1, 1)])
def test_it_paints_what_painter_paints(size: tuple[int, int], model: bytes, encoder: Encoder, network: Network) -> None:
    assert proof.difference(model, encoder, network, proof.sample(size)) < 0.5 / 255


def test_where_matte_or_strength_is_0_the_photo_stays_as_it_is(model: bytes) -> None:
    inputs = proof.sample((64, 80))._replace(strength=everywhere(1.0))
    photo = inputs.photo.numpy()
    (half,) = run(model, ["composited"], inputs)
    outside = (inputs.matte == 0).expand_as(inputs.photo).numpy()
    assert 0.1 < outside.mean() < 0.9
    assert (half[outside] == photo[outside]).all()
    assert np.abs(half - photo)[~outside].mean() > 0.02
    for empty in (inputs._replace(strength=everywhere(0.0)), inputs._replace(matte=0 * inputs.matte)):
        assert (run(model, ["composited"], empty)[0] == photo).all()


def test_a_strength_for_all_is_that_strength_everywhere_and_so_are_faces(model: bytes) -> None:
    inputs = proof.sample((40, 56))._replace(strength=everywhere(0.3), faces=everywhere(0.6))
    spread = inputs._replace(**{name: getattr(inputs, name).expand_as(inputs.matte) for name in ("strength", "faces")})
    for one, other in zip(run(model, ["composited", "painted"], inputs), run(model, ["composited", "painted"], spread)):
        assert np.abs(one - other).max() < 1e-5


def test_a_photo_of_one_colour_is_painted(model: bytes, encoder: Encoder, network: Network) -> None:
    flat = proof.sample((48, 64))._replace(photo=torch.full((1, 3, 48, 64), 0.5))
    assert proof.difference(model, encoder, network, flat) < 0.5 / 255


def test_grain_comes_again_after_a_tile(model: bytes, encoder: Encoder, network: Network) -> None:
    assert proof.difference(model, encoder, network, proof.sample((40, TILE + 30))) < 0.5 / 255


def test_without_grain_there_is_none(encoder: Encoder, network: Network) -> None:
    bare = replace(network, grain=0.0)
    data = onnx_export.model(encoder, bare).SerializeToString()
    assert proof.difference(data, encoder, bare, proof.sample((48, 64))) < 0.5 / 255


def test_what_the_file_says_of_itself(model: bytes) -> None:
    read = onnx.load_from_string(model)
    assert len(model) < 4_000_000
    assert read.producer_name == "portrait_nst" and "noise.png" in read.doc_string
    facts = {each.key: each.value for each in read.metadata_props}
    about = json.loads(facts["portrait_nst"])
    assert about["paintings"] == [{"name": "noise.png", "sha256": "ab" * 32, "weight": 1.0}]
    assert about["steps"] == 0 and "matte" in facts["use"] and "Apache-2.0" in facts["licence"]
    assert [(each.domain, each.version) for each in read.opset_import] == [("", 17)]
    shapes = {
        each.name: [d.dim_param or d.dim_value for d in each.type.tensor_type.shape.dim] for each in read.graph.input
    }
    assert shapes["photo"] == [1, 3, "height", "width"] and shapes["matte"] == [1, 1, "height", "width"]


def test_a_model_that_paints_otherwise_is_refused(model: bytes, encoder: Encoder, network: Network) -> None:
    other = replace(network, scale=network.scale * 1.2)
    with pytest.raises(ResourceError, match=r"otherwise than expected, by up to .*/255 .*nothing was written"):
        proof.proved(model, encoder, other, [(64, 64)])


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_a_missing_package_is_told_with_how_to_install_it(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ResourceError, match=r"pip install 'portrait-nst\[onnx\]'"):
        onnx_export.require()


# The map between Gaussians


def of_rank(rank: int, seed: int) -> Gaussian:
    generator = torch.Generator().manual_seed(seed)
    spread = torch.rand(rank, FEATURES, generator=generator, dtype=torch.float64)
    return Gaussian(torch.rand(FEATURES, generator=generator, dtype=torch.float64), spread.T @ spread / rank)


@pytest.mark.parametrize(("own", "goal"), [(500, 500), (3, 500), (500, 3), (1, 1)])
def test_the_map_is_that_of_gaussian(own: int, goal: int) -> None:
    photo, painting = of_rank(own, 0), of_rank(goal, 1)
    graph = Graph()
    mean = graph.constant(photo.mean[:, None], np.float64)
    matrix, offset = onnx_map.monge_map(graph, mean, graph.constant(photo.covariance, np.float64), painting)
    graph.output("matrix", matrix, [FEATURES, FEATURES])
    graph.output("offset", offset, [FEATURES, 1])
    found = run(graph.model("map").SerializeToString(), ["matrix", "offset"])
    wanted = gaussian.monge_map(photo, painting)
    for one, other in zip(found, (wanted.matrix, wanted.offset[:, None])):
        assert np.abs(one - other.numpy()).max() < 1e-4 * float(other.abs().max())


def test_scaled_steps_bring_all_singular_values_to_1() -> None:
    least = 1e-10
    steps = onnx_map.factors(least)
    values = np.geomspace(least**0.5, 1, 100)
    for factor in steps:
        values = factor * values * (3 - (factor * values) ** 2) / 2
    assert np.abs(values - 1).max() < 1e-8
    plain, count = least**0.5, 0
    while plain < 1 - 1e-8:
        plain, count = plain * (3 - plain**2) / 2, count + 1
    assert len(steps) <= count / 2


# The graph's constants


def test_constants_are_stored_once_and_in_half_precision_where_that_is_exact() -> None:
    graph = Graph()
    exact, fine = np.array([0.5, 0.25, -3], np.float32), np.array([0.1, 0.2, 0.3], np.float32)
    assert graph.constant(exact) == graph.constant(exact.copy()) != graph.constant(fine)
    graph.output("exact", graph.constant(exact), [3])
    graph.output("fine", graph.constant(fine), [3])
    model = graph.model("constants")
    assert [each.data_type for each in model.graph.initializer] == [onnx.TensorProto.FLOAT16, onnx.TensorProto.FLOAT]
    found = run(model.SerializeToString(), ["exact", "fine"])
    assert (found[0] == exact).all() and (found[1] == fine).all()
