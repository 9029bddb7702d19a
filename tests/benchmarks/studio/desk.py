"""What the studio's desk takes for each thing that a user does: seconds of computing and of waiting, and its memory.

    python -m tests.benchmarks.studio.desk samples/astronaut.jpg

The photo is enlarged to 12 megapixels. The desk is a process of its own, as in the studio, with one thread; the seconds of
computing are that process's, so that a busy machine does not count.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from portrait_nst import named_styles
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.settings import Settings
from portrait_nst.studio.desk.desk import Desk
from portrait_nst.studio.resolved import Resolved, Source

MEGAPIXELS = 12.0
PIXELS = 200_000_000
TICK = os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Desk(threads=1) as desk:
        work(desk, enlarged(given.photo, Path(folder) / "file"))


def work(desk: Desk, path: Path) -> None:
    """All of it, in the order in which a user does it."""
    kept = path.with_name("matte-all.png")
    photo = Source(path, "photo.jpg", "0" * 64)
    settings = Settings(threads=1)
    with told(desk, "start and examine"):
        desk.call("examine.examine", path=path, name="photo.jpg", pixels=PIXELS)
    with told(desk, "view, 1600 px"):
        desk.call("examine.view", path=path, longest=1600, out=path.with_name("view"))
    with told(desk, "people"):
        desk.call("people.people", path=path, out=path.with_name("people.json"))
    with told(desk, "load what paints"):
        desk.call("warming.load")

    def preview(style: str, strength: float, longest: int = 512) -> None:
        named = ((Source(named_styles.named(style), style, style), 1.0),)
        recipe = Resolved("stylize", photo, settings.replace(strength=strength), named)
        desk.call("previews.preview", recipe=recipe, longest=longest)

    with told(desk, "first preview, 512 px"):
        preview("oil", 0.5)
    with told(desk, "following previews", 10):
        for step in range(10):
            preview("oil", 0.4 + step / 20)
    with told(desk, "wall, first style, 192 px"):
        preview("charcoal", 0.5, 192)
    styles = [name for name in named_styles.styles() if name != "charcoal"]
    for round in ("wall, each further style", "wall again, each style"):
        with told(desk, round, len(styles)):
            for style in styles:
                preview(style, 0.5, 192)
    with told(desk, "matte, full and 1600 px"):
        desk.call("mattes.matte", path=path, kept=kept)
    with told(desk, "forecast, draft, first"):
        draft = Resolved("stylize", photo, settings.replace(quality="draft"), ())
        print(" ", desk.call("forecasts.forecast", recipe=draft))
    with told(desk, "forecast, draft, next"):
        desk.call("forecasts.forecast", recipe=draft)

    def popart(**values: object) -> None:
        recipe = Resolved("popart", photo, settings, popart=PopartSettings().replace(**values))
        desk.call("popart.compose", recipe=recipe, told={})

    with told(desk, "pop art, first"):
        popart()
    for palette in ("marilyn", "electric", "electric", "#102040,#a02050,#f08030,#ffe080,#fffff0/#00a6d6"):
        with told(desk, f"colours {palette[:7]}"):
            popart(palette=palette)
    with told(desk, "dots"):
        popart(mode="dots")
    print(f"memory of the process: {memory(desk):.0f} MB now, {memory(desk, 'VmHWM'):.0f} MB at most")


@contextmanager
def told(desk: Desk, what: str, times: int = 1) -> Iterator[None]:
    """Print what the block takes, for each of `times`."""
    began, used = time.monotonic(), computing(desk)
    yield
    spent, computed = time.monotonic() - began, computing(desk) - used
    print(f"{what:28s} {computed / times:6.3f} s computing {spent / times:6.3f} s waiting", flush=True)


def computing(desk: Desk) -> float:
    """Seconds of computing of the desk's process so far."""
    if desk.pid is None:
        return 0.0
    fields = Path(f"/proc/{desk.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory(desk: Desk, line: str = "VmRSS") -> float:
    """Megabytes of the desk's process."""
    status = Path(f"/proc/{desk.pid}/status").read_text()
    return next(int(each.split()[1]) for each in status.splitlines() if each.startswith(line)) / 1e3


def enlarged(photo: Path, path: Path) -> Path:
    """The photo as a JPEG of 12 megapixels."""
    with Image.open(photo) as image:
        grow = (MEGAPIXELS * 1e6 / (image.width * image.height)) ** 0.5
        size = round(image.width * grow), round(image.height * grow)
        image.convert("RGB").resize(size, Image.Resampling.LANCZOS).save(path, "JPEG", quality=92)
    return path


if __name__ == "__main__":
    main()
