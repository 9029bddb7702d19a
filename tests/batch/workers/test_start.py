"""What is refused before workers start."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from portrait_nst.batch import Options, Order, opened
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


def test_engines_with_processes_refuse_memory(stored_order: Order) -> None:
    with opened(stored_order, OUT) as session:
        session.plan()
        with pytest.raises(InputError, match="would not see it"), session.engine():
            pass
