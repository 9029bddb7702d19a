"""How long jobs really take on this machine, so that the button, the qualities, the queue and a job tell the same seconds.

A forecast is corrected by what jobs like it took lately of their own forecasts: other programs, heat and memory slow a machine
down in ways that no measurement of a second sees.
"""

from __future__ import annotations

import json
import statistics
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

from portrait_nst.studio.models import Forecast
from portrait_nst.studio.records import Job

LATELY = 5  # jobs of a kind that count; their median is not moved by one that was disturbed
LIMITS = 0.1, 30.0  # what a forecast may be wrong by; more is a clock that was set, or a machine that slept
MOST_KNOWN = 500  # recipes that are remembered
FORETOLD = "foretold"  # where a job's result keeps its forecast as it was before any correction
_NOT_THE_RECIPE = ("photo", "mask", "title", "decided")
_IDLE = ("strength", "colours", "seed", "recolour")  # settings that change nothing of the time


class Paces:
    """What earlier jobs tell of later ones. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._seconds: dict[str, deque[float]] = {}
        self._ratios: dict[str, deque[float]] = {}
        self._raw: dict[str, Forecast] = {}  # by recipe, with its photo and without

    def learn(self, job: Job) -> None:
        """`job` is done: others like it will take as long, too. One that was stopped early says nothing."""
        seconds = took(job)
        if seconds <= 0 or job.result.get("interrupted"):
            return
        names, raw = keys(job.kind, job.request), job.result.get(FORETOLD)
        with self._lock:
            for name in names:
                self._note(self._seconds, name, seconds)
            if raw:
                for name in names[1:]:
                    self._note(self._ratios, name, min(LIMITS[1], max(LIMITS[0], seconds / float(raw))))

    def foretell(self, request: Mapping[str, Any], raw: Forecast) -> Forecast:
        """The desk's forecast of a recipe, corrected; it is remembered for the job that may be asked for next."""
        with self._lock:
            for name in (exact(request), keys(str(request["kind"]), request)[0]):
                self._put(self._raw, name, raw)
        return self.corrected(request, raw)

    def corrected(self, request: Mapping[str, Any], raw: Forecast) -> Forecast:
        """A forecast of this recipe, with what jobs like it took of theirs."""
        with self._lock:
            factor = self._factor(keys(str(request["kind"]), request))
        seconds, longest = round(raw.seconds * factor, 1), round(raw.longest * factor, 1)
        return raw.model_copy(update={"seconds": seconds, "longest": max(seconds, longest)})

    def raw(self, request: Mapping[str, Any]) -> Forecast | None:
        """What the desk foretold for this recipe, with this photo or else with another, before any correction."""
        with self._lock:
            return self._raw.get(exact(request)) or self._raw.get(keys(str(request["kind"]), request)[0])

    def expected(self, request: Mapping[str, Any], own: Forecast | None = None) -> Forecast | None:
        """What a job will take: its forecast, corrected; else what jobs of the same recipe, or else quality, took lately.

        own: what the painter foretold, which counts where the desk was not asked.
        """
        if (raw := self.raw(request) or own) is not None:
            return self.corrected(request, raw)
        names = keys(str(request["kind"]), request)
        with self._lock:
            found = next((self._seconds[name] for name in names[:2] if name in self._seconds), None)
            if found is None:
                return None
            seconds = round(statistics.median(found), 1)
        return Forecast(seconds=seconds, longest=seconds)

    def _factor(self, names: tuple[str, str, str]) -> float:
        found = next((self._ratios[name] for name in names[1:] if name in self._ratios), None)
        return 1.0 if found is None else statistics.median(found)

    def _note(self, table: dict[str, deque[float]], name: str, value: float) -> None:
        values = table.get(name, deque(maxlen=LATELY))
        values.append(value)
        self._put(table, name, values)

    @staticmethod
    def _put(table: dict[str, Any], name: str, value: Any) -> None:
        table.pop(name, None)
        table[name] = value
        while len(table) > MOST_KNOWN:
            table.pop(next(iter(table)))


def took(job: Job) -> float:
    """Seconds from the moment when the painter got a job to its result, as its user waited for it."""
    waited = job.ended - job.began if job.began else 0.0
    return max(0.0, waited, float(job.result.get("seconds", 0.0)))  # the clock may have been set meanwhile


def exact(request: Mapping[str, Any]) -> str:
    """A recipe with its photo, without what changes nothing of the time."""
    kept = {name: value for name, value in request.items() if name not in ("title", "decided", "photos")}
    settings = {name: value for name, value in (request.get("settings") or {}).items() if name not in _IDLE}
    return json.dumps({**kept, "settings": settings}, sort_keys=True)


def keys(kind: str, request: Mapping[str, Any]) -> tuple[str, str, str]:
    """What jobs that take equally long share: the recipe without its photo; kind and quality; kind and way of painting."""
    recipe = {name: value for name, value in request.items() if name not in _NOT_THE_RECIPE}
    settings = request.get("settings") or {}
    rough = [kind, request.get("preset"), settings.get("quality"), settings.get("size"), bool(request.get("popart"))]
    way = [kind, settings.get("quality") == "instant", bool(request.get("popart"))]
    return json.dumps(recipe, sort_keys=True), json.dumps(rough), json.dumps(way)
