"""A session: what the window shows and what keys do, until it is closed."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from portrait_nst.live.controls import KEYS, Controls, pressed
from portrait_nst.live.saving import Album
from portrait_nst.live.screen import Window, lettered
from portrait_nst.live.stages import Shown, Stages
from portrait_nst.types import UInt8Array

if TYPE_CHECKING:
    from portrait_nst.live.recorder import Recorder

WAIT = 0.02  # seconds between two looks at the keys
BLANK = (240, 320)  # (height, width) of what is shown until the camera gives a picture
READY = "getting ready"
RECENT = 30  # pictures over which rate and latency are told
READING = 8.0  # seconds for which a note is shown


class Sink(Protocol):
    """Takes each picture that is shown."""

    def send(self, picture: UInt8Array) -> None:
        """Take (H, W, 3) uint8."""


@dataclass(frozen=True)
class LiveReport:
    """What a session did.

    frames:  painted pictures that were shown, over so many `seconds`.
    rate:    of them a second, from the first to the last.
    latency: seconds from the camera's picture to the window, on average.
    dropped: pictures of the camera that were not looked at, since newer ones were there.
    saved, recorded: the files.
    failed:  pictures that could not be painted again.
    interrupted: whether it ended since it was told to `stop`.
    """

    frames: int
    seconds: float
    rate: float
    latency: float
    dropped: int
    saved: tuple[Path, ...] = ()
    recorded: tuple[Path, ...] = ()
    failed: int = 0
    interrupted: bool = False


class Session:
    """Shows, hears keys, saves and records. `controls` are those of this moment, which other threads may read."""

    def __init__(
        self,
        styles: Sequence[str],
        controls: Controls,
        album: Album,
        recorder: Recorder,
        *,
        sinks: Sequence[Sink] = (),
        seconds: float | None = None,
        stop: threading.Event | None = None,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        """styles: as the user named them. sinks: what else gets the pictures. seconds: after which it ends by itself.

        stop: ends it once it is set. say: tells the user a line.
        """
        self.styles, self.controls, self.album, self.recorder = list(styles), controls, album, recorder
        self._sinks, self._seconds, self._say, self._stop = sinks, seconds, say, stop or threading.Event()
        self._notes: deque[str] = deque()  # that were not said yet
        self._times: deque[float] = deque(maxlen=RECENT)
        self._late: deque[float] = deque(maxlen=RECENT)
        self._frames, self._latency = 0, 0.0
        self._first = self._last = 0.0
        self._told, self._until = "", float("inf")

    def note(self, line: str) -> None:
        """Tell the user `line`, on the terminal and, for a while, in the window; any thread may call this."""
        self._notes.append(line)

    def run(self, stages: Stages, window: Window) -> LiveReport:
        """Until the window is closed, q is pressed, or the time is over. Raises what the stages raise."""
        began, shown = time.monotonic(), None
        with ExitStack() as stack:
            stack.callback(window.close)
            stack.callback(self._end_film)
            window.show(lettered(np.zeros((*BLANK, 3), np.uint8), [READY]))
            window.key(WAIT)
            stack.enter_context(stages)
            while not (self.controls.quit or self._stop.is_set()):
                if self._seconds and time.monotonic() - began > self._seconds:
                    break
                new = stages.next(WAIT)
                self._say_notes()
                if new is not None:
                    shown = new
                    window.show(self._picture(new))
                    self._count(new)
                if window.closed:
                    break
                self._hear(window.key(0.001), shown)
            dropped = stages.dropped
        interrupted = self._stop.is_set()
        self._stop.clear()  # from now on it ends the waiting
        if busy := self.album.busy:
            self._say(f"painting {_counted(busy, 'saved picture')} again; Ctrl-C ends the waiting, not the painting")
        failed = self.album.finish(self._stop)
        spent = self._last - self._first
        return LiveReport(
            frames=self._frames,
            seconds=time.monotonic() - began,
            rate=(self._frames - 1) / spent if spent > 0 else 0.0,
            latency=self._latency / max(1, self._frames),
            dropped=dropped,
            saved=tuple(path for path in self.album.saved if path.exists()),
            recorded=tuple(self.recorder.files),
            failed=failed,
            interrupted=interrupted or self._stop.is_set(),
        )

    def _picture(self, new: Shown) -> UInt8Array:
        """The picture with words; sinks and films get it without."""
        for sink in self._sinks:
            sink.send(new.picture)
        self.recorder.add(new)
        controls = self.controls
        words = [f"{self.styles[controls.style]}  {controls.strength:g}   {self._pace()}"]
        if controls.recording:
            words.append("recording")
        if busy := self.album.busy:
            words.append(f"painting {_counted(busy, 'saved picture')}")
        if not new.painted:
            words.append(READY)
        if self._told and time.monotonic() < self._until:
            words.append(self._told)
        picture = lettered(new.picture, [*words[1:], words[0]])
        return lettered(picture, [f"{keys:5} {what}" for keys, what in KEYS], top=True) if controls.help else picture

    def _pace(self) -> str:
        if len(self._times) < 2:
            return ""
        rate = (len(self._times) - 1) / max(1e-6, self._times[-1] - self._times[0])
        return f"{rate:.0f} fps  {1000 * sum(self._late) / len(self._late):.0f} ms"

    def _count(self, new: Shown) -> None:
        if not new.painted:
            return
        now = time.monotonic()
        self._first = self._first or now
        self._last = now
        self._times.append(now)
        self._late.append(now - new.frame.captured)
        self._latency += now - new.frame.captured
        self._frames += 1

    def _hear(self, key: int, shown: Shown | None) -> None:
        before = self.controls
        self.controls = controls = pressed(before, key, len(self.styles))
        if key >= 0 and self._until == float("inf"):  # a note stays for its time
            self._tell("")
        if controls.saved != before.saved and shown is not None:
            style = self.styles[controls.style]
            path = self.album.save(shown.frame, shown.picture, style, controls.strength)
            self._tell(f"saved {path.name}")
            self._say(f"{path}")
        if controls.recording != before.recording:
            if controls.recording:
                self.recorder.begin()
            else:
                self._tell("recorded")
                self._end_film()

    def _tell(self, words: str, seconds: float = float("inf")) -> None:
        """Show `words` in the window, until the next key or for so many `seconds`."""
        self._told, self._until = words, time.monotonic() + seconds

    def _say_notes(self) -> None:
        while self._notes:
            note = self._notes.popleft()
            self._say(note)
            self._tell(note, READING)

    def _end_film(self) -> None:
        before = len(self.recorder.files)
        self.recorder.end()
        for path in self.recorder.files[before:]:
            self._say(f"{path}")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''}"
