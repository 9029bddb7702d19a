"""Choosing the number of workers and what each may use, and starting the engine that runs them."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

from portrait_nst import planning
from portrait_nst.batch.options import Options
from portrait_nst.batch.planning import estimate
from portrait_nst.batch.planning.jobs import Order
from portrait_nst.batch.workers.engine import Engine, MakeWorker
from portrait_nst.batch.workers.local import LocalEngine
from portrait_nst.batch.workers.task import Conditions
from portrait_nst.errors import InputError

TYPICAL = (3000, 4000)  # pixels of a photo, to choose the number of workers before one is seen


def worker_conditions(order: Order, options: Options, scratch: Path | None) -> tuple[Conditions, int]:
    """What each worker may use, and the number of workers. Raises ResourceError where none could paint with its share."""
    settings, kind = order.settings, order.kind
    left = options.memory or planning.memory_left() * planning.SPARE
    count = options.workers or estimate.workers(
        estimate.make_plan(kind, settings, TYPICAL).peak,
        left,
        planning.cores(),
        settings.device,
        len(options.devices) or 1,
    )
    if options.memory or options.engine == "local":
        estimate.check_share(kind, settings, left, count)
    threads = settings.threads
    if threads is None and count > 1:
        threads = max(1, planning.cores() // count)
    only_popart = kind == "popart" and order.rows is None
    paintings = 1 if only_popart else None
    return Conditions(
        settings.device,
        left / count,
        threads,
        paintings,
        options.keep_metadata,
        scratch,
        options.profile,
        options.recipe,
    ), count


def start_engine(options: Options, conditions: Conditions, count: int, worker: MakeWorker) -> Engine:
    """The engine that `options` name, with `count` workers. Raises ResourceError where a device or a cluster is missing."""
    check_engine(options, conditions.device)
    if options.engine == "ray":
        from portrait_nst.batch.workers.ray import RayEngine

        here = options.address == "local"  # how many cores the nodes of another cluster have is not known here
        cpus = float(conditions.threads or (max(1, planning.cores() // count) if here else 1))
        on_nodes = replace(conditions, budget=options.memory and options.memory / count, scratch=None)
        return RayEngine(on_nodes, count, worker, address=options.address, gpus=options.gpus, cpus=cpus)
    return LocalEngine(conditions, count, worker, options.devices)


def check_engine(options: Options, device: str) -> None:
    """Raise what would keep the engine from starting: ResourceError for a device that is not here, InputError without Ray.

    Every worker would die of such a device.
    """
    devices = options.devices or (device,)
    if options.engine == "ray":
        if numbered := [name for name in devices if ":" in name]:
            raise InputError(
                f"With --engine ray a worker paints on the GPU that Ray gives it, not on {numbered[0]}. "
                "Use --device cuda, and --gpus for how much of one each worker gets."
            )
        if importlib.util.find_spec("ray") is None:
            raise InputError("The Ray engine needs Ray: pip install 'portrait-nst[ray]'.")
        return
    for name in devices:
        if name not in ("auto", "cpu"):  # these are always there, and torch takes long to import
            from portrait_nst.transfer.configuration import choose_device

            choose_device(name)
