"""Requests in the making when the studio ends."""

from __future__ import annotations

import asyncio
import logging

import pytest
from starlette.types import Receive, Scope, Send

from portrait_nst.studio.ending import CLOSING, Ending
from tests.studio.asgi import Answer, asked, scope_of


async def slow(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that would answer in a minute, or has begun to."""
    if scope["path"] == "/begun":
        await send({"type": "http.response.start", "status": 200, "headers": []})
    await asyncio.sleep(60)


@pytest.mark.parametrize(("path", "status"), [("/popart", 503), ("/begun", 200)])
def test_what_is_cut_by_the_end_is_answered_without_a_trace(
    path: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def cut() -> tuple[Answer, Answer]:
        app = Ending(slow)
        asyncio.get_running_loop().call_later(0.05, app.end)
        return await asked(app, scope_of(path)), await asked(app, scope_of("/later"))

    with caplog.at_level(logging.WARNING):
        first, later = asyncio.run(cut())
    assert first.status == status
    if status == 503:
        assert first.json == {"error": CLOSING, "field": ""}
    assert later.status == 503
    assert not caplog.records


def test_who_goes_away_is_cancelled_as_ever() -> None:
    async def gone() -> None:
        task = asyncio.ensure_future(asked(Ending(slow), scope_of("/popart")))
        await asyncio.sleep(0.02)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(gone())
