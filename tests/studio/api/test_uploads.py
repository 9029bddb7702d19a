"""Uploads that are cut off, many at once, and huge: nothing stays of them, nobody waits behind them, memory is flat."""

from __future__ import annotations

import asyncio
import errno
import io
import threading
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.types import Message

from portrait_nst.studio.api import uploads
from tests.imaging.files import png_chunk
from tests.studio.api import stand
from tests.studio.api.stand import Client, left
from tests.studio.asgi import Answer, asked, scope_of


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with stand.studio(tmp_path / "home") as client:
        yield client


def encoded(kind: str, size: tuple[int, int] = (40, 30), seed: int = 0) -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


async def cut_off(client: Client, pieces: list[bytes], path: str = "/api/photos?name=a.jpg") -> None:
    """Send `pieces` of an upload that says it is longer, then go away."""
    plain, _, query = path.partition("?")
    scope = scope_of(plain, "POST", {"Content-Length": "1000000"}, query_string=query.encode())
    messages: list[Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]

    async def receive() -> Message:
        await asyncio.sleep(0)
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        pass

    await client.app(scope, receive, send)


@pytest.mark.parametrize("size", [0, 1, 4096, 100_000, 3_000_000])
def test_an_upload_that_is_cut_off_leaves_nothing(client: Client, size: int) -> None:
    data = (encoded("JPEG") + bytes(size))[:size]
    asyncio.run(cut_off(client, [data[at : at + 65_536] for at in range(0, size, 65_536)]))
    assert left(client.home) == []
    assert client.get("/api/photos").json == []
    assert client.desk.called == []


def test_an_upload_whose_server_ends_leaves_nothing(client: Client) -> None:
    async def run() -> None:
        begun = asyncio.Event()

        async def receive() -> Message:
            if begun.is_set():
                await asyncio.sleep(60)
            begun.set()
            return {"type": "http.request", "body": encoded("JPEG"), "more_body": True}

        async def send(message: Message) -> None:
            pass

        task = asyncio.create_task(client.app(scope_of("/api/photos", "POST"), receive, send))
        await begun.wait()
        await asyncio.sleep(0.05)
        assert len(left(client.home)) == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert left(client.home) == []


def test_nobody_waits_behind_uploads_that_wait_for_the_desk(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()
    call = client.desk.call

    def slow(function: str, /, **values: Any) -> Any:
        assert go.wait(20)
        return call(function, **values)

    monkeypatch.setattr(client.desk, "call", slow)

    async def run() -> list[Answer]:
        sent = [
            asyncio.create_task(asked(client.app, scope_of("/api/photos", "POST"), [encoded("JPEG", seed=each)]))
            for each in range(60)
        ]
        await asyncio.sleep(0.3)
        begun = time.perf_counter()
        listed = await asked(client.app, scope_of("/api/photos"))
        spent = time.perf_counter() - begun
        go.set()
        answers = await asyncio.gather(*sent)
        assert (listed.status, listed.json) == (200, [])
        assert spent < 1.0, "the rest of the studio stands still while the desk is busy"
        return answers

    answers = asyncio.run(run())
    assert [answer.status for answer in answers] == [201] * 60
    assert len(client.get("/api/photos").json) == 60
    assert list((client.home / "incoming").iterdir()) == []


def test_the_memory_of_a_large_upload_is_flat(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client.desk, "call", lambda function, **values: {"width": 1, "height": 1, "notes": []})
    piece = bytes(65_536)
    pieces = [encoded("JPEG"), *[piece] * 600]  # 39 MB
    tracemalloc.start()
    try:
        assert client.post("/api/photos?name=a.jpg", iter(pieces)).status == 201
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert client.keeping.used() > 39e6
    assert peak < 8e6


def huge_png(width: int, height: int, data: bytes = b"") -> bytes:
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")


def deflated(size: int) -> bytes:
    import zlib

    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()


def with_sides(data: bytes, at: int, width: int, height: int, size: int) -> bytes:
    sides = width.to_bytes(size, "little") + height.to_bytes(size, "little")
    return data[:at] + sides + data[at + 2 * size :]


def huge_tiff() -> bytes:
    data = bytearray(encoded("TIFF"))
    start = int.from_bytes(data[4:8], "little")
    for at in range(start + 2, start + 2 + 12 * int.from_bytes(data[start : start + 2], "little"), 12):
        if int.from_bytes(data[at : at + 2], "little") in (256, 257):
            data[at + 2 : at + 12] = b"\x04\0\x01\0\0\0" + (100_000).to_bytes(4, "little")
    return bytes(data)


BOMBS = {
    "a PNG's header": huge_png(100_000, 100_000),
    "a deflate bomb": huge_png(14_000, 14_000, deflated(64 << 20)),
    "a PNG within the limit, of nothing": huge_png(14_000, 14_000),
    "a GIF": with_sides(encoded("GIF"), 6, 65_535, 65_535, 2),
    "a BMP": with_sides(encoded("BMP"), 18, 1_000_000, 1_000_000, 4),
    "a TIFF": huge_tiff(),
    "a JPEG": encoded("JPEG").replace(b"\0\x1e\0\x28", b"\xff\xff\xff\xff", 1),
}


@pytest.mark.parametrize("what", BOMBS)
def test_bombs_are_refused_before_they_are_decoded(client: Client, what: str) -> None:
    begun = time.process_time()
    answer = client.post("/api/photos?name=a.png", BOMBS[what])
    assert answer.status == 422
    assert "a.png" in answer.json["error"]
    assert time.process_time() - begun < 3
    assert left(client.home) == []


def test_what_is_refused_is_read_to_its_end_so_that_a_browser_sees_the_answer(client: Client) -> None:
    pieces = [b"This is text. " * 5000] * 20

    def sent() -> Iterator[bytes]:
        while pieces:
            yield pieces.pop()

    scope = scope_of("/api/photos", "POST")
    messages = sent()

    async def run() -> int:
        status = 0

        async def receive() -> Message:
            piece = next(messages, b"")
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)

        await client.app(scope, receive, send)
        return status

    assert asyncio.run(run()) == 422
    assert pieces == []


def test_a_disk_that_is_full_while_an_upload_comes(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.FileIO):
        def write(self, data: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(uploads, "_opened", lambda path, keeping: Full(path, "xb"))
        answer = client.post("/api/photos?name=a.jpg", iter([encoded("JPEG"), *[bytes(65_536)] * 40]))
    assert answer.status == 503
    assert "is full: nothing more can be kept. Make room." in answer.json["error"]
    assert left(client.home) == []
    assert client.post("/api/photos?name=a.jpg", encoded("JPEG")).status == 201


def test_no_room_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    with stand.studio(tmp_path / "home", quota=10_000) as client:
        small = encoded("JPEG")
        assert client.post("/api/photos?name=a.jpg", small).status == 201
        for pieces in (small + bytes(20_000), iter([small, bytes(20_000)])):
            answer = client.post("/api/photos?name=b.jpg", pieces)
            assert answer.status == 503
            assert "folder is full" in answer.json["error"]
        assert len(left(client.home)) == 3, "the photo, its view and their folder"
