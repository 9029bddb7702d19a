from __future__ import annotations

import asyncio

import pytest

from portrait_nst.studio.live import place as room
from portrait_nst.studio.live.place import Busy, Place


def test_there_is_one_session_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "GRACE", 0.01)

    async def scene() -> None:
        place = Place()
        async with place.taken(False):
            with pytest.raises(Busy, match="another window"):
                async with place.taken(False):
                    pass
        async with place.taken(False):
            pass

    asyncio.run(scene())


def test_who_stops_and_starts_again_at_once_is_not_refused() -> None:
    async def scene() -> None:
        place, begun = Place(), asyncio.Event()

        async def leaving() -> None:
            async with place.taken(False):
                begun.set()
                await asyncio.sleep(0.05)

        first = asyncio.create_task(leaving())
        await begun.wait()
        async with place.taken(False) as leave:
            assert first.done()
            assert not leave.is_set()

    asyncio.run(scene())


def test_who_takes_over_waits_until_the_other_has_gone() -> None:
    order: list[str] = []

    async def session(place: Place, name: str, take_over: bool) -> None:
        async with place.taken(take_over) as leave:
            order.append(f"{name} begins")
            await leave.wait()
            order.append(f"{name} ends")

    async def scene() -> None:
        place = Place()
        tasks = [asyncio.create_task(session(place, "first", False))]
        await asyncio.sleep(0)
        # The two come at once: the last of them has it in the end.
        tasks += [asyncio.create_task(session(place, name, True)) for name in ("second", "third")]
        await asyncio.wait_for(asyncio.gather(*tasks[:2]), 5)
        await asyncio.sleep(0)
        tasks[2].cancel()

    asyncio.run(scene())
    assert order == ["first begins", "first ends", "second begins", "second ends", "third begins"]
