"""torchvision's networks as encoders: the maps are torchvision's own, whole, and nothing more is computed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
import torch
from torch import Tensor, nn

from portrait_nst.encoders import Encoder, pretrained
from portrait_nst.encoders.architectures import ARCHITECTURES, build
from portrait_nst.encoders.scaling import IMAGENET
from portrait_nst.errors import InputError
from portrait_nst.transfer.functional import MODES, propagate_guide

from .networks import blueprint, model, network

FAMILIES = ["vgg16_bn", "alexnet", "resnet50", "inception_v3", "efficientnet_b0"]
SCALES = {"inception_v3": 2.0}


@cache
def pair(name: str, pooling: str = "max") -> tuple[nn.Module, Encoder]:
    """torchvision's network and ours with the same weights."""
    theirs = model(name)
    net = build(name, pooling=pooling)
    pretrained.fill(net, theirs.state_dict(), name, "memory")
    return theirs, pretrained.encoder(name, net, "0" * 64)


def hooked(theirs: nn.Module, image: Tensor) -> dict[str, Tensor]:
    """What every module of torchvision's network gives, copied before the next one can overwrite it."""
    maps: dict[str, Tensor] = {}

    def keep(path: str) -> Callable[[nn.Module, object, object], None]:
        def hook(module: nn.Module, inputs: object, output: object) -> None:
            if torch.is_tensor(output) and path not in maps:
                maps[path] = output.clone()

        return hook

    handles = [module.register_forward_hook(keep(path)) for path, module in theirs.named_modules()]
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (IMAGENET.mean, IMAGENET.std))
    with torch.no_grad():
        theirs((image - mean) / std)
    for handle in handles:
        handle.remove()
    return maps


@pytest.mark.parametrize("name", FAMILIES)
def test_maps_are_torchvisions_own(name: str) -> None:
    """Also those before a ReLU or a sum that torchvision does in place, and Inception's transform_input."""
    theirs, ours = pair(name)
    image = torch.rand(1, 3, 107, 99)
    once = {path: found for path, found in hooked(theirs, image).items() if found.ndim == 4}
    shared = {}
    for path in once:
        module = theirs.get_submodule(path)
        if isinstance(module, nn.ReLU | nn.SiLU) or not path:  # one module in several places
            continue
        try:
            shared[path] = ours.resolve(path)
        except InputError:
            continue
    with torch.no_grad():
        found = ours.features(image, shared.values())
    assert len(shared) > len(ours.layers) / 3
    for path, layer in shared.items():
        torch.testing.assert_close(
            found[layer], once[path], rtol=1e-4, atol=1e-4 * float(once[path].abs().max()), msg=path
        )


@pytest.mark.parametrize("name", FAMILIES)
def test_maps_alone_are_maps_together(name: str) -> None:
    """No map is overwritten by what is computed after it."""
    _, ours = pair(name)
    image = torch.rand(1, 3, 80, 80)
    with torch.no_grad():
        together = ours.features(image, ours.layers)
        for layer in ours.layers[3::37]:
            assert torch.equal(ours.features(image, [layer])[layer], together[layer]), layer


