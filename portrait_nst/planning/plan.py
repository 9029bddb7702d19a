"""The plan of a painting: its size, its scales and their steps, how each canvas is processed, and its memory.

Everything that depends on these decisions (the engine, the forecasts of seconds and memory, the estimate of a batch, a dry run)
reads the plan; they are made nowhere else. No torch is needed to make one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from portrait_nst.errors import ResourceError
from portrait_nst.planning import memory
from portrait_nst.planning.encoder_facts import EncoderFacts, encoder_facts
from portrait_nst.planning.extent import WHOLE_PHOTO, Extent, Size
from portrait_nst.planning.instant import WINDOW, instant_bytes
from portrait_nst.planning.memory import Mode, Precision, gigabytes
from portrait_nst.planning.scales import (
    frame_sizes,
    painted_size,
    scales_and_steps,
    size_for_faces,
    size_for_smallest_faces,
)
from portrait_nst.settings import MIN_SIZE, Settings

# A canvas of more painted pixels is processed in parts; whole, it would be a third faster but take several times the memory.
WHOLE = 800_000
LEAST_WHOLE = 300_000  # the same if memory is short
SMALLEST = 256  # pixels of the longest side of the smallest painting that is of use
LARGEST_BRUSHWORK = 2_500_000  # pixels; the detail of a larger painting is as fine as paint itself


@dataclass(frozen=True)
class ScalePlan:
    """One scale of a painting.

    size:   (height, width) of the whole photo at this scale.
    steps:  greatest number of optimiser steps, without those that a goal of likeness may add.
    mode:   how the canvas is processed: "whole", "tiled" (the same gradient, with the memory of one tile) or "windowed" (each
            window is optimised separately).
    canvas: (height, width) of the canvas, the painted box and its margins; within 4 pixels of the engine's.
    bytes:  the memory of the process meanwhile.
    """

    size: Size
    steps: int
    mode: Mode
    canvas: Size
    bytes: float


@dataclass(frozen=True)
class Plan:
    """How a photo will be painted.

    settings:  the given settings, with the size that faces or memory require.
    scales:    coarse to fine; empty for pop art, which paints nothing.
    whole:     pixels of a picture (a canvas or a style) above which it is processed in parts.
    precision: that of the features.
    brushwork: whether the finest detail becomes the style's own, after the last step.
    peak:      the greatest number of bytes that the process takes. If the faces are not known, it covers all that may be found.
    notes:     for the user, on every difference from the settings.
    """

    settings: Settings
    scales: tuple[ScalePlan, ...]
    whole: int = WHOLE
    precision: Precision = "bfloat16"
    brushwork: bool = False
    peak: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def sizes(self) -> tuple[Size, ...]:
        """The (height, width) of the photo at each scale, coarse to fine."""
        return tuple(scale.size for scale in self.scales)

    @property
    def steps(self) -> tuple[int, ...]:
        """The greatest number of steps of each scale."""
        return tuple(scale.steps for scale in self.scales)

    @property
    def modes(self) -> tuple[Mode, ...]:
        """How the canvas of each scale is processed."""
        return tuple(scale.mode for scale in self.scales)

    @property
    def work(self) -> float:
        """Megapixels of the photo times steps, summed over the scales: seconds are roughly proportional to it."""
        return sum(scale.size[0] * scale.size[1] / 1e6 * scale.steps for scale in self.scales)


def make_plan(
    settings: Settings,
    size: Size,
    *,
    extent: Extent = WHOLE_PHOTO,
    encoder: EncoderFacts | None = None,
    faces: Sequence[float] | None = None,
    precision: Precision | None = None,
    budget: float | None = None,
    name: str = "The photo",
) -> Plan:
    """The plan for a photo of `size` (height, width).

    extent:    the box around the painted region.
    encoder:   facts about the encoder; None for the encoder that `settings` name.
    faces:     widths of the painted faces in pixels of the photo; None if the faces are not known yet.
    precision: that of the features on this machine; None for that of `settings`, where "auto" counts as bfloat16.
    budget:    bytes that the process may take; None for no limit. A painting that does not fit is painted window by window, or
               smaller if that does not suffice; a note says so.
    name:      the name of the photo for error messages.

    Raises ResourceError if the painting would have to be smaller than `SMALLEST` pixels.
    """
    known: Precision = "float32" if settings.precision == "float32" else "bfloat16"
    if settings.instant:
        return _instant_plan(settings, size, extent, faces or (), precision or known, budget, name)
    facts = encoder or encoder_facts(settings.encoder)

    def lay_out(settings: Settings, whole: int) -> Plan:
        return _lay_out(settings, size, extent, facts, faces, precision or known, whole)

    wanted = size_for_faces(settings, size, extent, faces or ())
    plan = lay_out(wanted, WHOLE) if budget is None else _fit(lay_out, wanted, budget, name)
    if faces is None and settings.size is None and plan.settings.size is None:
        most = lay_out(size_for_smallest_faces(settings, size), WHOLE).peak
        plan = replace(plan, peak=max(plan.peak, most if budget is None else min(most, budget)))
    return plan


def make_popart_plan(settings: Settings, size: Size, *, budget: float | None = None, name: str = "The photo") -> Plan:
    """The plan for turning a photo of `size` into pop art. Raises ResourceError if its memory exceeds the `budget`."""
    peak = memory.popart_bytes(size)
    if budget is not None and peak > budget:
        raise _too_little(name, budget, peak)
    return Plan(settings, (), peak=peak)


def can_be_windowed(settings: Settings, faces: Sequence[float] | None) -> bool:
    """Whether canvases can be painted window by window.

    Windows are optimised by L-BFGS on a pyramid, for losses of the "relative" form. Gain maps and a network that recognises
    faces need a whole face at once; without a painted face they have no effect.
    """
    of_faces = (settings.gain_maps or settings.identity_weights is not None) and (faces is None or len(faces) > 0)
    usual = settings.optimizer == "lbfgs" and settings.canvas == "pyramid" and settings.normalisation == "relative"
    return usual and not of_faces


def wants_brushwork(settings: Settings, painted: Size) -> bool:
    """Whether detail of the style is added to a painting of the size `painted` (height, width)."""
    some = settings.painterly and settings.brushwork * settings.strength > 0
    return some and painted[0] * painted[1] <= LARGEST_BRUSHWORK


def _instant_plan(
    settings: Settings,
    size: Size,
    extent: Extent,
    faces: Sequence[float],
    precision: Precision,
    budget: float | None,
    name: str,
) -> Plan:
    """The plan of a painting by a learned network: one size, one step. Raises ResourceError."""
    settings = size_for_faces(settings, size, extent, faces)
    frame = painted_size(settings, size)
    canvas = extent.canvas(frame)
    peak = instant_bytes(canvas, size, precision)
    if budget is not None and peak > budget:
        raise _too_little(name, budget, peak)
    mode: Mode = "windowed" if canvas[0] * canvas[1] > WINDOW else "whole"
    return Plan(settings, (ScalePlan(frame, 1, mode, canvas, peak),), WINDOW, precision, False, peak)


def _lay_out(
    settings: Settings,
    size: Size,
    extent: Extent,
    encoder: EncoderFacts,
    faces: Sequence[float] | None,
    precision: Precision,
    whole: int,
) -> Plan:
    """The plan at the size of `settings`, without a limit of memory."""
    longest = max(painted_size(settings, size))
    fractions, steps = scales_and_steps(settings, longest)
    sizes = frame_sizes(*size, longest, fractions)
    in_parts: Mode = "windowed" if can_be_windowed(settings, faces) else "tiled"
    scales = []
    for frame, count in zip(sizes, steps[-len(sizes) :]):
        mode: Mode = in_parts if encoder.local and extent.pixels(frame) > whole else "whole"
        canvas = extent.canvas(frame)
        needed = memory.canvas_bytes(settings, canvas, mode, encoder, precision) + memory.photo_bytes(size)
        scales.append(ScalePlan(frame, count, mode, canvas, needed))
    brushwork = wants_brushwork(settings, sizes[-1])
    peak = max(scale.bytes for scale in scales)
    if brushwork:
        peak = max(peak, memory.brushwork_bytes(size) + memory.photo_bytes(size))
    return Plan(settings, tuple(scales), whole, precision, brushwork, peak)


def _fit(lay_out: Callable[[Settings, int], Plan], settings: Settings, budget: float, name: str) -> Plan:
    """The plan that fits into `budget` bytes and differs least from the `settings`. Raises ResourceError."""

    def least(settings: Settings) -> Plan:
        """The plan with the least memory at this size; a whole canvas is preferred if it fits."""
        whole, parts = lay_out(settings, WHOLE), lay_out(settings, LEAST_WHOLE)
        return parts if whole.peak > budget and parts.peak < whole.peak and "tiled" not in parts.modes else whole

    asked = least(settings)
    left, needed = gigabytes(budget, asked.peak)
    if asked.peak <= budget:
        if asked.whole == WHOLE:
            return asked
        left, needed = gigabytes(budget, lay_out(settings, WHOLE).peak)
        note = f"painted window by window: {left} GB of memory were left, {needed} needed to take it whole"
        return replace(asked, notes=(note,))
    longest = max(asked.sizes[-1])
    side = longest // 16 * 16
    while side > MIN_SIZE and least(settings.replace(size=side)).peak > budget:
        side -= 16
    if side >= min(SMALLEST, longest):
        smaller = least(settings.replace(size=side))
        if smaller.peak <= budget:
            note = f"painted at {side} px instead of {longest}: {left} GB of memory were left, {needed} needed"
            return replace(smaller, notes=(note,))
    raise _too_little(name, budget, least(settings.replace(size=min(SMALLEST, longest))).peak)


def _too_little(name: str, budget: float, needed: float) -> ResourceError:
    have, want = gigabytes(max(budget, 0), needed)
    return ResourceError(
        f"{name} needs at least {want} GB of memory, {have} are left. "
        "Use a smaller photo, more --max-memory (in a batch more --memory or fewer --workers), or close other programs."
    )
