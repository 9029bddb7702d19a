"""Torch is imported while the person is looked for: both take as long."""

from __future__ import annotations

import contextlib
import gc
import importlib
import sys
import threading
import warnings


def import_torch_meanwhile() -> threading.Thread:
    """A thread that imports torch, which takes as long as to find the person. To be joined before torch is used."""

    def load() -> None:
        # Whatever it is comes up again, and is told, where torch is used; or this program ends for another reason meanwhile.
        collects = gc.isenabled() and "torch" not in sys.modules
        if collects:
            gc.disable()  # an import makes much and drops little: a sixth of its time goes into looking for that
        try:
            with contextlib.suppress(Exception):
                importlib.import_module("torch")
        finally:
            if collects:
                gc.enable()

    # Torch keeps its import silent by changing the warnings' filters, which is undone by others who do so meanwhile.
    warnings.filterwarnings("ignore", "Warning only once for all operators")
    # A daemon, or an interrupt in the first second would wait at exit for an import that waits for the interrupted one.
    thread = threading.Thread(target=load, name="import torch", daemon=True)
    thread.start()
    return thread
