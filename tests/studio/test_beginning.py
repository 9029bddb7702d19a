"""How a process of the studio begins."""

from __future__ import annotations

import multiprocessing
import os
import signal

from portrait_nst.studio.beginning import begin


def begun(threads: int | None) -> tuple[dict[str, str], bool, int]:
    before = {name: value for name, value in os.environ.items() if name.endswith("_NUM_THREADS")}
    begin(threads, 3)
    now = {name: value for name, value in os.environ.items() if name.endswith("_NUM_THREADS")}
    return dict(now.items() - before.items()), signal.getsignal(signal.SIGINT) is signal.SIG_IGN, os.nice(0)


def test_threads_are_counted_ctrl_c_is_the_servers_and_the_page_goes_before() -> None:
    usual = os.nice(0)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        changed, deaf, nice = pool.apply(begun, (77,))
    assert changed == dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "77")
    assert deaf and nice == min(19, usual + 3)
