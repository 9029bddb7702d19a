"""The device of a painting: which are there, and code that must see a GPU whatever its number."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from portrait_nst.errors import ResourceError
from portrait_nst.settings import Settings
from portrait_nst.transfer import choose_device
from portrait_nst.transfer.configuration import has_fast_bf16, precision_of
from portrait_nst.transfer.windowed_optimizer import windowed_evaluations


@pytest.fixture(params=[1, 3])
def gpus(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """A machine that says it has so many GPUs."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: request.param)
    return int(request.param)


def test_gpus_by_number(gpus: int) -> None:
    assert choose_device("auto") == choose_device("cuda") == "cuda" and choose_device("cpu") == "cpu"
    assert [choose_device(f"cuda:{number}") for number in range(gpus)] == [f"cuda:{n}" for n in range(gpus)]
    there = "one GPU, cuda:0" if gpus == 1 else "3 GPUs, cuda:0 to cuda:2"
    for number in (gpus, 99):
        with pytest.raises(ResourceError) as error:
            choose_device(f"cuda:{number}")
        assert str(error.value) == f"There is no cuda:{number} device here: torch sees {there}."


def test_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for name in ("cuda", "cuda:0", "cuda:7"):
        with pytest.raises(ResourceError, match=f"no {name} device here that torch can use. Use --device cpu"):
            choose_device(name)


def test_each_gpu_is_asked_for_its_own_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first GPU is old here, the second is not."""
    entered: list[str] = []

    class Entered:
        def __init__(self, device: str) -> None:
            self.device = device

        def __enter__(self) -> None:
            entered.append(self.device)

        def __exit__(self, *_: object) -> None:
            entered.pop()

    def supported(including_emulation: bool = True) -> bool:
        return including_emulation or entered[-1] == "cuda:1"

    monkeypatch.setattr(torch.cuda, "device", Entered)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    assert [has_fast_bf16(name) for name in ("cuda", "cuda:0", "cuda:1")] == [False, False, True]
    assert precision_of(Settings(), "cuda:1") == "bfloat16" and precision_of(Settings(), "cuda:0") == "float32"
    assert not has_fast_bf16("mps")


def test_a_gpu_with_a_number_takes_a_gpu_s_windows() -> None:
    sizes: dict[str, Any] = {name: windowed_evaluations((1500, 1500), 12, name) for name in ("cpu", "cuda", "cuda:1")}
    assert sizes["cuda"] == sizes["cuda:1"] != sizes["cpu"]
