"""The studio is an extra: where what it needs is not installed, its tests are left out, and `test_installed` says why."""

from __future__ import annotations

import importlib.util
from pathlib import Path

MISSING = [name for name in ("fastapi", "uvicorn", "websockets") if importlib.util.find_spec(name) is None]


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    return True if MISSING and collection_path.name not in (Path(__file__).parent.name, "test_installed.py") else None
