"""`python -m tests.benchmarks.studio.startup`: seconds from the start of `studio` to its first page, memory at rest.

Memory is the sum over all processes of what each has for itself (USS), and for comparison of what each has mapped (RSS).
"""

from __future__ import annotations

import tempfile
import time
import urllib.request

import psutil

from tests.benchmarks.studio.server import serving

REST = 5.0  # seconds after which it is at rest


def measure(folder: str) -> dict[str, float]:
    """Seconds to the address, to the page's last file and to the catalogue, CPU seconds of that, and megabytes at rest."""
    begun = time.perf_counter()
    with serving(folder) as (number, address):
        found = {"address, s": time.perf_counter() - begun}
        for path in ("", "static/js/main.js", "static/css/tokens.css"):
            urllib.request.urlopen(address + path).read()
        found["first page, s"] = time.perf_counter() - begun
        here = psutil.Process(number)
        times = here.cpu_times()
        found["of that CPU, s"] = times.user + times.system
        for path in ("api/about", "api/settings"):
            urllib.request.urlopen(address + path).read()
        found["with settings and styles, s"] = time.perf_counter() - begun
        time.sleep(REST)
        family = [here, *here.children(recursive=True)]
        found["processes"] = len(family)
        found["memory, MB"] = sum(one.memory_full_info().uss for one in family) / 1e6
        found["mapped, MB"] = sum(one.memory_info().rss for one in family) / 1e6
    return found


def main() -> None:
    """Measure three times, each in a new folder."""
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            print("; ".join(f"{name} {value:.2f}" for name, value in measure(folder).items()))


if __name__ == "__main__":
    main()
