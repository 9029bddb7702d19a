"""Everything that lives as long as the server, put together and taken apart in order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from portrait_nst.studio.desk.desk import Desk
from portrait_nst.studio.events import GONE, Events
from portrait_nst.studio.keeping.keeping import Keeping
from portrait_nst.studio.options import Options
from portrait_nst.studio.painter.queue import Queue
from portrait_nst.studio.studio import Studio


@contextmanager
def opened(options: Options) -> Iterator[Studio]:
    """The studio of `options`, whose painter works until the block ends.

    Raises InputError where another studio keeps its things in this folder, ResourceError where the disk is full.
    """
    with ExitStack() as stack:
        keeping = stack.enter_context(Keeping.open(options.home, options.quota))
        desk = stack.enter_context(Desk(threads=options.threads))
        events = Events()
        keeping.on_gone = lambda id: events.publish(GONE, {"id": id})
        queue = Queue(keeping, events, options)
        stack.callback(queue.close)
        queue.start()
        yield Studio(options, keeping, desk, queue, events)
