"""The studio in a real browser: a server of its own on a free port, and pages at a desktop's and a phone's size.

Chromium is Debian's: apt-get install chromium; Playwright: pip install playwright axe-playwright-python. Without them the tests
skip. With pip's Playwright alone there is no browser: its own are not fetched.
Elements are found by role and label, as a person with a screen reader finds them.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[3]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "is_mobile": True,
        "has_touch": True,
        "device_scale_factor": 2,
    },
}
SECONDS = 60_000  # ms that a page may take for a step, on a busy machine
Page = Any  # playwright.sync_api.Page, which may not be installed


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip all tests of this folder, with the reason, where there is no browser to run them in."""
    why = None
    if CHROMIUM is None:
        why = "there is no chromium"
    else:
        for module in ("playwright", "fastapi", "uvicorn"):
            try:
                __import__(module)
            except ImportError:
                why = f"{module} is not installed"
    for item in items:
        if why and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=why))


class Server:
    """A studio in a process of its own, which can be killed and started again at the same address with the same folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.url = folder, 0, ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        # PYTHONPATH: the package of this checkout, whichever is installed.
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "portrait_nst", "studio", "--no-browser", "--threads", "1"]
        with (self.folder / "stderr.txt").open("w") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port), "--folder", str(self.folder / "kept")],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment,
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        found = re.search(r"http://[^\s/]+:(\d+)", line)
        if not found:
            pytest.fail(f"the studio does not start: {line}{(self.folder / 'stderr.txt').read_text()}")
        self.url, self.port = found.group(), int(found[1])

    def kill(self) -> None:
        """As `kill -9` does it; waits until its desk and its painter have ended too, which nobody told to."""
        import psutil

        assert self._process is not None
        children = psutil.Process(self._process.pid).children(recursive=True)
        self._process.kill()
        self._process.wait()
        _, alive = psutil.wait_procs(children, 30)
        assert not alive, "what worked for a server that is gone goes on"

    def end(self) -> None:
        """As SIGTERM does it, within half a minute."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The studio that all tests of a session share; it keeps its things in a temporary folder."""
    made = Server(tmp_path_factory.mktemp("studio"))
    try:
        made.start()
        yield made
    finally:
        made.end()


@pytest.fixture
def studio_url(server: Server) -> str:
    """The studio's address."""
    return server.url


@pytest.fixture(
    scope="package"
)  # Playwright has an event loop as long as it lives, and other folders' tests have theirs
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium, whose camera sees the astronaut, who holds still, 640 by 480 px, right of a grey wall."""
    from playwright.sync_api import sync_playwright

    camera = tmp_path_factory.mktemp("camera") / "astronaut.mjpeg"
    view = Image.new("RGB", (640, 480), (96, 110, 120))
    with Image.open(ROOT / "samples" / "astronaut.jpg") as image:
        view.paste(image.convert("RGB").resize((480, 480), Image.Resampling.LANCZOS), (160, 0))
    file = io.BytesIO()
    view.save(file, "JPEG", quality=92)
    camera.write_bytes(file.getvalue() * 10)  # MJPEG is one JPEG after the other
    with sync_playwright() as session:
        running = session.chromium.launch(
            executable_path=CHROMIUM, args=[*FLAGS, f"--use-file-for-fake-video-capture={camera}"]
        )
        yield running
        running.close()


@pytest.fixture
def allowed() -> list[str]:
    """What the console may say in this test: a test that provokes an error adds a part of its line, such as "422"."""
    return []


@pytest.fixture(scope="package")
def contexts(browser: Any, server: Server) -> Iterator[Callable[..., Any]]:
    """`contexts("phone", color_scheme="dark")`: one for each size and scheme, so that what it has fetched is fetched once."""
    made: dict[str, Any] = {}

    def context(size: str, **options: Any) -> Any:
        key = f"{size} {sorted(options.items())}"
        if key not in made:
            made[key] = browser.new_context(base_url=server.url, **SIZES[size], **options)
            made[key].set_default_timeout(SECONDS)
        return made[key]

    yield context
    for one in made.values():
        one.close()


@pytest.fixture
def open_page(contexts: Callable[..., Any], studio_url: str, allowed: list[str]) -> Iterator[Callable[..., Page]]:
    """Opens the studio in a window: `open_page("phone", "#popart", color_scheme="dark")`; with the place None an empty one.

    The test fails if the page wrote an error, broke its content security policy, or asked anybody else than this server.
    """
    pages, complaints = [], []

    def watch(page: Page) -> None:
        page.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))

        def asked(request: Any) -> None:
            if not request.url.startswith((f"{studio_url}/", "blob:", "data:")):
                complaints.append(f"asked for {request.url}")

        page.on("request", asked)

    def start(size: str = "desktop", place: str | None = "", **options: Any) -> Page:
        page = contexts(size, **options).new_page()
        pages.append(page)
        watch(page)
        if place is not None:
            page.goto(f"/{place}")
        return page

    yield start
    for page in pages:
        page.close()
    wrong = [text for text in complaints if not any(part in text for part in allowed)]
    assert not wrong, "\n".join(wrong)


@pytest.fixture(params=["desktop", "phone"])
def page(request: pytest.FixtureRequest, open_page: Callable[..., Page]) -> Page:
    """The studio's first view, once on a desktop and once on a phone."""
    return open_page(request.param)


