"""The public names of the package; ``__init__.py`` imports each of them from here when it is first used."""

from .errors import InputError as InputError
from .errors import MaskError as MaskError
from .errors import ModelError as ModelError
from .errors import PortraitError as PortraitError
from .errors import ResourceError as ResourceError
from .errors import WeightsError as WeightsError
from .named_styles import styles as styles
from .pipeline import Learned as Learned
from .pipeline import PaintPlan as PaintPlan
from .pipeline import Run as Run
from .pipeline import Stylizer as Stylizer
from .pipeline import Subject as Subject
from .pipeline import export as export
from .pipeline import learn as learn
from .pipeline import load as load
from .pipeline import matte as matte
from .pipeline import popart as popart
from .pipeline import prepare as prepare
from .pipeline import reconstruct as reconstruct
from .pipeline import rerun as rerun
from .pipeline import stylize as stylize
from .pipeline.likeness import likeness as likeness
from .result import Result as Result
from .settings import Settings as Settings
from .types import Forecast as Forecast
from .types import Likeness as Likeness
from .types import Matte as Matte
from .types import Photo as Photo
from .types import Step as Step

__version__: str
__all__: list[str]
