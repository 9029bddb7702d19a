"""The real server in a process of its own: started, killed, started again on the same folder, and weighed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import IO

import psutil

PAINTER_NICE = 5  # as the painter's process makes itself, by which it is told from the desk
GONE = 10.0  # seconds within which the processes of a server that was killed must be gone


class Server:
    """`portrait-nst studio` in `folder` on `port`, with one thread for each of its processes, as two cores have them."""

    def __init__(self, folder: Path, port: int, log: IO[bytes]) -> None:
        self.folder, self.port, self._log = folder, port, log
        self.started: list[float] = []  # seconds from each start to the first answer
        self.orphans = 0  # processes that outlived their server
        self.memory: dict[str, list[tuple[float, float]]] = defaultdict(list)  # by process: (time, megabytes)
        self.processor: dict[tuple[str, int], float] = {}  # seconds of CPU time by process and its number
        self._process: subprocess.Popen[bytes]

    def start(self) -> None:
        """Start it; returns when it answers."""
        begun = time.monotonic()
        words = [sys.executable, "-m", "portrait_nst", "studio", "--port", str(self.port), "--no-browser", "--quiet"]
        self._process = subprocess.Popen(
            [*words, "--threads", "1", "--folder", str(self.folder)], stdout=subprocess.PIPE, stderr=self._log
        )
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise RuntimeError("the server did not start; its log says why")
        self.started.append(time.monotonic() - begun)

    def processes(self) -> dict[str, psutil.Process]:
        """Its processes by what they are: web, desk, painter, as far as they run."""
        try:
            web = psutil.Process(self._process.pid)
            found = {"web": web}
            for child in web.children():
                if "spawn_main" in " ".join(child.cmdline()):
                    found["painter" if child.nice() >= PAINTER_NICE else "desk"] = child
        except psutil.Error:
            return {}
        return found

    def kill(self, which: str) -> bool:
        """SIGKILL to one of its processes; whether there was one."""
        process = self.processes().get(which)
        if process is None:
            return False
        process.kill()
        return True

    def kill_and_start(self) -> None:
        """SIGKILL to the server, and the next one as soon as its processes are gone."""
        family = list(self.processes().values())
        self._process.kill()
        self._process.wait()
        _, alive = psutil.wait_procs(family, GONE)
        self.orphans += len(alive)
        self.start()

    def end(self) -> None:
        """End it in order."""
        self._process.terminate()
        self._process.wait(30)

    def weigh(self) -> None:
        """Note the memory of each process: what it has for itself, and its part of what it shares (PSS)."""
        now = time.monotonic()
        for name, process in self.processes().items():
            try:
                self.memory[name].append((now, _pss(process.pid)))
                spent = process.cpu_times()
            except (OSError, psutil.Error):  # gone meanwhile
                continue
            self.processor[name, process.pid] = spent.user + spent.system


def _pss(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1000
    return 0.0


def free_port() -> int:
    """A port that nobody uses now."""
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def load_average() -> float:
    """How many processes of this machine want a core."""
    return os.getloadavg()[0]