@pytest.fixture
def desktop(open_page: Callable[..., Page]) -> Page:
    """The studio's first view on a desktop."""
    return open_page("desktop")


@pytest.fixture
def phone(open_page: Callable[..., Page]) -> Page:
    """The studio's first view on a phone."""
    return open_page("phone")


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """`axe(page)` fails if axe-core finds something serious or critical on the page as it is now."""
    pytest.importorskip("axe_playwright_python")
    from axe_playwright_python.sync_playwright import Axe

    def look(page: Page) -> None:
        page.wait_for_timeout(200)  # colours on their way: the page's `--quick`, and a little
        found = Axe().run(page).response["violations"]
        grave = [one for one in found if one["impact"] in ("serious", "critical")]
        lines = [f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes']]}" for one in grave]
        assert not lines, "\n".join(lines)

    return look


@pytest.fixture(scope="session")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo of one person, 341 by 400 px."""
    path = tmp_path_factory.mktemp("photos") / "grace.jpg"
    with Image.open(ROOT / "samples" / "grace_hopper.jpg") as image:
        image.convert("RGB").resize((341, 400), Image.Resampling.LANCZOS).save(path, quality=92)
    return path


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo of two people side by side, 640 by 320 px."""
    path = tmp_path_factory.mktemp("photos") / "two people.jpg"
    both = Image.new("RGB", (640, 320))
    for index, (name, box) in enumerate((("grace_hopper.jpg", (0, 0, 512, 512)), ("astronaut.jpg", None))):
        with Image.open(ROOT / "samples" / name) as image:
            square = image.convert("RGB").crop(box) if box else image.convert("RGB")
            both.paste(square.resize((320, 320), Image.Resampling.LANCZOS), (320 * index, 0))
    both.save(path, quality=92)
    return path


@pytest.fixture(scope="session")
def nobody(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo in which nobody is: the flag beside the astronaut, 400 by 300 px."""
    path = tmp_path_factory.mktemp("photos") / "flag.jpg"
    with Image.open(ROOT / "samples" / "astronaut.jpg") as image:
        image.convert("RGB").crop((0, 0, 120, 90)).resize((400, 300), Image.Resampling.LANCZOS).save(path, quality=92)
    return path


def bring(page: Page, photo: Path) -> None:
    """Choose `photo` as a person does, and wait until it is known who is in it."""
    page.get_by_label("Photo file").set_input_files(photo)
    page.get_by_role("img", name=re.compile(re.escape(photo.name))).wait_for()
    page.get_by_role("group", name="Whom to paint").get_by_role("radio").first.wait_for(state="attached")
