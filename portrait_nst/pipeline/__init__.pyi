"""The public names of the room; ``__init__.py`` imports each of them from here when it is first used."""

from .api import paint_job as paint_job
from .api import rerun as rerun
from .api import stylize as stylize
from .exporting import Exported as Exported
from .exporting import export as export
from .inputs import Mask as Mask
from .inputs import Picture as Picture
from .inputs import load as load
from .inputs import load_style as load_style
from .inputs import matte as matte
from .learning import Learned as Learned
from .learning import learn as learn
from .paint_plan import PaintPlan as PaintPlan
from .pop_art import as_popart as as_popart
from .pop_art import popart as popart
from .reconstruction import reconstruct as reconstruct
from .run import OnStep as OnStep
from .run import Run as Run
from .styles import Style as Style
from .stylizer import Stylizer as Stylizer
from .subject import Subject as Subject
from .subject import prepare as prepare

__all__: list[str]
