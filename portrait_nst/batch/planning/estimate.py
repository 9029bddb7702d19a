"""What a batch will take: the plan of each picture, the size of photos that are not read yet, and the number of workers."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import IO

from portrait_nst import planning
from portrait_nst.errors import ResourceError
from portrait_nst.planning.plan import SMALLEST
from portrait_nst.settings import Settings


def make_plan(
    kind: str, settings: Settings, size: tuple[int, int], budget: float | None = None, name: str = "The photo"
) -> planning.Plan:
    """The plan of one picture of `kind` "stylize" or "popart", made from the `size` (height, width) of its photo alone.

    The whole photo counts as painted, because people have not been looked for yet. Raises ResourceError, with the photo's `name`,
    where `budget` bytes are too few.
    """
    if kind == "popart":
        return planning.make_popart_plan(settings, size, budget=budget, name=name)
    slow = _on_cpu(settings.device) and settings.precision == "auto" and not planning.has_bf16_instructions()
    return planning.make_plan(settings, size, precision="float32" if slow else None, budget=budget, name=name)


def workers(need: float, left: float, count: int, device: str) -> int:
    """How many processes there are to be: one for each core, or for every four that share a GPU, as far as memory goes.

    Two with one thread each paint 1.4 times as much as one with two: half of a small picture's time uses one thread only.

    need: the bytes that a process takes; left: the bytes for all of them; count: the number of cores; device: as in `Settings`.
    """
    return max(1, min(count if _on_cpu(device) else count // 4, int(planning.SPARE * left / need)))


def check_share(kind: str, settings: Settings, left: float, count: int) -> None:
    """Raise ResourceError where `count` workers that share `left` bytes could not paint the smallest picture."""
    least = make_plan(kind, settings.replace(size=SMALLEST), (SMALLEST, SMALLEST)).peak
    if left / count >= least:
        return
    share, need = planning.gigabytes(left / count, least)
    most = int(left / least)
    way = f"--workers {most} at most, or more --memory" if most else "more --memory, or close other programs"
    who = "1 worker has" if count == 1 else f"{count} workers have"
    raise ResourceError(
        f"{who} {share} GB of memory{' each' if count > 1 else ''}, to paint takes at least {need}. Use {way}."
    )


def _on_cpu(device: str) -> bool:
    """Whether a `device` as in `Settings` is the CPU, as far as that is known without importing torch."""
    has_gpu = sys.platform == "darwin" or any(Path("/dev").glob("nvidia[0-9]*"))
    return device == "cpu" or (device == "auto" and not has_gpu)


def picture_size(file: Path | IO[bytes]) -> tuple[int, int] | None:
    """The (height, width) in a file's header, or None where it has none that we can read."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the worker that paints it will say what is wrong
            with Image.open(file) as image:
                return image.height, image.width
    except Exception:  # a decoder raises a dozen kinds for a damaged header
        return None
