"""Devices by name and by number, one and several."""

from __future__ import annotations

import pytest

from portrait_nst.errors import InputError
from portrait_nst.settings import Settings
from portrait_nst.settings.devices import split


@pytest.mark.parametrize("name", ["auto", "cpu", "cuda", "cuda:0", "cuda:1", "cuda:12", "mps"])
def test_what_a_device_may_be(name: str) -> None:
    assert Settings(device=name).device == name and split(name) == (name,)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CUDA:0", " Did you mean cuda:0?"),
        ("Cuda", " Did you mean cuda?"),
        ("cuda1", " Did you mean cuda:1 or cuda?"),
        ("cuda:-1", " Did you mean cuda:1 or cuda?"),
        ("cuda:01", " Did you mean cuda:1 or cuda?"),
        ("cuda:0,cuda:1", ""),
        ("gpu", ""),
        ("mps:0", " Did you mean mps?"),
        ("cuda:1\n", " Did you mean cuda:1?"),
    ],
)
def test_others_are_refused_with_what_was_meant(name: str, meant: str) -> None:
    with pytest.raises(InputError) as error:
        Settings(device=name)
    assert str(error.value) == f"device must be one of auto, cpu, cuda, mps, or as cuda:1, not {name!r}.{meant}"


def test_several_are_gpus_by_number_each_once() -> None:
    assert split("cuda:0, cuda:1") == ("cuda:0", "cuda:1")
    for text in ("cuda:0,cpu", "cuda,cuda:1", "cuda:0,"):
        with pytest.raises(InputError, match="or several GPUs by number"):
            split(text)
    with pytest.raises(InputError, match="names cuda:1 twice"):
        split("cuda:1,cuda:0,cuda:1")
