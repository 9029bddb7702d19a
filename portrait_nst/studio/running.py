"""uvicorn, as the studio uses it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from anyio import to_thread
from starlette.types import ASGIApp

from portrait_nst.studio.patience import Handshakes, Patience
from portrait_nst.studio.security.rates import SLOW

QUICK = 32  # threads that nothing slow can take
PATIENCE = 5  # seconds after which the server ends, whatever is still being sent
GRACE = 1.0  # seconds that answers in the making have when the server ends; then they are answered that it does


def config(app: ASGIApp) -> uvicorn.Config:
    """How uvicorn runs `app`: what a proxy says of the client is not believed, and errors alone are written, by `logging`."""
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=Patience,
        ws=Handshakes,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=PATIENCE,
        ws_max_size=4_000_000,
        ws_per_message_deflate=False,  # JPEG is compressed already
    )


class Server(uvicorn.Server):
    """A server that is told to end by an event, whose streams end when it does.

    ready: called once, when it answers. end: called when the server ends and answers in the making had their time.
    """

    def __init__(
        self, config: uvicorn.Config, stop: threading.Event, events: Any, end: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(config)
        self.stop, self.events, self.end = stop, events, end
        self.ready: Callable[[], None] = lambda: None

    async def startup(self, sockets: Any = None) -> None:
        """Begin to listen, with a thread for every request that may wait for the desk, and more for those that do not."""
        to_thread.current_default_thread_limiter().total_tokens = SLOW + QUICK
        await super().startup(sockets)
        self.ready()

    async def on_tick(self, counter: int) -> bool:
        """Whether to end; asked ten times a second."""
        return await super().on_tick(counter) or self.stop.is_set()

    async def shutdown(self, sockets: Any = None) -> None:
        """End streams, which would never end by themselves, then everything else."""
        close = getattr(self.events, "close", None)
        if close is not None:
            close()
        asyncio.get_running_loop().call_later(GRACE, self.end)
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: `server.signals` has them."""
        yield
