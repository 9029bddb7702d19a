"""Translates `Settings`, which are written for users, into an `EngineConfig`, which is written for the engine."""

from __future__ import annotations

import math

import torch

from portrait_nst.encoders import Encoder
from portrait_nst.errors import InputError, ResourceError
from portrait_nst.planning import Plan, Precision, encoder_facts, make_plan
from portrait_nst.settings import Settings
from portrait_nst.transfer.config import EngineConfig, Nearest
from portrait_nst.transfer.functional import FORMS
from portrait_nst.transfer.objective.terms import Guidance, Weights
from portrait_nst.transfer.objective.tiles import NO_TILES, Tiling
from portrait_nst.transfer.optim.first_order import RATES, Schedule

TILE = 768
LEAST_SIDE = 4  # pixels of the painting: the encoder has no cell for a smaller one
CONTENT_AT_HALF = 0.025
CONTENT_RANGE = 2.0
TV = 0.03
ASK_EVERY = 6  # steps between two searches for nearest features
PARTNER = 0.3  # weight of Gram matrices beside nearest features
NEAREST_CONTENT = 0.04  # weight of the content beside nearest features, at strength 0.5
CONTENT_EXPONENT = 1.3
LEAST_CONTENT = 0.002
TONE = 40.0  # weight of the photo's tones, as a multiple of the content's weight
PRICE = 0.3  # cost of a squared distance in tone, at strength 0.5
TV_BESIDE, WITHIN = 0.0, 10.0  # weights of total variation and of the range penalty, beside nearest features


def build_config(
    settings: Settings, encoder: Encoder, height: int, width: int, plan: Plan | None = None
) -> EngineConfig:
    """The engine's configuration for a photo of `height` x `width` pixels that is painted as the `plan` says.

    Without a plan, the whole photo is painted without a limit of memory, and its faces are not considered.

    Raises InputError for a layer that the encoder does not have, and for a painting of less than `LEAST_SIDE` pixels.
    """
    device = choose_device(settings.device)
    if plan is None:
        facts, precision = encoder_facts(encoder), precision_of(settings, device)
        plan = make_plan(settings, (height, width), faces=(), encoder=facts, precision=precision)
    sizes = plan.sizes
    if min(sizes[-1]) < LEAST_SIDE:
        raise InputError(
            f"The photo of {width} x {height} pixels would be painted at {sizes[-1][1]} x {sizes[-1][0]}; expected at least "
            f"{LEAST_SIDE} on each side. Give a larger --size, or --size full."
        )
    value_range = 255.0 if settings.values == "byte" else 1.0
    grey = settings.colours == "luminance"
    return EngineConfig(
        sizes=sizes,
        iterations=plan.steps,
        modes=plan.modes,
        tolerance=0.0 if settings.iterations is not None else settings.preset_of_quality.tolerance,
        weights=weights(settings, encoder),
        levels=settings.levels or encoder.levels,
        guidance=Guidance(settings.guidance, settings.guidance_offset),
        style_scale=settings.style_scale,
        optimizer=settings.optimizer,
        schedule=schedule(settings, value_range),
        init=settings.init,
        canvas=settings.canvas,
        value_range=value_range,
        grey=grey,
        recolour=recolour(settings) if settings.colours == "style" else 0.0,
        seed=settings.seed,
        bf16=plan.precision == "bfloat16",
        tiling=Tiling(TILE, plan.whole) if encoder.local else NO_TILES,
        jitter_every=ASK_EVERY if settings.painterly else EngineConfig.jitter_every,
        nearest=nearest(settings) if settings.painterly else None,
        device=device,
    )


def weights(settings: Settings, encoder: Encoder) -> Weights:
    """The weights of all terms; `strength` determines those that the settings leave open.

    The content's weight falls by `CONTENT_RANGE` powers of ten from strength 0.25 to 0.75, while the style's stays the same. A
    published form with values from 0 to 255 expects features as large as those of a network made for such values. With another
    encoder, features would have to be multiplied by 255 / `input_scale`; instead, the weights are.
    """
    style_layers = _layers(settings.style_layers, encoder.style_layers, encoder)
    content_layers = _layers(settings.content_layers, encoder.content_layers, encoder)
    if settings.painterly:
        return Weights(
            style=PARTNER * min(1.0, 2 * settings.strength) if settings.style_weight is None else settings.style_weight,
            content=0.0,
            tv=TV_BESIDE if settings.tv_weight is None else settings.tv_weight,
            style_layers=style_layers,
            content_layers=content_layers,
            tv_exponent=settings.tv_exponent,
            within=WITHIN,
        )
    form = FORMS[settings.normalisation]
    ours = settings.normalisation == "relative"
    content, style = (CONTENT_AT_HALF, 1.0) if ours else (form.content_weight, form.style_weight)
    content *= 10 ** (CONTENT_RANGE * 2 * (0.5 - settings.strength))
    style = style if settings.style_weight is None else settings.style_weight
    content = content if settings.content_weight is None else settings.content_weight
    tv = settings.tv_weight if settings.tv_weight is not None else TV if ours else 0.0
    if not ours and settings.values == "byte":
        scale = 255 / encoder.input_scale
        content *= scale**2
        style *= scale ** (4 if settings.style_loss == "gram" else 2)
        tv *= 255 ** (2 * settings.tv_exponent)
    return Weights(
        style=style,
        content=content,
        tv=tv,
        style_layers=style_layers,
        content_layers=content_layers,
        form=settings.normalisation,
        style_loss=settings.style_loss,
        tv_exponent=settings.tv_exponent,
    )


