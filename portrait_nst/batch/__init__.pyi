"""The public names of this room; ``__init__.py`` imports each of them from here when it is first used."""

from .checks import check as check
from .manifest.manifest import Manifest as Manifest
from .options import Done as Done
from .options import Options as Options
from .overview import expect as expect
from .overview import status as status
from .page import check_page as check_page
from .page import write_page as write_page
from .planning.jobs import Job as Job
from .planning.jobs import Order as Order
from .planning.jobs import plan as plan
from .planning.planner import Planner as Planner
from .session import Session as Session
from .session import opened as opened
from .session import run as run

__all__: list[str]
