"""Many pictures: jobs, a manifest of what became of each, and the engines that do them.

from portrait_nst.batch import Order, run
run(Order(inputs=["photos"], styles=["starry.png"]), "painted")  # or "s3://bucket/painted"
"""

from __future__ import annotations

from portrait_nst.batch.manifest.manifest import Manifest
from portrait_nst.batch.options import Done, Options
from portrait_nst.batch.overview import check, expect, status
from portrait_nst.batch.page import check_page, write_page
from portrait_nst.batch.planning.jobs import Job, Order, plan
from portrait_nst.batch.planning.planner import Ledger
from portrait_nst.batch.session import Session, opened, run

__all__ = [
    "Done",
    "Job",
    "Ledger",
    "Manifest",
    "Options",
    "Order",
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
