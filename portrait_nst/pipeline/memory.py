"""What fits into memory: the size to paint at, and how much of the canvas is taken at once."""

from __future__ import annotations

import numpy as np

from portrait_nst import forecast
from portrait_nst.settings import Settings
from portrait_nst.types import FloatArray, Photo


def within_memory(
    settings: Settings, picture: Photo, alpha: FloatArray, given: float | None
) -> tuple[Settings, int, float | None, str]:
    """How to paint with the memory that is `given`, in bytes, or that there is. Raises ResourceError where it is too little.

    `settings` with a size that memory suffices for; how many pixels to take at once; the bytes of this machine's memory that it
    will take, or None on a device with its own; and a note where it is not as asked.
    """
    from portrait_nst.transfer import choose_device, has_fast_bf16

    device = choose_device(settings.device)
    if device != "cpu" and settings.max_memory is None:
        return settings, forecast.WHOLE, None, ""  # its own memory is what counts there
    limit = forecast.allowed(settings, given)
    budget = forecast.memory_left() * forecast.SPARE if limit is None else limit
    rows, columns = (np.flatnonzero((alpha > 0).any(axis)) for axis in (1, 0))
    share = float((rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1) / alpha.size) if len(rows) else 1.0
    share = 1.0 if settings.background not in ("keep", "blur", "transparent") else share  # it may be painted too
    full = settings.precision == "float32" or (settings.precision == "auto" and not has_fast_bf16(device))
    as_computed = settings.replace(precision="float32" if full else "bfloat16")
    size = picture.rgb.shape[:2]
    as_computed, note = forecast.fit("stylize", as_computed, size, budget, str(picture.path or "The photo"), share)
    whole = forecast.at_once(as_computed, size, budget, share)
    if whole < forecast.WHOLE and not note:
        left, wanted = forecast.told(budget, forecast.memory("stylize", as_computed, size, share))
        note = f"painted window by window: {left} GB of memory were left, {wanted} needed to take it whole"
    need = forecast.memory("stylize", as_computed, size, share, whole=whole)
    return settings.replace(size=as_computed.size), whole, need if device == "cpu" else None, note
