"""Who listens gets the newest state of each job, however slowly it reads."""

from __future__ import annotations

import asyncio
import json
import threading
import time

import pytest

from portrait_nst.studio.events import Crowded, Events


def publishes(events: Events) -> None:
    for n in range(3):
        events.publish("job", {"id": str(n), "n": n})


async def taken(listener: object, count: int) -> list[tuple[str, dict[str, object]]]:
    found = []
    async for event, data in listener:  # type: ignore[attr-defined]
        found.append((event, json.loads(data)))
        if len(found) == count:
            break
    return found


def test_events_come_in_their_order_from_any_thread() -> None:
    async def listens() -> list[tuple[str, dict[str, object]]]:
        events = Events()
        listener = events.listen()
        threading.Thread(target=publishes, args=(events,), daemon=True).start()
        return await asyncio.wait_for(taken(listener, 3), 5)

    assert asyncio.run(listens()) == [("job", {"id": str(n), "n": n}) for n in range(3)]


def test_a_slow_listener_gets_the_newest_state_of_each_job_and_no_queue() -> None:
    async def listens() -> tuple[int, list[tuple[str, dict[str, object]]]]:
        events = Events()
        slow = events.listen()
        for n in range(10_000):
            events.publish("job", {"id": str(n % 3), "n": n})
        events.publish("gone", {"id": "1"})
        waiting = len(slow)
        return waiting, await taken(slow, 3)

    waiting, found = asyncio.run(listens())
    assert waiting == 3
    assert found == [("job", {"id": "2", "n": 9998}), ("job", {"id": "0", "n": 9999}), ("gone", {"id": "1"})]


def test_there_is_a_most_of_listeners_and_who_leaves_makes_room() -> None:
    async def listens() -> None:
        events = Events(most=2)
        first, _second = events.listen(), events.listen()
        with pytest.raises(Crowded, match="2 pages or programs") as caught:
            events.listen()
        assert caught.value.status == 429
        first.close()
        events.listen()
        assert events.listeners == 2

    asyncio.run(listens())


def test_closing_ends_those_who_listen_now_and_later() -> None:
    async def listens() -> list[object]:
        events = Events()
        listener = events.listen()
        reader = asyncio.create_task(taken(listener, 9))
        await asyncio.sleep(0)
        events.close()
        later = await taken(events.listen(), 9)
        return [await asyncio.wait_for(reader, 5), later, events.listeners]

    assert asyncio.run(listens()) == [[], [], 0]


def test_publishing_to_nobody_costs_nothing() -> None:
    events = Events()
    began = time.perf_counter()
    for n in range(10_000):
        events.publish("job", {"id": "0", "n": n})
    assert time.perf_counter() - began < 1


def test_a_listener_whose_loop_has_ended_is_forgotten() -> None:
    events = Events()

    async def listens() -> None:
        events.listen()

    asyncio.run(listens())
    events.publish("job", {"id": "0"})
    assert events.listeners == 0
