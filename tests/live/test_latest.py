from __future__ import annotations

import threading
import time

from portrait_nst.live.latest import Latest


def test_the_newest_counts_and_what_nobody_took_is_dropped() -> None:
    place: Latest[int] = Latest()
    assert [place.put(number) for number in (1, 2, 3)] == [True] * 3
    assert place.take(0) == 3
    assert place.dropped == 2
    assert place.take(0.01) is None


def test_a_patient_put_waits_until_it_is_taken() -> None:
    place: Latest[int] = Latest()
    place.put(1)
    taken: list[int | None] = []

    def take() -> None:
        time.sleep(0.05)
        taken.append(place.take(1))

    thread = threading.Thread(target=take)
    thread.start()
    place.put(2, patience=5)
    thread.join()
    assert (taken, place.take(0), place.dropped) == ([1], 2, 0)


def test_it_is_free_once_what_it_holds_is_taken() -> None:
    place: Latest[int] = Latest()
    assert place.is_free(0)
    place.put(1)
    assert not place.is_free(0.01)
    threading.Timer(0.05, lambda: place.take(1)).start()
    assert place.is_free(5)


def test_closing_wakes_who_waits_and_takes_nothing_more() -> None:
    place: Latest[int] = Latest()
    threading.Timer(0.05, place.close).start()
    assert place.take(5) is None
    assert not place.put(1)
    assert place.take(0) is None
