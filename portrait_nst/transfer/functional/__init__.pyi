"""The public names of the room; ``__init__.py`` imports each of them from here when it is first used."""

from .content import content_distance as content_distance
from .content import content_factor as content_factor
from .content import squared_errors as squared_errors
from .forms import FORMS as FORMS
from .forms import Form as Form
from .gaussian import wasserstein as wasserstein
from .gram import STATISTICS as STATISTICS
from .gram import apply_basis as apply_basis
from .gram import feature_statistics as feature_statistics
from .gram import gram_distance as gram_distance
from .gram import guided_gram as guided_gram
from .gram import guided_mean as guided_mean
from .guidance import MODES as MODES
from .guidance import presence as presence
from .guidance import propagate_guide as propagate_guide
from .guidance import propagate_or_soft as propagate_or_soft
from .levels import image_levels as image_levels
from .levels import level_count as level_count
from .nearest import BLOCK as BLOCK
from .nearest import TIE as TIE
from .nearest import greatest_products as greatest_products
from .nearest import match_distance as match_distance
from .nearest import nearest_distance as nearest_distance
from .nearest import nearest_features as nearest_features
from .smoothness import range_penalty as range_penalty
from .smoothness import total_variation as total_variation

__all__: list[str]
