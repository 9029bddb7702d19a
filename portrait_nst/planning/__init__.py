"""How a photo will be painted, decided once and without torch: size, scales, steps, memory."""

from portrait_nst.planning.encoder_facts import EncoderFacts, encoder_facts
from portrait_nst.planning.extent import WHOLE_PHOTO, Extent
from portrait_nst.planning.machine import SPARE, allowed, cores, has_bf16_instructions, memory_left
from portrait_nst.planning.memory import Mode, Precision, gigabytes
from portrait_nst.planning.plan import Plan, ScalePlan, make_plan, make_popart_plan, wants_brushwork
from portrait_nst.planning.scales import frame_sizes, painted_size, scales_and_steps, usual_size
from portrait_nst.planning.seconds import duration, popart_seconds, seconds_after

__all__ = [
    "SPARE",
    "WHOLE_PHOTO",
    "EncoderFacts",
    "Extent",
    "Mode",
    "Plan",
    "Precision",
    "ScalePlan",
    "allowed",
    "cores",
    "duration",
    "encoder_facts",
    "frame_sizes",
    "gigabytes",
    "has_bf16_instructions",
    "make_plan",
    "make_popart_plan",
    "memory_left",
    "painted_size",
    "popart_seconds",
    "scales_and_steps",
    "seconds_after",
    "usual_size",
    "wants_brushwork",
]
