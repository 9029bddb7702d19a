"""What a picture will take: memory by a linear model that was measured, steps by its settings, and what is left here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

from portrait_nst.errors import InputError, ResourceError
from portrait_nst.settings import MIN_SIZE, QUALITIES, Settings

# Peak memory of a process, measured on Linux (embedded encoder, float32, L-BFGS, CPU): 0.94 GB for 64 pixels squared, 1.00 for
# 256, 1.33 for 512, 1.94 for 768; with the person alone, 0.95 GB for a photo of 0.3 megapixels, 1.03 for 4.2, 1.38 for 12.3.
BASE = 0.9e9
PER_PAINTED = 1.8e9  # bytes per megapixel painted
PER_PHOTO = 0.1e9  # bytes per megapixel of the photo: three are held at once
OTHER_ENCODERS = 4.0  # their feature maps, against the embedded one's
POPART = 0.3e9
SMALLEST = 256  # pixels: smaller than this nobody wants it painted
SPARE = 0.9  # of the memory left that we take


def painted_size(settings: Settings, size: tuple[int, int]) -> tuple[int, int]:
    """(height, width) at which a photo of `size` is painted at last."""
    longest = max(size)
    if settings.size != "full":
        longest = min(longest, int(settings.size or QUALITIES[settings.quality].size))
    factor = longest / max(size)
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def memory(kind: str, settings: Settings, size: tuple[int, int]) -> float:
    """Bytes that a process needs which paints a photo of `size` (height, width)."""
    photo = size[0] * size[1] / 1e6 * PER_PHOTO
    if kind == "popart":
        return POPART + photo
    height, width = painted_size(settings, size)
    more = 1.0 if settings.encoder == "embedded" else OTHER_ENCODERS
    return BASE + photo + height * width / 1e6 * PER_PAINTED * more


def work(settings: Settings, size: tuple[int, int]) -> float:
    """Megapixels times steps, at most: what seconds are proportional to."""
    height, width = painted_size(settings, size)
    quality = QUALITIES[settings.quality]
    scales = settings.scales or quality.scales
    steps = (settings.iterations,) * len(scales) if settings.iterations else quality.iterations
    steps = (steps[-1],) * len(scales) if settings.scales else steps
    return sum(height * width / 1e6 * scale**2 * count for scale, count in zip(scales, steps))


def fit(kind: str, settings: Settings, size: tuple[int, int], budget: float, name: str) -> tuple[Settings, str]:
    """`settings` with which a photo of `size` can be painted in `budget` bytes, and a note where that is smaller than asked.

    Raises ResourceError, with the photo's `name`, where it would have to be smaller than `SMALLEST`.
    """
    need = memory(kind, settings, size)
    if need <= budget:
        return settings, ""
    asked = max(painted_size(settings, size))
    if kind == "stylize":
        fixed = memory(kind, settings, size) - memory(kind, settings.replace(size=MIN_SIZE), size)
        least = need - fixed
        share = (budget - least) / max(fixed, 1.0)
        side = int(asked * share**0.5) // 16 * 16 if share > 0 else 0
        if side >= min(SMALLEST, asked):
            note = f"painted at {side} px instead of {asked}: {budget / 1e9:.1f} GB of memory were left, {need / 1e9:.1f} needed"
            return settings.replace(size=side), note
    raise ResourceError(
        f"{name} needs {need / 1e9:.1f} GB of memory, {max(budget, 0) / 1e9:.1f} are left. "
        "Use a smaller photo or --size, fewer --workers, or close other programs."
    )


def memory_left() -> float:
    """Bytes that are free: of the machine, or of what the container may use."""
    import psutil

    left = float(psutil.virtual_memory().available)
    for limit, used in (
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
        ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ):
        try:
            left = min(left, int(Path(limit).read_text()) - int(Path(used).read_text()))
        except (OSError, ValueError):  # no such files, or "max"
            continue
    return left


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def workers(need: float, left: float, count: int) -> int:
    """How many processes: one for every four cores, beyond which a painting gains little, as far as memory goes."""
    return max(1, min(count // 4, int(SPARE * left / need)))


def picture_size(file: Path | IO[bytes]) -> tuple[int, int] | None:
    """(height, width) by a file's header, or None where it has none that we can read."""
    from PIL import Image

    try:
        with Image.open(file) as image:
            return image.height, image.width
    except (OSError, ValueError, SyntaxError, InputError, Image.DecompressionBombError):
        return None
