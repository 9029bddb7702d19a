"""The size at which a photo is painted, its scales, and the steps of each."""

from __future__ import annotations

from collections.abc import Sequence

from portrait_nst.planning.extent import Extent, Size
from portrait_nst.settings import Settings

COARSEST = 288  # pixels: greatest longest side of the coarsest scale
FEW_STEPS = {
    "painterly": ((2048, 6), (768, 12)),
    "gram": ((2048, 6), (1024, 12)),
}  # (pixels, greatest number of steps of a scale whose longest side is longer)
LEAST_SCALE = 32  # pixels: a scale with a shorter side is left out, unless it is the last one
LEAST_FACE = 96  # pixels: smaller faces lose eyes and mouth in the strokes


def scales_and_steps(settings: Settings, longest: int) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """The scales, as fractions, and the iterations at each, for a photo whose longest painted side is `longest` pixels.

    A large canvas begins as coarsely as a small one, since no layer sees more than some hundred pixels. Its finest scales take
    few steps, since they add only the finest strokes.
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


def frame_sizes(height: int, width: int, longest: int, fractions: Sequence[float]) -> list[Size]:
    """The (height, width) of a photo at each scale, coarse to fine, if its longest side is painted with `longest` pixels.

    The photo is never enlarged; fractions that give a side of less than `LEAST_SCALE` pixels are dropped, except the last.
    """
    longest = min(longest, max(height, width))
    sizes: list[Size] = []
    for fraction in fractions:
        factor = longest * fraction / max(height, width)
        size = max(1, round(height * factor)), max(1, round(width * factor))
        if (min(size) >= LEAST_SCALE or fraction == fractions[-1]) and size not in sizes:
            sizes.append(size)
    return sizes


def usual_size(settings: Settings) -> int:
    """The longest side of a painting, in pixels, if no size is given."""
    return settings.preset_of_quality.size


def painted_size(settings: Settings, size: Size) -> Size:
    """The (height, width) of the finest scale, for a photo of `size` (height, width)."""
    longest = max(size)
    if settings.size != "full":
        longest = min(longest, int(settings.size or usual_size(settings)))
    factor = longest / max(size)
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def size_for_faces(settings: Settings, size: Size, extent: Extent, widths: Sequence[float]) -> Settings:
    """`settings` with a size at which the narrowest painted face is `LEAST_FACE` pixels wide, if that is affordable.

    It never costs more than a usual painting: only a person who fills little of the photo is painted at a larger size. Settings
    that give a size, or that use Gram matrices alone, are returned unchanged.

    size:   (height, width) of the photo in pixels.
    extent: the box around the painted region.
    widths: of the painted faces, in pixels of the photo.
    """
    longest, usual = max(size), usual_size(settings)
    if settings.size is not None or not settings.painterly or not widths or longest <= usual:
        return settings
    area = extent.pixels(size) * (usual / longest) ** 2
    wanted = LEAST_FACE / (min(widths) * usual / longest)
    factor = min(wanted, (usual**2 / max(area, 1)) ** 0.5, longest / usual)
    return settings if factor <= 1 else settings.replace(size=min(longest, round(usual * factor / 16) * 16))


def size_for_smallest_faces(settings: Settings, size: Size) -> Settings:
    """`settings` with the largest size that `size_for_faces` may choose for a photo of `size` whose faces are not known."""
    if settings.size is not None or not settings.painterly:
        return settings
    height, width = painted_size(settings, size)
    factor = min(usual_size(settings) / (height * width) ** 0.5, max(size) / max(height, width))
    return settings if factor <= 1 else settings.replace(size=min(max(size), round(max(height, width) * factor)))
