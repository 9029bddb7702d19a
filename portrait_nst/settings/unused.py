"""Which settings have no effect on a painting, because others exclude them: what a user who gave them should be told."""

from collections.abc import Collection, Iterator

from portrait_nst.settings.field import schema
from portrait_nst.settings.settings import Settings

_RATE = ("learning_rate", "decay", "decay_rate", "decay_steps")
# What the engine decides by, and a learned network does not know.
_ENGINE: tuple[str, ...] = (
    *(
        "method",
        "scales",
        "guidance",
        "guidance_offset",
        "coarse_style",
        "optimizer",
        *_RATE,
        "iterations",
        "init",
        "canvas",
    ),
    *("values", "normalisation", "style_loss", "style_layers", "content_layers", "style_weight", "content_weight"),
    *("tv_weight", "tv_exponent", "recolour", "brushwork", "gain_maps", "identity_weights", "levels", "pooling"),
)


def unused_notes(settings: Settings, given: Collection[str]) -> list[str]:
    """A note for each of the fields in `given`, by name, that the other `settings` leave without effect."""
    return [f"--{schema(Settings)[name].option} {why}" for name, why in _unused(settings) if name in given]


def _unused(settings: Settings) -> Iterator[tuple[str, str]]:
    if settings.region == "all":
        yield "segmenter", "has nothing to find with --region all, which paints the whole picture"
    if settings.instant:
        for name in _ENGINE:
            yield name, "is for the other qualities; instant paints with a learned network, and leaves it aside"
        return
    yield "learn", "is for --quality instant; the other qualities need no learning"
    if settings.brushwork and not settings.painterly:
        yield "brushwork", "is for method painterly; method gram has none, and leaves it aside"
    if settings.content_layers and settings.painterly:
        yield (
            "content_layers",
            "is for method gram; method painterly has a content loss of its own, and only adds the layer to those by which it "
            "finds strokes",
        )
    if settings.painterly and not settings.tv_weight:
        yield "tv_exponent", "has no effect in method painterly without --tv-weight"
    if settings.colours != "style":
        yield "recolour", "is for --colours style; the others keep the photo's colours, and leave it aside"
    for name in _RATE if settings.optimizer == "lbfgs" else ():
        yield name, "is for adam, nadam, rmsprop and sgd; lbfgs chooses its steps itself, and leaves it aside"
    for name in _RATE[2:] if settings.optimizer != "lbfgs" and settings.decay != "exponential" else ():
        yield name, "is for --decay exponential"