@pytest.mark.parametrize("name", FAMILIES)
def test_nothing_after_the_last_layer_is_computed(name: str) -> None:
    _, ours = pair(name)
    wanted = ours.layers[len(ours.layers) // 3]
    path = next(layer.torchvision for layer in ours.described if layer.name == wanted)
    called: list[str] = []
    leaves = [(p, m) for p, m in network(ours).body.named_modules() if not list(m.children())]
    handles = [m.register_forward_hook(lambda *_, p=p: called.append(p)) for p, m in leaves]
    with torch.no_grad():
        ours.features(torch.rand(1, 3, 80, 80), [wanted])
    for handle in handles:
        handle.remove()
    order = [layer.torchvision for layer in ours.described]
    assert called and len(set(called)) < len(leaves) / 2
    assert all(order.index(p) <= order.index(path) for p in called if p in order)


@pytest.mark.parametrize("size", [(64, 64), (65, 97), (101, 64)])
@pytest.mark.parametrize("name", FAMILIES)
def test_defaults_at_any_size_with_gradients_for_the_picture_only(name: str, size: tuple[int, int]) -> None:
    _, ours = pair(name, "average")
    image = torch.rand(1, 3, *size, requires_grad=True)
    maps = ours.features(image, {*ours.style_layers, *ours.content_layers})
    for layer, found in maps.items():
        geometry = ours.geometry(layer)
        assert found.shape[-2:] == (geometry.cells(size[0]), geometry.cells(size[1]))
        assert all(
            propagate_guide(torch.ones(1, *size), geometry, mode).shape[1:] == found.shape[-2:] for mode in MODES
        )
    (gradient,) = torch.autograd.grad(torch.stack([found.square().mean() for found in maps.values()]).sum(), image)
    assert torch.isfinite(gradient).all() and gradient.abs().sum() > 0
    assert not ours.net.training and not any(p.requires_grad for p in ours.net.parameters())
    assert not any(module.training for module in ours.net.modules())


@pytest.mark.parametrize("name", FAMILIES)
def test_bfloat16_autocast(name: str) -> None:
    _, ours = pair(name, "average")
    image = torch.rand(1, 3, 77, 85, requires_grad=True)
    layers = {*ours.style_layers, *ours.content_layers}
    with torch.autocast("cpu", torch.bfloat16):
        half = ours.features(image, layers)
    (gradient,) = torch.autograd.grad(
        torch.stack([found.float().square().mean() for found in half.values()]).sum(), image
    )
    assert torch.isfinite(gradient).all()
    with torch.no_grad():
        full = ours.features(image, layers)
    for layer in layers:
        assert (half[layer].detach().float() - full[layer]).norm() < 0.1 * full[layer].norm(), layer


@pytest.mark.parametrize("name", FAMILIES)
def test_the_scale_of_the_input(name: str) -> None:
    _, ours = pair(name, "average")
    expected = SCALES.get(name, 3 / sum(IMAGENET.std))
    assert ours.input_scale == pytest.approx(expected)
    assert blueprint("vgg19").input_scale == pytest.approx(3 / sum(IMAGENET.std))


@pytest.mark.parametrize("name", FAMILIES)
def test_pooling_averages_in_chains_only(name: str) -> None:
    kinds = {
        pooling: {type(m) for m in build(name, pooling=pooling).modules() if isinstance(m, nn.MaxPool2d | nn.AvgPool2d)}
        for pooling in ("average", "max")
    }
    assert kinds["average"] == ({nn.AvgPool2d} if ARCHITECTURES[name].chain else kinds["max"])
    assert nn.AvgPool2d not in kinds["max"]


def test_a_picture_too_small_for_a_layer() -> None:
    _, ours = pair("inception_v3")
    with pytest.raises(InputError, match=r"mixed8 needs a picture of at least 75 px a side; here it is 80x70"):
        ours.features(torch.rand(1, 3, 70, 80), ["mixed0", "mixed8"])
    assert ours.features(torch.rand(1, 3, 32, 32), [*ours.style_layers, *ours.content_layers]), (
        "where painting may start"
    )
    assert ours.features(torch.rand(1, 3, 75, 75), ["mixed10"])["mixed10"].shape[-2:] == (1, 1)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_can_be_built_and_is_described(name: str) -> None:
    found = blueprint(name)
    assert set(found.style_layers) | set(found.content_layers) <= set(found.layers)
    assert len(set(found.layers)) == len(found.layers) == len(found.described)
    assert all(tensor.is_meta for tensor in network(found).body.state_dict().values())
    shapes = network(found).body(torch.zeros(1, 3, 160, 160, device="meta"))
    for layer in found.described:
        cells = layer.geometry.cells(160)
        assert shapes[layer.name].shape == (1, layer.channels, cells, cells), layer.name
