"""The whole command on a screen: Xvfb, a clip in place of the camera, and real key presses."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from portrait_nst import clips, imaging
from portrait_nst.clips.drawn import drawn, drawn_info
from portrait_nst.errors import ResourceError
from portrait_nst.live import screen
from portrait_nst.live.screen import ScreenWindow

MAIN = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background ignores it
from portrait_nst.__main__ import main
main()
"""
SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "astronaut.jpg"
MISSING = [program for program in ("Xvfb", "xdotool") if shutil.which(program) is None]
pytestmark = pytest.mark.skipif(
    bool(MISSING) or not sys.platform.startswith("linux"), reason=f"not installed: {', '.join(MISSING) or 'X11'}"
)


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """A screen of its own, by its name."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1100x900x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as server:
        os.close(write)
        with os.fdopen(read) as told:
            number = told.readline().strip()
        yield f":{number}"
        server.terminate()


def press(display: str, *keys: str) -> None:
    """Press keys in the window, which must be there."""
    environment = os.environ | {"DISPLAY": display}
    window = window_of(display)
    for key in keys:
        subprocess.run(
            ["xdotool", "key", "--window", window, key], env=environment, timeout=20, check=True, capture_output=True
        )


def test_it_shows_a_picture_hears_keys_and_is_closed(display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", display)
    window = ScreenWindow()
    with contextlib.closing(window):
        window.show(np.full((90, 120, 3), 200, np.uint8))
        press(display, "n", "plus", "Escape")
        assert [window.key(10) for _ in range(3)] == [ord("n"), ord("+"), 27]
        assert not window.closed
    assert window.closed


def window_of(display: str) -> str:
    """The number of the window, as soon as it is there."""
    command = ["xdotool", "search", "--sync", "--name", "portrait-nst live"]
    environment = os.environ | {"DISPLAY": display}
    found = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    return found.stdout.split()[-1]


def press_close_button(display: str) -> None:
    """What a window manager sends when its button is pressed; there is none on this screen."""
    code = f"""
import ctypes
x = ctypes.CDLL("libX11.so.6")
x.XOpenDisplay.restype, x.XInternAtom.restype = ctypes.c_void_p, ctypes.c_ulong
display, window = ctypes.c_void_p(x.XOpenDisplay(None)), ctypes.c_ulong({window_of(display)})
protocols, delete = (x.XInternAtom(display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
# An XClientMessageEvent: type, serial, send_event, display, window, message_type, format, data
event = (ctypes.c_ulong * 24)(33, 0, 1, display.value, window.value, protocols, 32, delete)
x.XSendEvent(display, window, 0, ctypes.c_long(0), event)
x.XSync(display, 0)
"""
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"DISPLAY": display}, timeout=20, check=True)


@pytest.mark.parametrize("how", ["button", "destroyed", "killed"])
def test_a_window_that_goes_is_closed(display: str, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", display)
    picture = np.full((90, 120, 3), 200, np.uint8)
    with contextlib.closing(ScreenWindow()) as window:
        window.show(picture)
        number = window_of(display)
        for _ in range(5):
            window.show(picture)
            assert not window.closed
        if how == "button":
            press_close_button(display)
        elif how == "destroyed":
            subprocess.run(["xdotool", "windowclose", number], timeout=20, check=True)
        else:
            window._process.kill()
        until = time.monotonic() + 10
        while not window.closed and time.monotonic() < until:
            window.show(picture)
        assert window.closed


def test_without_a_screen_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":no-such-screen")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(ResourceError, match="No window can be opened") as error:
        ScreenWindow()
    assert screen.WAY_OUT in str(error.value)


def test_a_clip_is_painted_live_and_keys_work(display: str, tmp_path: Path) -> None:
    photo = imaging.load(SAMPLE).rgb
    small = imaging.resize(photo, imaging.size_within((photo.shape[0], photo.shape[1]), 160))
    clip = tmp_path / "camera.mp4"
    like = drawn_info((small.shape[0], small.shape[1]), Fraction(20), Fraction(1, 20))
    with clips.ClipWriter(clip, clips.choose(clip, None, like), like) as writer:
        for number in range(20):
            writer.write(drawn(np.roll(small, number % 4, 1), number, number, Fraction(1, 20), 1))
    command = [
        sys.executable,
        "-c",
        MAIN,
        "live",
        "impasto",
        "woodcut",
        "--camera",
        str(clip),
        "--size",
        "128",
    ]
    command += ["-o", str(tmp_path), "--repaint", "none", "--seconds", "100", "--json"]
    environment = os.environ | {"DISPLAY": display}
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as work:
        until = time.monotonic() + 90
        while not list(tmp_path.glob("live-*.png")) and time.monotonic() < until and work.poll() is None:
            press(display, "s")  # does nothing until a picture is shown
            time.sleep(1)
        press(display, "n", "r")
        while not list(tmp_path.glob(".*")) and time.monotonic() < until and work.poll() is None:
            time.sleep(0.2)  # a film that is begun is a hidden file
        os.killpg(work.pid, signal.SIGINT)  # as Ctrl-C in a terminal: it ends as by q
        out, err = work.communicate(timeout=60)
    assert work.returncode == 130, err
    assert err.startswith("Interrupted: ending")
    assert "nothing was written" not in err
    report = json.loads(out)
    assert report["frames"] > 0
    assert len(report["saved"]) >= 2
    assert len(report["recorded"]) == 1
    with clips.read(Path(report["recorded"][0])) as reader:
        assert next(iter(reader)).size == (small.shape[0], small.shape[1])  # the camera's, not that of --size
