"""What a painting will take, before it starts: its scales and steps, its memory, and what is left here.

Memory is a linear model of measured peaks (Linux, CPU, L-BFGS) over the megapixels of the box that is painted, within
15 % of each of: with the embedded encoder in bfloat16 1.03 GB for 0.08 megapixels, 1.21 for 0.20, 1.50 for 0.29, 1.68 for
0.47, 2.4 for 1.07; 2.50, 3.61 and 6.12 GB for 2, 4 and 11.5 megapixels in tiles, of photos of 4 and 12 megapixels; and
in sweeps 1.66 GB for a canvas of 0.9 megapixels and 3.36 for 23, of photos of 2 and 24. That is with Gram matrices alone; nearest
features took 1.34 and 1.39 GB for 0.08 megapixels, 1.73 for 0.22, 1.77 for 0.29, 2.09 for 0.43, and in sweeps 2.01 for 0.75.
"""

from __future__ import annotations

import os
from pathlib import Path

from portrait_nst.errors import ResourceError
from portrait_nst.settings import MIN_SIZE, Settings

# A canvas of more pixels is painted in parts: whole it would take several times the memory, and be a third faster.
WHOLE = 800_000
LEAST_WHOLE = 300_000  # the same where memory is short
COARSEST = 288  # pixels: the longest side at which a painting begins
FEW_STEPS = {
    "painterly": ((2048, 6), (768, 12)),
    "gram": ((2048, 6), (1024, 12)),
}  # (more pixels than this, steps at most)

BASE, PER_PHOTO = 0.95e9, 0.018e9  # bytes, and bytes a megapixel of the photo
PER_PAINTED, PER_PAINTED_FLOAT32 = 1.45e9, 2.2e9  # bytes a megapixel of a canvas that is taken whole
NEAREST, PER_NEAREST = 0.25e9, 0.55e9  # more with nearest features, and a megapixel of the canvas
SWEPT_NEAREST = 0.35e9  # more with them in sweeps
BRUSH, BRUSH_PER_PHOTO = 0.45e9, 0.03e9  # more with brush work, and a megapixel of the photo
TILES, PER_TILED = 1.6e9, 0.36e9  # bytes with tiles, and bytes a megapixel of a canvas in tiles
SWEEPS, PER_SWEPT = 1.6e9, 0.047e9  # the same of one that is painted in sweeps
OTHER_ENCODERS = 4.0  # their feature maps, against the embedded one's
VGG = {"vgg16": 1.7, "vgg19": 1.7}  # the same of those that paint with as few layers
MARGINS, MOST_MARGINS = 40, 32  # pixels of the box beyond what is painted, both sides; beyond the photo
POPART, POPART_PER_PHOTO = 0.3e9, 0.1e9
POPART_SECONDS, POPART_SECONDS_PER_PHOTO = 4.5, 0.2
SMALLEST = 256  # pixels: smaller than this nobody wants it painted
SPARE = 0.9  # of the memory left that we take
AFTER, AFTER_PER_PHOTO = 0.05, 0.37  # seconds after the last step, and a megapixel of the photo: to compose, to save

Size = tuple[int, int]


def scales_and_steps(settings: Settings, longest: int) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """The scales and the iterations at each, for a canvas of `longest` pixels.

    A larger canvas begins as coarsely as a small one, since no layer sees more than some hundred pixels; and its finest
    scales, on which only the finest strokes are new, take few steps.
    """
    quality = settings.preset_of_quality
    if settings.scales:
        scales, steps = settings.scales, quality.iterations[-1:] * len(settings.scales)
    else:
        scales, steps = quality.scales, quality.iterations
        while longest * scales[0] > COARSEST:
            scales, steps = (scales[0] / 2, *scales), (steps[0], *steps)
    if settings.iterations is not None:
        return scales, (settings.iterations,) * len(scales)
    few = FEW_STEPS["painterly" if settings.painterly else "gram"]
    most = [next((count for above, count in few if longest * scale > above), max(steps)) for scale in scales]
    return scales, tuple(min(pair) for pair in zip(steps, most))


def usual_size(settings: Settings) -> int:
    """Longest side that is painted where no size is given, in pixels."""
    return settings.preset_of_quality.size


def painted_size(settings: Settings, size: Size) -> Size:
    """(height, width) at which a photo of `size` is painted at last."""
    longest = max(size)
    if settings.size != "full":
        longest = min(longest, int(settings.size or usual_size(settings)))
    factor = longest / max(size)
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def memory(kind: str, settings: Settings, size: Size, share: float = 1.0, *, whole: int = WHOLE) -> float:
    """Bytes that a process needs which paints `share` of a photo of `size` (height, width).

    `whole` is how many pixels of a canvas are taken at once.
    """
    megapixels = size[0] * size[1] / 1e6
    if kind == "popart":
        return POPART + megapixels * POPART_PER_PHOTO
    sides = painted_size(settings, size)
    if settings.painterly and settings.size is None:  # small faces are painted larger, up to a square of the usual size
        factor = min(usual_size(settings) / (sides[0] * sides[1]) ** 0.5, max(size) / max(sides))
        sides = round(sides[0] * max(factor, 1)), round(sides[1] * max(factor, 1))
    needs = []
    for scale in scales_and_steps(settings, max(sides))[0]:
        high, wide = (min(side * scale * share**0.5 + MARGINS, side * scale + MOST_MARGINS) for side in sides)
        parts = sides[0] * sides[1] * scale**2 * share > whole
        needs.append(_of_canvas(settings, high * wide / 1e6, parts))
    if settings.painterly and settings.brushwork:  # after the last step, when what painted is gone
        needs.append(BASE + BRUSH + megapixels * BRUSH_PER_PHOTO)
    return max(needs) + megapixels * PER_PHOTO


