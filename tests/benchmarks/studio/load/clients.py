"""Fifty people at their pages: they look, bring photos, ask who is in them, paint, star, cancel, and listen."""

from __future__ import annotations

import asyncio
import io
import json
import random
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from tests.benchmarks.studio.load.ledger import Ledger
from tests.benchmarks.studio.load.wire import Answer, Line, Lost

SAMPLES = Path(__file__).resolve().parents[4] / "samples"
DESK = re.compile(r"/(people|view|matte|previews|popart|forecasts)\b")
AGAIN = 0.5  # seconds before a request is made again whose server was away


class Client:
    """One of them. Requests are made again until they are answered, as a person would click again."""

    def __init__(self, number: int, port: int, ledger: Ledger, pages: list[str]) -> None:
        self.number, self.ledger, self.pages = number, ledger, pages
        self.line = Line(port)
        self.chance = random.Random(number)
        self.photo = ""
        self.mine: list[str] = []

    async def ask(self, method: str, path: str, body: Any = None, *, kind: str = "") -> Answer:
        """The answer, however often it takes."""
        while True:
            try:
                return await self.once(method, path, body, kind=kind)
            except Lost:
                self.ledger.lost += 1
                await asyncio.sleep(AGAIN)

    async def once(self, method: str, path: str, body: Any = None, *, kind: str = "") -> Answer:
        """The answer, noted; told to wait, it waits. Raises one of `Lost`."""
        raw = isinstance(body, bytes)
        data = body if raw else b"" if body is None else json.dumps(body).encode()
        kind = kind or ("upload" if raw else "desk" if DESK.search(path) else "api" if "/api/" in path else "page")
        while True:
            begun = time.monotonic()
            answer = await self.line.ask(method, path, data, "application/octet-stream" if raw else "application/json")
            self.ledger.note(kind, path, answer.status, begun)
            if answer.status >= 400:
                told = (
                    answer.json()["error"]
                    if "json" in answer.headers.get("content-type", "")
                    else repr(answer.body[:80])
                )
                self.ledger.errors[f"{answer.status} {re.sub('[0-9a-f]{16}', 'ID', told)}"] += 1
            if answer.status not in (429, 503):
                return answer
            await asyncio.sleep(float(answer.headers.get("retry-after", 1)))

    async def live(self, jobs: int, ended: Callable[[], bool]) -> None:
        """Open the page, bring a photo, let `jobs` wait, and look on until the end."""
        await asyncio.sleep(self.chance.random() * 5)
        await self.open_page()
        self.photo = await self.bring()
        await self.ask("GET", f"/api/photos/{self.photo}/people")
        await self.ask("GET", f"/api/photos/{self.photo}/view?longest=256")
        for number in range(jobs):
            await self.submit(number)
            if number == 0 and self.number % 3 == 0:
                await self.ask(
                    "POST", "/api/previews", self.recipe(9) | {"longest": 96, "client": f"client{self.number}"}
                )
            await asyncio.sleep(self.chance.random())
        while not ended():
            await self.look_on()
            await asyncio.sleep(1 + 2 * self.chance.random())
        self.line.close()

    async def open_page(self) -> None:
        """The page with all its files, then what it asks for first."""
        for path in self.pages:
            await self.ask("GET", path)
        for path in ("/api/about", "/api/settings", "/api/jobs?limit=200", "/api/photos"):
            await self.ask("GET", path)
        for style in (await self.ask("GET", "/api/styles")).json()[:6]:
            await self.ask("GET", f"/api/styles/{style['id']}/thumb", kind="thumb")

    async def bring(self) -> str:
        """Bring a photo of its own; its id."""
        while True:
            answer = await self.ask("POST", f"/api/photos?name=client%20{self.number}.jpg", photo(self.number))
            if answer.status == 201:
                self.ledger.photos.add(id := answer.json()["id"])
                return str(id)

    def recipe(self, number: int) -> dict[str, Any]:
        """One in ten pop art, one in ten a draft, all others by a learned network."""
        which = (7 * self.number + number) % 10
        if which == 0:
            return {"kind": "popart", "photo": self.photo, "popart": {"detail": 0.2}}
        style = ("impasto", "woodcut", "ukiyo_e", "mosaic")[which % 4]
        settings: dict[str, Any] = {"quality": "instant", "size": 64 + 16 * (which % 3)}
        if which == 9:
            settings = {"quality": "draft", "size": 64, "iterations": 5, "method": "gram"}
        return {"photo": self.photo, "style": [{"style": style}], "settings": settings}

    async def submit(self, number: int) -> None:
        """Let a job wait; where no answer comes, nobody knows whether it does, and another is submitted."""
        for attempt in range(100):
            title = f"client {self.number} job {number} try {attempt}"
            try:
                answer = await self.once("POST", "/api/jobs", self.recipe(number) | {"title": title}, kind="submit")
            except Lost:
                self.ledger.unsure.add(title)
                await asyncio.sleep(AGAIN)
                continue
            assert answer.status == 201, answer
            self.mine.append(id := answer.json()["id"])
            self.ledger.accepted[id] = title
            return

    async def look_on(self) -> None:
        """One of the things that people do while it paints."""
        what, id = self.chance.randrange(12), self.chance.choice(self.mine)
        if what < 3:
            for path in self.chance.sample(self.pages, 8):
                await self.ask("GET", path)
        elif what < 5:
            await self.ask("GET", "/api/jobs?limit=200" if what == 3 else "/api/jobs?state=done&limit=50")
        elif what == 5:
            await self.ask("GET", "/api/about")
        elif what == 6:
            if (await self.ask("PATCH", f"/api/jobs/{id}", {"starred": True}, kind="change")).status == 200:
                self.ledger.starred.add(id)
        elif what == 7 and self.number % 10 == 7:
            await self.cancel(id)
        elif what == 8 and self.number % 4 == 0:
            await self.ask("POST", "/api/previews", self.recipe(self.chance.choice((1, 2, 3))) | {"longest": 96})
        else:
            await self.fetch(id)

    async def cancel(self, id: str) -> None:
        """Cancel a job; only one that then says so is counted."""
        if (
            len(self.ledger.cancelled) < 8
            and (await self.ask("POST", f"/api/jobs/{id}/cancel", kind="change")).status == 200
        ):
            self.ledger.cancelled.add(id)

    async def fetch(self, id: str) -> None:
        """See how a job is; of one that is done its small picture and its result."""
        job = (await self.ask("GET", f"/api/jobs/{id}")).json()
        if job["state"] == "done":
            self.ledger.done.add(id)
            await self.ask("GET", f"/api/jobs/{id}/thumb")
            result = await self.ask("GET", f"/api/jobs/{id}/result.png")
            if not self.ledger.see(id, result.body):
                self.ledger.errors["a result that changed"] += 1


async def listen(port: int, ledger: Ledger) -> None:
    """Read events for ever, and count them."""
    while True:
        line = Line(port)
        try:
            reader, writer = await line.open()
            writer.write(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            while text := await reader.readline():
                if text.startswith(b"data:"):
                    ledger.events["read"] += 1
        except Lost:
            pass
        line.close()
        await asyncio.sleep(AGAIN)


def photo(number: int) -> bytes:
    """A JPEG of a sample, 200 px wide, unlike that of every other number."""
    name = ("astronaut.jpg", "grace_hopper.jpg")[number % 2]
    with Image.open(SAMPLES / name) as image:
        small = image.convert("RGB").resize((200, 200 * image.height // image.width))
    small.putpixel((number % 200, number // 200), (number % 256, 0, 0))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=88, comment=f"client {number}".encode())
    return file.getvalue()
