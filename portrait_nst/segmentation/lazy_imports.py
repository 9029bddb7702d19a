"""Importing a package without the modules that it imports but hardly ever uses."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any


@contextmanager
def lazy_imports(names: Sequence[str]) -> Iterator[None]:
    """Inside the block, importing one of the modules `names` gives a placeholder, which imports it at its first use.

    names: a package stands before its submodules. A placeholder goes on working after the block, where an import is an
    import again. Modules that are imported already stay as they are, and so do their submodules.

    `importlib.util.LazyLoader`, and lazy_loader, which builds on it, would not do: the statement ``import a`` reads an
    attribute of the module, which loads it, and so does looking for its submodule ``a.b``.
    """
    standing: dict[str, ModuleType] = {}
    for name in names:
        package, _, own = name.rpartition(".")
        if name not in sys.modules and (not package or package in standing):
            standing[name] = sys.modules[name] = _Placeholder(name, standing)
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


class _Placeholder(ModuleType):
    """Stands for a module until an attribute of it is read."""

    def __init__(self, name: str, standing: dict[str, ModuleType]) -> None:
        super().__init__(name)
        self._standing = standing

    def __getattr__(self, name: str) -> Any:
        _leave(self._standing)  # it may be used inside the block already
        return getattr(importlib.import_module(self.__name__), name)
