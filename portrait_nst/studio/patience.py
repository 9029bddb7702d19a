"""A connection's patience: uvicorn by itself waits for ever for the head of a request, and for a reader who does not read."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from portrait_nst.studio.security.headers import ALWAYS, MADE

HEAD = 20.0  # seconds within which the head of a request must have come
UNREAD = 60.0  # seconds within which a client must have read something of what it was sent


class Patience(H11Protocol):
    """A connection that is cut off where the other side sends no request, or does not read its answer."""

    _head: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for the first request, but not for ever."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """A part of a request came; the head of one must come as a whole in time."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and (self.cycle is None or self.conn.trailing_data[0]):
            self._await_head()
        else:
            self._stop_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more to wait for."""
        self._stop_head()
        self._stop_unread()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Another protocol takes over, with a patience of its own."""
        self._stop_head()
        super().handle_websocket_upgrade(event)

    def pause_writing(self) -> None:
        """The client does not read as fast as it is sent."""
        super().pause_writing()
        self._unread = self._unread or self.loop.call_later(UNREAD, self.transport.abort)

    def resume_writing(self) -> None:
        """The client reads."""
        super().resume_writing()
        self._stop_unread()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP with a `Problem`, as everything else is, and close."""
        body = json.dumps(
            {"error": f"This is no request that HTTP/1.1 knows: {msg.rstrip('.')}.", "field": ""}
        ).encode()
        values = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
        values |= {"Content-Security-Policy": MADE, "Cache-Control": "no-store", **ALWAYS}
        headers = [(name.lower().encode(), value.encode()) for name, value in values.items()]
        for event in (h11.Response(status_code=400, headers=headers), h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event))
        self.transport.close()

    def _await_head(self) -> None:
        self._head = self._head or self.loop.call_later(HEAD, self.transport.abort)

    def _stop_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
        self._head = None

    def _stop_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
        self._unread = None


class Handshakes(WebSocketsSansIOProtocol):
    """A WebSocket whose refusal by an HTTP answer ends its handshake: uvicorn takes that for an error, and writes so."""

    async def send(self, message: Any) -> None:
        """Send, and see whether that was a refusal."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True
