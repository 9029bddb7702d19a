"""The studio as one value, which the routes get: what it keeps, its desk, its painter's queue, and who listens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portrait_nst.studio.options import Options

if TYPE_CHECKING:
    from portrait_nst.studio.desk.desk import Desk
    from portrait_nst.studio.events import Events
    from portrait_nst.studio.keeping.keeping import Keeping
    from portrait_nst.studio.painter.queue import Queue


@dataclass(frozen=True, eq=False)
class Studio:
    """Everything that lives as long as the server."""

    options: Options
    keeping: Keeping
    desk: Desk
    queue: Queue
    events: Events
