"""The public names of the room; ``__init__.py`` imports each of them from here when it is first used."""

from .encoder_facts import EncoderFacts as EncoderFacts
from .encoder_facts import encoder_facts as encoder_facts
from .extent import WHOLE_PHOTO as WHOLE_PHOTO
from .extent import Extent as Extent
from .machine import SPARE as SPARE
from .machine import allowed as allowed
from .machine import cores as cores
from .machine import has_bf16_instructions as has_bf16_instructions
from .machine import memory_left as memory_left
from .memory import Mode as Mode
from .memory import Precision as Precision
from .memory import gigabytes as gigabytes
from .plan import Plan as Plan
from .plan import ScalePlan as ScalePlan
from .plan import make_plan as make_plan
from .plan import make_popart_plan as make_popart_plan
from .plan import wants_brushwork as wants_brushwork
from .scales import frame_sizes as frame_sizes
from .scales import painted_size as painted_size
from .scales import scales_and_steps as scales_and_steps
from .scales import usual_size as usual_size
from .seconds import duration as duration
from .seconds import popart_seconds as popart_seconds
from .seconds import seconds_after as seconds_after

__all__: list[str]
