"""Learned files: what comes back from them, and what is said of those that are damaged, foreign or hostile."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load as deserialized
from safetensors.torch import save as serialized

from portrait_nst.errors import InputError, ModelError
from portrait_nst.instant import About, Network, files, metadata
from portrait_nst.instant.network import Painting
from tests.instant.networks import convolution, network

WHOLE = files.to_bytes(network())
DESCRIPTION: dict[str, Any] = json.loads(files._header(WHOLE)["__metadata__"]["portrait_nst"])
del DESCRIPTION["sha256"]


def rewritten(description: object = None, **tensors: torch.Tensor | None) -> bytes:
    """The whole file with another description, and with tensors replaced, added, or (None) left out; its sha256 fits."""
    values = DESCRIPTION if description is None else description
    found: dict[str, Any] = {
        **deserialized(WHOLE),
        **{name.replace("__", "."): value for name, value in tensors.items()},
    }
    found = {name: value for name, value in found.items() if value is not None}
    if isinstance(values, dict):
        values = {**values, "sha256": metadata._digest(values, files._body(serialized(found)))}
    return serialized(found, {"portrait_nst": values if isinstance(values, str) else json.dumps(values)})


def described(**values: object) -> dict[str, Any]:
    return {**DESCRIPTION, **values}


def about(**values: object) -> dict[str, Any]:
    return described(about={**DESCRIPTION["about"], **values})


def test_a_network_comes_back_bit_for_bit(tmp_path: Path) -> None:
    before = network(Painting("a.png", "a" * 64, 2.0), Painting("b.png", "b" * 64))
    path = files.save(before, tmp_path / "two.safetensors")
    after = files.load(path)
    for one, other in zip(before.decoder.state_dict().values(), after.decoder.state_dict().values()):
        assert torch.equal(one, other) and other.dtype == torch.float32
    for own, target in zip(before.targets, after.targets):
        assert torch.equal(own.mean, target.mean) and torch.equal(own.covariance, target.covariance)
    assert (after.scale, after.grain, after.about) == (before.scale, before.grain, before.about)
    assert files.to_bytes(after) == path.read_bytes()  # the same network, the same bytes


def test_compact_weights_are_half_as_large_and_within_half_a_step() -> None:
    before, data = network(), files.to_bytes(network(), compact=True)
    assert len(data) < 0.57 * len(WHOLE)
    for one, other in zip(before.decoder.state_dict().values(), files.from_bytes(data).decoder.state_dict().values()):
        if one.ndim > 1:
            step = one.abs().amax((1, 2, 3)) / 127
            assert bool(((one - other).abs().amax((1, 2, 3)) <= 0.51 * step).all())
        else:
            assert torch.equal(one, other)


def test_a_channel_without_weights_stays_so() -> None:
    silent = network()
    convolution(silent, "fine.0").weight[3] = 0
    again = files.from_bytes(files.to_bytes(silent, compact=True))
    assert not convolution(again, "fine.0").weight[3].any()


def test_a_start_without_targets_can_be_kept() -> None:
    start = replace(network(), targets=(), about=About())
    again = files.from_bytes(files.to_bytes(start))
    assert again.targets == () and not again.learned


def test_reading_leaves_the_random_state_alone() -> None:
    state = torch.random.get_rng_state()
    files.from_bytes(WHOLE)
    assert torch.equal(state, torch.random.get_rng_state())


def test_an_existing_file_is_replaced_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(b"mine")
    with pytest.raises(InputError, match="exists already"):
        files.save(network(), path)
    assert path.read_bytes() == b"mine"
    files.save(network(), path, overwrite=True)
    assert path.read_bytes() == WHOLE and list(tmp_path.iterdir()) == [path]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "none.safetensors", tmp_path, tmp_path / "a\0b"):
        with pytest.raises(InputError, match=r"The learned file .* cannot be read"):
            files.load(path)
    (tmp_path / "huge.safetensors").write_bytes(b"")
    with (tmp_path / "huge.safetensors").open("r+b") as file:
        file.truncate(1 << 40)  # a hole: nothing of it is on the disk
    with pytest.raises(ModelError, match="more than 8 MB"):
        files.load(tmp_path / "huge.safetensors")


NAN = torch.full((96,), float("nan"), dtype=torch.float16)
FAULTS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "it is empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(900), "no safetensors file"),
    "half of it": (WHOLE[: len(WHOLE) // 2], "damaged or cut off"),
    "half of its header": (WHOLE[:500], "damaged or cut off"),
    "one bit": (WHOLE[:-9] + bytes([WHOLE[-9] ^ 1]) + WHOLE[-8:], "damaged or cut off"),
    "more behind it": (WHOLE + b"x", "damaged or cut off"),
    "header of braces": ((100_000).to_bytes(8, "little") + b'{"a":' * 20_000, "header is no JSON"),
    "another program's": (serialized({"weight": torch.zeros(2)}, {"format": "pt"}), "another program"),
    "newer": (rewritten(described(format=2)), "format 2, of a newer version.*update portrait_nst"),
    "older": (rewritten(described(format=0)), "format 0, which is no longer read.*learn the painting again"),
    "no format": (rewritten(described(format=True)), "no format number"),
    "not JSON": (rewritten("{"), "description is no JSON"),
    "nested": (rewritten("[" * 100_000), "description is no JSON"),
    "a list": (rewritten([1]), "no JSON object"),
    "NaN": (rewritten(described(scale=float("nan"))), "description is no JSON"),
    "weights of another kind": (rewritten(described(weights="int4")), "neither float16 nor int8"),
    "scale 0": (rewritten(described(scale=0)), "the scale"),
    "scale of text": (rewritten(described(scale="1")), "the scale"),
    "scale true": (rewritten(described(scale=True)), "the scale"),
    "endless grain": (rewritten(json.dumps(described(grain=9)).replace(": 9,", ": 1e999,")), "sha256 does not fit"),
    "no about": (rewritten(described(about=3)), "no about"),
    "steps": (rewritten(about(steps=-1)), "number of steps"),
    "steps of many digits": (
        rewritten(json.dumps(about(steps=7)).replace('"steps": 7', '"steps": ' + "7" * 5000)),
        "no JSON",
    ),
    "paintings": (rewritten(about(paintings={})), "list of paintings"),
    "a painting": (rewritten(about(paintings=[3])), "no JSON object"),
    "a long name": (rewritten(about(paintings=[{"name": "x" * 256, "sha256": "a" * 64, "weight": 1}])), "a name"),
    "a steering name": (rewritten(about(paintings=[{"name": "\x1b[2J", "sha256": "a" * 64, "weight": 1}])), "a name"),
    "a turned name": (rewritten(about(paintings=[{"name": "\u202egnp", "sha256": "a" * 64, "weight": 1}])), "a name"),
    "no sha256": (rewritten(about(paintings=[{"name": "x", "sha256": "../" * 20, "weight": 1}])), "sha256"),
    "weight 0": (rewritten(about(paintings=[{"name": "x", "sha256": "a" * 64, "weight": 0}])), "the weight"),
    "settings": (rewritten(about(settings={"a": [1]})), "a setting"),
    "settings in plenty": (rewritten(about(settings={str(i): 1 for i in range(101)})), "more than 100"),
    "an endless setting": (rewritten(about(settings={"a": 10**400})), "out of range"),
    "encoder": (rewritten(about(encoder_sha256="x")), "encoder_sha256"),
    "missing": (rewritten(decoder__join__bias=None), r"lacks decoder\.join\.bias"),
    "no targets": (rewritten(targets__1__mean=None), r"lacks targets\.1\.mean"),
    "foreign": (rewritten(more=torch.zeros(2)), "holds 'more', which is no part"),
    "shape": (rewritten(decoder__join__bias=torch.zeros(95).half()), r"float16 \(95,\), expected float16 \(96,\)"),
    "type": (rewritten(decoder__join__bias=torch.zeros(96)), r"float32 \(96,\), expected float16 \(96,\)"),
    "not finite": (rewritten(decoder__join__bias=NAN), "not finite"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_clear_line(fault: str) -> None:
    data, message = FAULTS[fault]
    with pytest.raises(ModelError, match=message) as caught:
        files.from_bytes(data, "x.safetensors")
    assert "x.safetensors cannot be used as a learned network" in str(caught.value)
    assert "\n" not in str(caught.value) and caught.value.__suppress_context__


def test_a_header_that_asks_for_more_than_there_is_allocates_nothing() -> None:
    body = b""
    entry = {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}
    text = json.dumps({**DESCRIPTION, "sha256": metadata._digest(DESCRIPTION, memoryview(body))})
    header = {"__metadata__": {"portrait_nst": text}, "a": entry}
    head = json.dumps(header).encode()
    with pytest.raises(ModelError, match="damaged"):
        files.from_bytes(len(head).to_bytes(8, "little") + head + body)


def test_a_scale_that_takes_weights_past_all_bounds_is_refused() -> None:
    compact = files.to_bytes(network(), compact=True)
    tensors = deserialized(compact)
    tensors["decoder.join.weight.scale"] = torch.full((96,), 3e38)
    values = json.loads(files._header(compact)["__metadata__"]["portrait_nst"])
    del values["sha256"]
    values["sha256"] = metadata._digest(values, files._body(serialized(tensors)))
    with pytest.raises(ModelError, match=r"decoder\.join\.weight holds values that are not finite"):
        files.from_bytes(serialized(tensors, {"portrait_nst": json.dumps(values)}))


def test_a_network_that_is_not_finite_is_not_written(tmp_path: Path) -> None:
    broken = network()
    convolution(broken, "join").weight[0] = float("inf")
    with pytest.raises(ModelError, match="not finite"):
        files.save(broken, tmp_path / "x.safetensors")
    with pytest.raises(ModelError, match="the scale"):
        files.to_bytes(replace(network(), scale=float("nan")))
    assert not list(tmp_path.iterdir())


def test_names_are_made_printable() -> None:
    odd = network(Painting("a\nb\x1b\udc80\u202e" + "x" * 300, "a" * 64))
    name = files.from_bytes(files.to_bytes(odd)).about.paintings[0].name
    assert name.startswith("a\\nb\\x1b\\udc80\\u202ex") and len(name) == 255


def test_no_setting_keeps_a_network_from_being_written() -> None:
    own = network()
    odd: dict[str, object] = {
        "photos": Path("a") / "b",
        "sizes": (1, 2),
        "minutes": float("inf"),
        "seed": 2**63,
        "mask": None,
        "x" * 300: True,
    }
    strange = replace(own, about=replace(own.about, settings=odd), scale=torch.tensor(0.5).numpy()[()])  # type: ignore[arg-type]
    found = files.from_bytes(files.to_bytes(strange)).about.settings
    assert found == {
        "photos": str(Path("a") / "b"), "sizes": "(1, 2)", "minutes": "inf", "seed": str(2**63), "mask": None, "x" * 255: True,
    }  # fmt: skip


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(DESCRIPTION)), st.sampled_from(sorted(DESCRIPTION["about"])), JSON, st.booleans())
def test_any_description_is_read_or_refused(name: str, inner: str, value: object, within: bool) -> None:
    values = about(**{inner: value}) if within else described(**{name: value})
    try:
        found = files.from_bytes(rewritten(values))
    except ModelError:
        return
    assert isinstance(found, Network) and files.to_bytes(found)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=12), st.booleans())
def test_any_change_of_the_bytes_is_noticed(place: int, put: bytes, early: bool) -> None:
    place = place % 3000 if early else place
    changed = WHOLE[:place] + put + WHOLE[place + len(put) :]
    if changed == WHOLE:
        return
    try:
        found = files.from_bytes(changed)
    except ModelError:
        return
    assert files.to_bytes(found) == WHOLE  # a blank of the header became a line end
