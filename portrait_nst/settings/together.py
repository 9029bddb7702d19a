"""Settings that do not go together."""

from __future__ import annotations

from typing import Any

ENCODER = "embedded"  # the encoder whose features learned networks paint from


def refusal(settings: Any) -> str:
    """Why these settings cannot be used together, in a sentence; "" if they can."""
    rising = sorted(set(settings.scales))
    if list(settings.scales) != rising or (rising and rising[-1] != 1):
        given = " ".join(f"{scale:g}" for scale in settings.scales)
        return f"each scale must be above the one before and the last 1, as in 0.25 0.5 1, not {given}."
    if settings.method == "painterly" and published(settings):
        return (
            "method painterly has losses of its own: leave normalisation at relative, style-loss at gram and values at unit, "
            "or use --method gram."
        )
    if settings.quality == "instant" and (settings.encoder != ENCODER or settings.weights is not None):
        other = f"encoder {settings.encoder}" if settings.encoder != ENCODER else f"weights {settings.weights}"
        return (
            f"quality instant paints with networks that were learned with the {ENCODER} encoder, so {other} cannot be used; "
            "leave --encoder and --weights out (of a preset too), or choose another --quality."
        )
    return ""


def published(settings: Any) -> bool:
    """Whether the losses have the form of a publication."""
    return bool(settings.normalisation != "relative" or settings.style_loss != "gram" or settings.values != "unit")
