"""What the clients were told, and how long it took: the other half of the studio's own books."""

from __future__ import annotations

import hashlib
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field


@dataclass
class Ledger:
    """One run. All times are seconds of `time.monotonic`.

    accepted:  the title of each job that was answered with 201, by id. unsure: titles of which no answer came.
    cancelled: jobs whose cancellation was answered. starred: jobs whose star was.
    results:   the sha256 of each result when it was first seen, by id.
    times:     seconds of each answer, by the kind of request: page, api, and what waits for the desk.
    """

    accepted: dict[str, str] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    starred: set[str] = field(default_factory=set)
    photos: set[str] = field(default_factory=set)
    results: dict[str, str] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    slowest: list[tuple[float, str]] = field(default_factory=list)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    cut: int = 0

    def note(self, kind: str, path: str, status: int, begun: float) -> None:
        """An answer came."""
        seconds = time.monotonic() - begun
        self.statuses[kind, status] += 1
        if status < 400:
            self.times[kind].append(seconds)
            self.slowest = (
                sorted([*self.slowest, (seconds, path)], reverse=True)[:20] if kind in ("page", "api") else self.slowest
            )

    def see(self, id: str, result: bytes) -> bool:
        """A result was fetched; whether it is what it was before."""
        digest = hashlib.sha256(result).hexdigest()
        return self.results.setdefault(id, digest) == digest


def spread(seconds: list[float]) -> str:
    """Median, p95, p99 and the slowest, in milliseconds."""
    if not seconds:
        return "none"
    ordered = sorted(seconds)
    at = [ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.95, 0.99)]
    return " | ".join(f"{1000 * value:6.0f}" for value in [*at, ordered[-1]])
