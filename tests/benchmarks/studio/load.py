"""`python -m tests.benchmarks.studio.load PHOTO [SECONDS]`: fifty clients, two hundred jobs, cut-off uploads, slow readers.

While the studio paints, it prints how quickly it answers, what it refused, whether a job was lost, and the web process's memory
before and after.
"""

from __future__ import annotations

import contextlib
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

CLIENTS, JOBS = 50, 200
PATHS = ("", "api/jobs?limit=50", "api/about", "static/js/main.js")


class Load:
    """The clients of one studio at `address`."""

    def __init__(self, address: str, photo: bytes) -> None:
        self.address, self.photo = address, photo
        self.taken: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.jobs: list[str] = []
        self.end = threading.Event()

    def ask(self, path: str, body: bytes | None = None, kind: str = "application/json") -> Any:
        """The answer's JSON, or None; waits and asks again on 429 as it is told."""
        while True:
            request = urllib.request.Request(self.address + path, body, {"Content-Type": kind})
            begun = time.perf_counter()
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    data, status = answer.read(), answer.status
            except urllib.error.HTTPError as error:
                status = error.code
                self.statuses[status] += 1
                if status != 429:
                    return None
                time.sleep(float(error.headers["Retry-After"]))
                continue
            self.statuses[status] += 1
            if body is None:
                self.taken.append(time.perf_counter() - begun)
            return json.loads(data) if "json" in answer.headers["Content-Type"] else None

    def client(self, number: int) -> None:
        """Bring a photo of its own, let four jobs wait, and look until the end."""
        photo = self.ask("api/photos?name=a.jpg", self.photo + bytes(number + 1), "application/octet-stream")
        wish = {"photo": photo["id"], "style": [{"style": "impasto"}], "settings": {"quality": "instant", "size": 128}}
        for _ in range(JOBS // CLIENTS):
            self.jobs.append(self.ask("api/jobs", json.dumps(wish).encode())["id"])
        while not self.end.is_set():
            for path in PATHS:
                self.ask(path)
                time.sleep(0.5)

    def nuisance(self) -> None:
        """Cut uploads off, and do not read answers."""
        host, _, port = self.address.removeprefix("http://").strip("/").rpartition(":")
        slow = []
        while not self.end.wait(0.5):
            with socket.create_connection((host, int(port))) as line:
                line.sendall(
                    b"POST /api/photos HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n" + bytes(99_999)
                )
            line = socket.create_connection((host, int(port)))
            line.sendall(b"GET /api/docs/files/swagger-ui/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n")
            slow.append(line)
        for line in slow:
            line.close()


def main() -> None:
    """Run it, and print what came of it."""
    photo, seconds = Path(sys.argv[1]).read_bytes(), float(sys.argv[2]) if len(sys.argv) > 2 else 60.0
    with tempfile.TemporaryDirectory() as folder:
        words = [
            sys.executable,
            "-m",
            "portrait_nst",
            "studio",
            "--port",
            "0",
            "--no-browser",
            "--quiet",
            "--folder",
            folder,
        ]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            load = Load(process.stdout.readline().strip(), photo)
            server = psutil.Process(process.pid)
            before = server.memory_full_info().uss
            threads = [threading.Thread(target=load.client, args=(number,)) for number in range(CLIENTS)]
            threads.append(threading.Thread(target=load.nuisance))
            for thread in threads:
                thread.start()
            time.sleep(seconds)
            load.end.set()
            for thread in threads:
                thread.join()
            kept = {job["id"]: job["state"] for job in load.ask("api/jobs?limit=1000")}
            after = server.memory_full_info().uss
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.terminate()
                process.wait(30)
    cuts = statistics.quantiles(load.taken, n=100)
    print(
        f"{len(load.taken)} answers: median {cuts[49]:.3f} s, 95 of 100 within {cuts[94]:.3f} s, all in {max(load.taken):.3f} s"
    )
    print(
        f"statuses {dict(load.statuses)}; jobs {len(load.jobs)}, lost {len(set(load.jobs) - set(kept))}, {Counter(kept.values())}"
    )
    print(f"memory of the web process: {before / 1e6:.0f} MB before, {after / 1e6:.0f} MB after")


if __name__ == "__main__":
    main()