def recolour(settings: Settings) -> float:
    """How far the content's colours are moved to the style's, from 0 to 1; at low strength some of the photo's colours remain."""
    return settings.recolour * (min(1.0, 2 * settings.strength) if settings.painterly else 1.0)


def nearest(settings: Settings) -> Nearest:
    """How nearest features are searched and weighted, for the `strength` s.

    The content's weight is proportional to ((1 - s) / s)^1.3: it grows without bound towards strength 0, where the photo itself
    returns, and becomes very small at 1. The photo's shares in the queries and in the start of a scale become 0 at strength 1.
    """
    left = 1 - settings.strength
    content = max(LEAST_CONTENT, NEAREST_CONTENT * (left / max(settings.strength, 1e-3)) ** CONTENT_EXPONENT)
    content = content if settings.content_weight is None else settings.content_weight
    return Nearest(content=content, photo=0.5 * left, detail=left**1.74, tone=TONE * content, price=2 * PRICE * left)


def schedule(settings: Settings, value_range: float) -> Schedule:
    """The learning rate's schedule. The default rate is meant for values of 0 to 1, and is scaled for a `value_range` of 255."""
    rate = settings.learning_rate
    if rate is None:
        default = 1.0 if settings.optimizer == "lbfgs" else RATES[settings.optimizer]  # L-BFGS chooses its steps itself
        rate = default * (value_range**2 if settings.optimizer == "sgd" else value_range)
    per_pixel = settings.optimizer == "sgd" and settings.learning_rate is None
    return Schedule(rate, settings.decay, settings.decay_rate, settings.decay_steps, per_pixel)


def _layers(given: tuple[str, ...], default: tuple[str, ...], encoder: Encoder) -> tuple[tuple[str, float], ...]:
    """The (layer, weight) of entries such as "relu3_1" or "relu3_1:0.5". Raises InputError."""
    found = []
    for entry in given or default:
        name, _, number = entry.partition(":")
        try:
            weight = float(number or 1.0)
            if not 0 <= weight < math.inf:
                raise ValueError
        except ValueError:
            raise InputError(f"A layer's weight must be a number from 0, as in relu3_1:0.5, not {entry!r}.") from None
        found.append((encoder.resolve(name), weight))
    return tuple(found)


def choose_device(name: str) -> str:
    """The torch device for `Settings.device`: "auto", "cpu", "cuda", "mps" or a GPU such as "cuda:1".

    Raises ResourceError if torch cannot use it.
    """
    kind, _, number = name.partition(":")
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return next(device for device, is_there in there.items() if is_there)
    if not there[kind]:
        raise ResourceError(f"There is no {name} device here that torch can use. Use --device cpu, or auto.")
    if number and int(number) >= (count := torch.cuda.device_count()):
        known = "one GPU, cuda:0" if count == 1 else f"{count} GPUs, cuda:0 to cuda:{count - 1}"
        raise ResourceError(f"There is no {name} device here: torch sees {known}.")
    return name


def precision_of(settings: Settings, device: str) -> Precision:
    """The precision of features on `device`; "auto" is bfloat16 where that is faster."""
    if settings.precision == "auto":
        return "bfloat16" if has_fast_bf16(device) else "float32"
    return "float32" if settings.precision == "float32" else "bfloat16"


def has_fast_bf16(device: str) -> bool:
    """Whether bfloat16 convolutions are faster than float32 ones: only with instructions made for them."""
    kind = torch.device(device).type
    if kind == "cuda":
        with torch.cuda.device(device):  # this GPU is asked, not the first one
            return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if kind != "cpu":
        return False
    checks = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(bool(check()) for check in checks if check is not None)
