"""Many pictures: jobs, a manifest that remembers what became of each, and the workers that paint them.

    from portrait_nst.batch import Order, run
    run(Order(inputs=["photos"], styles=["starry.png"]), "painted")  # or "s3://bucket/painted"

The packages inside import each other in this order only: ``storage`` (files here and in stores), ``manifest`` (the database, and
what `kill -9` does), ``planning`` (which jobs there are, and which are to be done), ``workers`` (painting them). Above them are
`session`, `overview` and `page`. Names are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portrait_nst.batch.checks import check
    from portrait_nst.batch.manifest.manifest import Manifest
    from portrait_nst.batch.options import Done, Options
    from portrait_nst.batch.overview import expect, status
    from portrait_nst.batch.page import check_page, write_page
    from portrait_nst.batch.planning.jobs import Job, Order, plan
    from portrait_nst.batch.planning.planner import Planner
    from portrait_nst.batch.session import Session, opened, run

_HOMES = {
    "Done": "options",
    "Job": "planning.jobs",
    "Manifest": "manifest.manifest",
    "Options": "options",
    "Order": "planning.jobs",
    "Planner": "planning.planner",
    "Session": "session",
    "check": "checks",
    "check_page": "page",
    "expect": "overview",
    "opened": "session",
    "plan": "planning.jobs",
    "run": "session",
    "status": "overview",
    "write_page": "page",
}
__all__ = [
    "Done",
    "Job",
    "Manifest",
    "Options",
    "Order",
    "Planner",
    "Session",
    "check",
    "check_page",
    "expect",
    "opened",
    "plan",
    "run",
    "status",
    "write_page",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
