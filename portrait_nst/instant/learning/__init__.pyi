"""The public names of the part; ``__init__.py`` imports each of them from here when it is first used."""

from .learning import Learning as Learning
from .learning import LearnStep as LearnStep
from .material import Material as Material
from .material import folder_material as folder_material
from .material import package_material as package_material
from .paintings import Blend as Blend
from .paintings import LearnPainting as LearnPainting
from .settings import LearnSettings as LearnSettings

__all__: list[str]
