"""Frames a second and delay of the live view, in a real browser with a fake camera, and the CPU time that a frame takes.

python -m tests.benchmarks.studio.live --seconds 20
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image

from tests.benchmarks.studio.server import serving
from tests.studio.browser.conftest import CHROMIUM, FLAGS, ROOT

TICKS = os.sysconf("SC_CLK_TCK")
LOOK = 0.5  # seconds between two looks at what the page tells


def camera(path: Path, size: tuple[int, int] = (640, 480), frames: int = 60) -> None:
    """The astronaut, who sways; MJPEG is one JPEG after the other."""
    with Image.open(ROOT / "samples" / "astronaut.jpg") as image:
        person = image.convert("RGB").resize((size[1] + 40,) * 2, Image.Resampling.LANCZOS)
    with path.open("wb") as out:
        for number in range(frames):
            view = Image.new("RGB", size, (96, 110, 120))
            sway = round(20 * abs(1 - 2 * number / frames))
            view.paste(person, ((size[0] - person.width) // 2 + sway, -sway // 2))
            file = io.BytesIO()
            view.save(file, "JPEG", quality=92)
            out.write(file.getvalue())


def below(pid: int) -> list[int]:
    """A process and all that it began, by their numbers."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += below(int(child))
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its living children."""
    total = 0
    for one in below(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def megabytes(pid: int) -> float:
    """Memory of a process and its living children, shared pages counted once."""
    return (
        sum(int(re.findall(r"Pss:\s+(\d+)", Path(f"/proc/{one}/smaps_rollup").read_text())[0]) for one in below(pid))
        / 1000
    )


def watched(page: Any, seconds: float) -> list[tuple[float, float]]:
    """(frames a second, seconds of delay), as the page tells them, twice a second."""
    told = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        page.wait_for_timeout(1000 * LOOK)
        words = page.get_by_text(re.compile("pictures a second")).text_content()
        found = re.search(r"([\d.]+) pictures a second · ([\d.]+) s", words or "")
        assert found, f"the page says {words!r}"
        told.append((float(found[1]), float(found[2])))
    return told


def measure(style: str, seconds: float, everything: bool) -> dict[str, Any]:
    """Everything that is measured, by name."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as session:
        source = Path(folder) / "camera.mjpeg"
        camera(source)
        with serving(f"{folder}/kept") as (number, address):
            browser = session.chromium.launch(
                executable_path=CHROMIUM, args=[*FLAGS, f"--use-file-for-fake-video-capture={source}"]
            )
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{address}#live")
            page.get_by_role("radio", name=style).check(force=True)
            if everything:
                page.get_by_role("radio", name="everything").check(force=True)
            began = time.monotonic()
            page.get_by_role("button", name="Start the camera").click()
            page.get_by_role("img", name="The camera's picture, painted").wait_for(timeout=120_000)
            first = time.monotonic() - began
            page.wait_for_timeout(3000)
            before, all_before = cpu_seconds(number), cpu_seconds(os.getpid())
            told = watched(page, seconds)
            spent, spent_all = cpu_seconds(number) - before, cpu_seconds(os.getpid()) - all_before
            memory = megabytes(number)
            browser.close()
    rate = sum(rate for rate, _ in told) / len(told)
    frames = rate * LOOK * len(told)
    return {
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 2),
        "first_painted_seconds": round(first, 2),
        "frames_a_second": round(rate, 1),
        "slowest": min(rate for rate, _ in told),
        "delay_seconds": round(sum(delay for _, delay in told) / len(told), 3),
        "cpu_ms_a_frame_server": round(1000 * spent / frames),
        "cpu_ms_a_frame_browser": round(1000 * (spent_all - spent) / frames),
        "server_megabytes": round(memory),
    }


def main() -> None:
    """Print what was measured, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--style", default="Impasto", help="as the page calls it")
    parser.add_argument("--seconds", type=float, default=20.0, help="of which the mean is taken")
    parser.add_argument("--everything", action="store_true", help="not the person alone")
    given = parser.parse_args()
    print(json.dumps(measure(given.style, given.seconds, given.everything), indent=2))


if __name__ == "__main__":
    main()
