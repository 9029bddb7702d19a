"""What an input did beside giving a value: what it wrote, started, printed, and how much memory and time it took."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CPU_SECONDS = 10
MEMORY = 1 << 30  # bytes of the peak above what the process had before
ADDRESSES = 6 << 30  # bytes beyond those of the start, so that a runaway ends as a MemoryError, and not the machine
_WRITES = {
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.chmod",
    "shutil.rmtree",
}
_NEVER = {
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "socket.connect",
    "socket.getaddrinfo",
}
_HARMLESS = ("/dev/null", "/dev/tty")


class Watcher:
    """Watches the process that it is made in; there is no way to end that.

    folder: where inputs may write. trace: a file that says where the process was when its time was up.
    native_counts: whether it is a failure that native code writes to the descriptors 1 and 2. The command sends that nowhere
        (`portrait_nst.cli.streams`), so that by default only what Python prints, warns or logs is one.
    """

    def __init__(
        self, folder: Path, trace: Path, *, native_counts: bool = False, cpu_seconds: float = CPU_SECONDS
    ) -> None:
        self.native_counts, self._seconds = native_counts, cpu_seconds
        self.folder = os.path.realpath(folder)
        self.wrongs: list[str] = []
        tempfile.tempdir = str(folder)
        self._clib = ctypes.CDLL(None)
        self._printed = (folder.parent / "printed").open("w+b")
        self._native = (folder.parent / "native").open("w+b")
        for number in (1, 2):
            os.dup2(self._native.fileno(), number)
        sys.stdout = sys.stderr = open(self._printed.fileno(), "w", closefd=False)  # noqa: SIM115 - it stays open
        self._trace = trace.open("w")
        faulthandler.enable(self._trace)
        # Both are inherited from who starts this process, and would let an input run for ever.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF})
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        faulthandler.register(signal.SIGPROF, self._trace, chain=True)
        limit = _status("VmSize") + ADDRESSES
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        sys.dont_write_bytecode = True
        sys.addaudithook(self._seen)
        self._active = False
        self._before = 0

    def begin(self) -> None:
        """An input begins."""
        self.wrongs.clear()
        self._reset_peak()
        self._before = _status("VmRSS")
        signal.setitimer(signal.ITIMER_PROF, self._seconds)
        self._active = True

    def end(self) -> list[str]:
        """What went wrong since `begin`."""
        self._active = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.flush()
        sys.stderr.flush()
        self._clib.fflush(None)
        for file, who in ((self._printed, "printed"), (self._native, "native code printed")):
            file.seek(0)
            text = file.read()
            if text and (file is self._printed or self.native_counts):
                self.wrongs.append(f"{who} {text[:300]!r}")
            file.seek(0)
            file.truncate()
        grown = _status("VmHWM") - self._before
        if grown > MEMORY:
            self.wrongs.append(f"took {grown / 1e9:.1f} GB")
        return list(self.wrongs)

    @staticmethod
    def _reset_peak() -> None:
        with contextlib.suppress(OSError):  # then the peak is that since the process began
            Path("/proc/self/clear_refs").write_text("5")

    def _seen(self, event: str, args: Sequence[Any]) -> None:
        """Audit hook: what Python is about to do."""
        if not self._active:
            return
        if event in _NEVER:
            self.wrongs.append(f"{event} {args!r:.200}")
        elif event == "open":
            path, mode, flags = args[0], args[1], args[2] or 0
            if (isinstance(mode, str) and set(mode) & set("wax+")) or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                self._written(event, path)
        elif event in _WRITES or event == "sqlite3.connect":
            self._written(event, args[0])

    def _written(self, event: str, path: Any) -> None:
        if isinstance(path, int) or path in ("", ":memory:", b""):
            return
        text = os.fsdecode(path).removeprefix("file://").partition("?")[0]
        real = os.path.realpath(text)
        if not (real + "/").startswith(self.folder + "/") and real not in _HARMLESS:
            self.wrongs.append(f"{event} of {text} outside the folder")


def _status(name: str) -> int:
    """Bytes that /proc says of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    return 0
