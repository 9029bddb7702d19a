"""Ctrl-C in the first moments of a command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from portrait_nst.cli import interrupts

# The signal comes when this module is looked for: before the commands, in the middle of them, and when one has begun.
STOP = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a run in the background may ignore it
class Interrupter:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ.get("STOP_AT"):
            del os.environ["STOP_AT"]
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupter())
from portrait_nst.__main__ import main
main()
"""


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
@pytest.mark.parametrize("module", ["portrait_nst.cli.main", "typer", "portrait_nst.cli.stylize", "numpy"])
def test_an_early_interrupt_is_one_line(module: str) -> None:
    command = [sys.executable, "-c", STOP, "mask", "none.jpg"]
    done = subprocess.run(command, env={**os.environ, "STOP_AT": module}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "Error: Interrupted; nothing was written.\n"


def test_a_signal_that_is_ignored_or_caught_stays_so() -> None:
    before = signal.getsignal(signal.SIGINT)
    try:
        for handler in (signal.SIG_IGN, lambda *_: None):
            signal.signal(signal.SIGINT, handler)
            interrupts.end_at_once()
            interrupts.as_usual()
            assert signal.getsignal(signal.SIGINT) is handler
        signal.signal(signal.SIGINT, signal.default_int_handler)
        interrupts.end_at_once()
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
        interrupts.as_usual()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
