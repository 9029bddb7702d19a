"""Pictures that are saved while the camera runs: at once as they are shown, and painted again in `standard` in the background."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from pathlib import Path

from portrait_nst import imaging
from portrait_nst.live.camera import CameraFrame
from portrait_nst.types import Photo, UInt8Array

NICE = 10  # so that the window comes first
TURN = 0.1  # seconds between two looks whether all is painted


class Album:
    """The pictures of one session, in one folder."""

    def __init__(self, folder: Path, quality: str = "standard") -> None:
        """quality: with which pictures are painted again, as in `Settings`; "" for not at all."""
        self.folder, self.quality = folder, quality
        self.saved: list[Path] = []
        self._work: list[subprocess.Popen[bytes]] = []

    def new(self, suffix: str) -> Path:
        """The path of a file that is not there yet, named by the time."""
        stem = time.strftime("live-%Y%m%d-%H%M%S")
        number, path = 1, self.folder / f"{stem}{suffix}"
        while path.exists() or path in self.saved:
            number += 1
            path = self.folder / f"{stem}-{number}{suffix}"
        return path

    def save(self, frame: CameraFrame, shown: UInt8Array, style: str, strength: float) -> Path:
        """Save the picture that is `shown`, and the camera's own; begin to paint that again. Raises ResourceError, InputError."""
        path = self.new(".png")
        photo = path.with_name(f"{path.stem}-photo.png")
        imaging.save(Photo(shown), path)
        imaging.save(Photo(frame.rgb), photo)
        self.saved += [path, photo]
        if self.quality:
            goal = path.with_name(f"{path.stem}-{self.quality}.png")
            self._work.append(_painting(photo, style, strength, self.quality, goal))
            self.saved.append(goal)
        return path

    @property
    def busy(self) -> int:
        """How many pictures are still being painted."""
        return sum(work.poll() is None for work in self._work)

    def finish(self, stop: threading.Event) -> int:
        """Wait for all paintings, until `stop` is set or Ctrl-C; the others go on by themselves. Returns how many failed."""
        try:
            while self.busy and not stop.wait(TURN):
                pass
        except KeyboardInterrupt:
            stop.set()
        return sum(work.poll() not in (0, None) for work in self._work)


def _painting(photo: Path, style: str, strength: float, quality: str, goal: Path) -> subprocess.Popen[bytes]:
    import psutil

    told = ["--quality", quality, "--strength", str(strength), "--threads", "1", "--quiet", "-o", str(goal)]
    command = [sys.executable, "-m", "portrait_nst", "stylize", str(photo), style, *told]
    # In a session of its own, so that Ctrl-C in the terminal ends the window and not this.
    none = subprocess.DEVNULL
    work = subprocess.Popen(command, stdin=none, stdout=none, stderr=none, start_new_session=True)
    with contextlib.suppress(psutil.Error):
        psutil.Process(work.pid).nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if psutil.WINDOWS else NICE)
    return work
