"""The pictures of the studio in the README, taken from a studio that is started for them and forgotten afterwards.

    python docs/studio/shots.py                  take all, and put them beside this script
    python docs/studio/shots.py --out FOLDER     put them elsewhere

Needs `pip install '.[studio]' playwright` and Debian's chromium; paints one picture, which takes a minute on two cores.
"""

from __future__ import annotations

import argparse
import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SAMPLES = ROOT / "samples"
MOST = 200_000  # bytes of a picture
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 300_000  # ms that a painting may take


@contextmanager
def studio() -> Iterator[str]:
    """A studio with a home of its own: its address."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "portrait_nst", "studio", "--port", "0", "--no-browser", "--folder", home]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait()


def save(page: Page, path: Path) -> None:
    """What the window shows as a JPEG, in the best quality that stays under MOST bytes."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    for quality in range(90, 40, -5):
        data = io.BytesIO()
        picture.save(data, "JPEG", quality=quality, optimize=True, progressive=True)
        if data.tell() < MOST:
            break
    path.write_bytes(data.getvalue())
    print(f"{path.name}: {picture.width} x {picture.height} px, {data.tell() // 1000} kB")


def bring(page: Page, name: str) -> None:
    """Bring a photo of samples/, and wait until its person is found."""
    page.get_by_label("Photo file").set_input_files(SAMPLES / name)
    page.get_by_role("radio", name="The person").wait_for()


def preview(page: Page, style: str) -> None:
    """Pick a style, and wait for its preview and its forecast."""
    page.get_by_role("radio", name=style, exact=True).check()
    page.get_by_role("img", name="Quick preview").wait_for()
    page.get_by_role("button", name=re.compile("^Paint · about")).wait_for()
    page.wait_for_timeout(1000)  # the newest preview is decoded


def paint(page: Page, out: Path) -> None:
    """A finished painting beside its photo, and the wall of styles."""
    bring(page, "grace_hopper.jpg")
    preview(page, "Impasto")
    page.get_by_role("button", name=re.compile("^Paint")).click()
    page.get_by_role("heading", name="Your picture").wait_for(timeout=PATIENCE)
    page.mouse.move(5, 400)
    page.wait_for_timeout(2000)
    save(page, out / "paint.jpg")


def mask(page: Page, out: Path) -> None:
    """The mask's editor with a stroke that takes something away, and the brush over it."""
    bring(page, "astronaut.jpg")
    page.get_by_role("button", name="Correct the mask").click()
    dialog = page.get_by_role("dialog")
    remove = dialog.get_by_role("radio", name="Remove")
    remove.wait_for()
    page.wait_for_timeout(3000)  # the matte is drawn
    remove.check()
    for x, y in ((660, 640), (740, 600), (800, 660), (760, 740)):
        page.mouse.move(x, y, steps=8)
        page.mouse.down()
    page.mouse.up()
    page.wait_for_timeout(500)
    save(page, out / "mask.jpg")


def popart(page: Page, out: Path) -> None:
    """Pop art with its kinds and palettes."""
    bring(page, "astronaut.jpg")
    page.get_by_role("img", name=re.compile("^Pop art of")).wait_for()
    page.wait_for_timeout(1000)
    save(page, out / "popart.jpg")


def phone(page: Page, out: Path) -> None:
    """The wall on a phone, under the preview."""
    bring(page, "astronaut.jpg")
    preview(page, "Watercolour")
    page.evaluate("scrollTo(0, 300)")
    page.wait_for_timeout(500)
    save(page, out / "phone.jpg")


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HERE, help="folder for the pictures")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with studio() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for take, place, size in ((popart, "#popart", WIDE), (mask, "", WIDE), (phone, "", PHONE), (paint, "", WIDE)):
            small = size is PHONE
            context = browser.new_context(
                viewport=size, is_mobile=small, has_touch=small, device_scale_factor=2 if small else 1
            )
            page = context.new_page()
            page.set_default_timeout(60_000)
            page.goto(url + place)
            take(page, out)
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
