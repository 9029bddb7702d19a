"""Import a package without what it imports and hardly ever uses."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any


@contextmanager
def later(names: Sequence[str]) -> Iterator[None]:
    """Modules (a package before what lies in it) whose import, inside the block, waits until something of them is wanted.

    Whoever imports them in the block holds what stands for them, and finds the modules behind it whenever he looks; after the
    block an import is an import again. Those that are imported already stay as they are, and what lies in them.
    """
    standing: dict[str, ModuleType] = {}
    for name in names:
        package, _, own = name.rpartition(".")
        if name not in sys.modules and (not package or package in standing):
            standing[name] = sys.modules[name] = _Later(name, standing)
            if package:
                setattr(standing[package], own, standing[name])
    try:
        yield
    finally:
        _leave(standing)


def _leave(standing: dict[str, ModuleType]) -> None:
    for name, module in standing.items():
        if sys.modules.get(name) is module:
            del sys.modules[name]


class _Later(ModuleType):
    """What stands for a module."""

    def __init__(self, name: str, standing: dict[str, ModuleType]) -> None:
        super().__init__(name)
        self._standing = standing

    def __getattr__(self, name: str) -> Any:
        _leave(self._standing)  # if it is wanted in the block already
        return getattr(importlib.import_module(self.__name__), name)
