"""Imports torch while the person is being found; both take about the same time."""

from __future__ import annotations

import contextlib
import gc
import importlib
import sys
import threading
import warnings


def import_torch_meanwhile() -> threading.Thread:
    """A thread that imports torch. Join it before torch is used."""

    def load() -> None:
        # An error is raised again where torch is used, unless the program ends for another reason before.
        collects = gc.isenabled() and "torch" not in sys.modules
        if collects:
            gc.disable()  # an import creates many objects and frees few, so a sixth of its time would be spent on collections
        try:
            with contextlib.suppress(Exception):
                importlib.import_module("torch")
        finally:
            if collects:
                gc.enable()

    # Torch silences its import by changing the filters of warnings, which others may undo in the meantime.
    warnings.filterwarnings("ignore", "Warning only once for all operators")
    # A daemon, because after an interrupt in the first second the exit would wait for an import that waits for the main thread.
    thread = threading.Thread(target=load, name="import torch", daemon=True)
    thread.start()
    return thread