def _of_canvas(settings: Settings, canvas: float, parts: bool) -> float:
    """Bytes for one scale, whose canvas is of so many megapixels, and painted in parts or not."""
    more = 1.0 if settings.encoder == "embedded" else OTHER_ENCODERS
    if parts:
        fixed, each = (SWEEPS, PER_SWEPT) if in_sweeps(settings) else (TILES, PER_TILED)
        fixed += SWEPT_NEAREST if settings.painterly else 0.0
        return fixed * more**0.5 + canvas * each
    each = PER_PAINTED_FLOAT32 if settings.precision == "float32" else PER_PAINTED
    fixed, each = (BASE + NEAREST, each + PER_NEAREST) if settings.painterly else (BASE, each)
    return fixed + canvas * each * VGG.get(settings.encoder, more)


def in_sweeps(settings: Settings) -> bool:
    """Whether a canvas that is too large to be taken whole is painted in sweeps, and not in tiles."""
    usual = settings.optimizer == "lbfgs" and settings.canvas == "pyramid" and settings.normalisation == "relative"
    return usual and not settings.encoder.startswith("efficientnet")


def least_memory(kind: str, settings: Settings, size: Size, share: float = 1.0) -> float:
    """As `memory`, where as little of a canvas is taken at once as can be."""
    parts = [WHOLE, LEAST_WHOLE] if kind == "stylize" and in_sweeps(settings) else [WHOLE]
    return min(memory(kind, settings, size, share, whole=whole) for whole in parts)


def at_once(settings: Settings, size: Size, budget: float, share: float = 1.0) -> int:
    """How many pixels of a canvas to take at once, so that it is painted in parts rather than smaller."""
    least, need = least_memory("stylize", settings, size, share), memory("stylize", settings, size, share)
    return LEAST_WHOLE if least <= budget < need else WHOLE


def seconds_after(size: Size) -> float:
    """Seconds from the last step to the saved picture, for a photo of `size`."""
    return AFTER + AFTER_PER_PHOTO * size[0] * size[1] / 1e6


def popart_seconds(size: Size) -> float:
    """Seconds for turning a painting of `size` into segments."""
    return POPART_SECONDS + POPART_SECONDS_PER_PHOTO * size[0] * size[1] / 1e6


def duration(seconds: float) -> str:
    """In words: "7 s", "3 min", "2.5 h"."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def work(settings: Settings, size: Size) -> float:
    """Megapixels times steps, at most: what seconds are proportional to."""
    height, width = painted_size(settings, size)
    scales, steps = scales_and_steps(settings, max(height, width))
    return sum(height * width / 1e6 * scale**2 * count for scale, count in zip(scales, steps))


def fit(
    kind: str, settings: Settings, size: Size, budget: float, name: str, share: float = 1.0
) -> tuple[Settings, str]:
    """`settings` with which `share` of a photo of `size` can be painted in `budget` bytes, and a note where that is smaller.

    It is painted in parts rather than smaller.

    Raises ResourceError, with the photo's `name`, where it would have to be smaller than `SMALLEST`.
    """
    need = least_memory(kind, settings, size, share)
    if need <= budget:
        return settings, ""
    asked = max(painted_size(settings, size))
    least = need
    if kind == "stylize":
        side = asked // 16 * 16
        while side > MIN_SIZE and least_memory(kind, settings.replace(size=side), size, share) > budget:
            side -= 16
        if side >= min(SMALLEST, asked) and least_memory(kind, settings.replace(size=side), size, share) <= budget:
            left, wanted = told(budget, need)
            note = f"painted at {side} px instead of {asked}: {left} GB of memory were left, {wanted} needed"
            return settings.replace(size=side), note
        least = least_memory(kind, settings.replace(size=min(SMALLEST, asked)), size, share)
    left, wanted = told(max(budget, 0), least)
    raise ResourceError(
        f"{name} needs at least {wanted} GB of memory, {left} are left. "
        "Use a smaller photo, more --max-memory (in a batch more --memory or fewer --workers), or close other programs."
    )


def told(left: float, need: float) -> tuple[str, str]:
    """Both, of bytes, in gigabytes and as exactly as shows the difference."""
    found = [(f"{left / 1e9:.{digits}f}", f"{need / 1e9:.{digits}f}") for digits in (1, 2, 3)]
    return next((pair for pair in found if pair[0] != pair[1]), found[-1])


def allowed(settings: Settings, given: float | None) -> float | None:
    """Bytes that may be used: the less of what `settings` and what was `given` say; None where neither says anything."""
    asked = None if settings.max_memory is None else settings.max_memory * 1e9
    return min((limit for limit in (asked, given) if limit is not None), default=None)


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
