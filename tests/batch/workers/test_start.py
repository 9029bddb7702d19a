"""What is refused before workers start."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from portrait_nst.batch import Options, Order, opened
from portrait_nst.batch.workers.local import LocalEngine
from portrait_nst.errors import InputError, ResourceError
from tests.batch.fake_workers import Negative
from tests.batch.runs import OUT


def test_a_device_that_is_not_here_is_said_before_workers_start(two_photos: Order, tmp_path: Path) -> None:

    name = next(
        (
            n
            for n, there in (("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available()))
            if not there
        ),
        None,
    )
    if name is None:
        pytest.skip("every device is here")
    asked = Order(two_photos.inputs, two_photos.styles, settings=two_photos.settings.replace(device=name))
    with opened(asked, tmp_path / "out", Options(workers=1), Negative) as session:
        session.plan()
        with pytest.raises(ResourceError, match=f"no {name} device"), session.engine():
            pass


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that says it has two GPUs."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


@pytest.mark.usefixtures("two_gpus")
def test_workers_are_dealt_to_gpus_in_turn(two_photos: Order, tmp_path: Path) -> None:
    asked = Order(two_photos.inputs, two_photos.styles, settings=two_photos.settings.replace(device="cuda:0"))
    options = Options(workers=3, devices=("cuda:0", "cuda:1"))
    with opened(asked, tmp_path / "out", options, Negative) as session, session.engine() as engine:
        assert isinstance(engine, LocalEngine)
        bound = [process.conditions.device for process in engine._processes]
        assert bound == ["cuda:0", "cuda:1", "cuda:0"]
        assert [process.again().conditions.device for process in engine._processes] == bound


@pytest.mark.usefixtures("two_gpus")
@pytest.mark.parametrize(
    ("devices", "engine", "said"),
    [
        (("cuda:0", "cuda:9"), "local", "no cuda:9 device here: torch sees 2 GPUs, cuda:0 to cuda:1"),
        (("cuda:2",), "local", "no cuda:2 device"),
        (("cuda:0", "cuda:1"), "ray", "on the GPU that Ray gives it, not on cuda:0. Use --device cuda, and --gpus"),
    ],
)
def test_gpus_that_are_not_here_are_refused(
    devices: tuple[str, ...], engine: str, said: str, two_photos: Order, tmp_path: Path
) -> None:
    options = Options(workers=2, devices=devices, engine=engine)
    with (
        opened(two_photos, tmp_path / "out", options, Negative) as session,
        pytest.raises((InputError, ResourceError), match=said),
        session.engine(),
    ):
        pass


def test_each_device_needs_a_worker() -> None:
    with pytest.raises(InputError, match="2 devices need a worker each: --workers 2 at least"):
        Options(workers=1, devices=("cuda:0", "cuda:1"))
    with pytest.raises(InputError, match="device must be"):
        Options(devices=("cuda:0", "cuda:x"))


def test_engines_with_processes_refuse_memory(stored_order: Order) -> None:
    with opened(stored_order, OUT) as session:
        session.plan()
        with pytest.raises(InputError, match="would not see it"), session.engine():
            pass
