"""`paint_camera`: what a camera sees, painted in a window."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from portrait_nst.errors import InputError
from portrait_nst.live import camera as cameras
from portrait_nst.live.brush import LiveBrush
from portrait_nst.live.controls import Controls
from portrait_nst.live.recorder import Recorder
from portrait_nst.live.saving import Album
from portrait_nst.live.screen import ScreenWindow, Window
from portrait_nst.live.session import LiveReport, Session, Sink
from portrait_nst.live.stages import Eyes, Stages
from portrait_nst.live.virtual import VirtualCamera
from portrait_nst.settings import Settings
from portrait_nst.types import UInt8Array

if TYPE_CHECKING:
    from portrait_nst.pipeline import Stylizer
    from portrait_nst.video.painter import FramePainter

THREADS = 1  # of torch: the eyes have the other core
SIZE = 320


def paint_camera(
    styles: Sequence[str],
    *,
    camera: str | int = "0",
    settings: Settings | None = None,
    mirror: bool = True,
    output: Path | None = None,
    repaint: str = "standard",
    virtual_camera: bool = False,
    seconds: float | None = None,
    window: Window | None = None,
    stop: threading.Event | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> LiveReport:
    """Paint what a camera sees in a window, with learned networks, until it is closed.

    styles:   names, pictures or learned files, of which the first is painted and a key brings the next.
    camera:   its number, or a clip that is played in its place, over and over.
    settings: quality instant, with `size` the longest side in pixels of what is painted (320 by default), `strength`, `person`,
              `region`, `style_scale`, `colours`, `threads`, `device`.
    mirror:   whether left and right change places at first, as in a mirror; a clip is not mirrored.
    output:   the folder for saved pictures and films; None for the current one. They have the camera's own size.
    repaint:  the quality with which saved pictures are painted again in the background, "" for not at all.
    virtual_camera: whether other programs get the pictures too, through pyvirtualcam.
    seconds:  after which it ends by itself; None for never.
    window:   where it is shown; None for a window on this screen.
    stop:     once it is set, from a signal handler or another thread, it ends as by the key q, and the report says so.
    say:      takes lines for the user.

    The newest picture counts: what comes while one is looked at is dropped, so that what is shown is never late.
    Raises InputError, ModelError, and ResourceError where there is no screen.
    """
    from portrait_nst.pipeline.inputs import load_style

    settings = settings or Settings(quality="instant")
    if not settings.instant:
        raise InputError(f"live paints with quality instant, not {settings.quality}; leave quality out.")
    if not styles:
        raise InputError("live needs a style: the name of one, a picture, or a learned file.")
    folder = Path.cwd() if output is None else Path(output)
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder; saved pictures go there. Make it first, or give another with -o.")
    source = str(camera)
    clip = cameras.probe_source(source)
    settings = settings if settings.size is not None else settings.replace(size=SIZE)
    for style in styles:
        load_style(style)  # whatever is wrong with one is said before the window opens
    with ExitStack() as stack:
        sinks: list[Sink] = []
        if virtual_camera:
            sinks.append(_Virtual(stack))
        # Nothing but the person is painted unless asked for; of all there is no matte to find.
        start = Controls(strength=settings.strength, mirror=mirror and clip is None, matte=settings.region != "all")
        album = Album(folder, repaint)
        recorder = Recorder(album.new)
        session = Session(styles, start, album, recorder, sinks=sinks, seconds=seconds, stop=stop, say=say)
        painters = _Painters(styles, settings, session.note)
        stages = Stages(
            cameras.pictures(source),
            lambda: _eyes(settings),
            lambda: LiveBrush(painters, lambda: session.controls),
            lambda: session.controls,
        )
        return session.run(stages, window or ScreenWindow())


class _Painters:
    """Makes painters of the styles; what is loaded is shared. `note` takes what is to be said of a style, once."""

    def __init__(self, styles: Sequence[str], settings: Settings, note: Callable[[str], None]) -> None:
        self.styles, self.settings = list(styles), settings
        self._note, self._noted = note, set[int]()

    def __call__(self, style: int, strength: float) -> FramePainter:
        from portrait_nst.video.painters.instant import instant_frames

        painter = instant_frames(self.styles[style], self.settings.replace(strength=strength), self._stylizer)
        if style not in self._noted:
            self._noted.add(style)
            for note in painter.notes:
                self._note(note)
        return painter

    @cached_property
    def _stylizer(self) -> Stylizer:
        import torch

        from portrait_nst.pipeline import Stylizer

        torch.set_num_threads(self.settings.threads or THREADS)
        return Stylizer.of(self.settings)


def _eyes(settings: Settings) -> Eyes:
    from portrait_nst.video.track import Track

    return Track(
        person=settings.person,
        region=settings.region,
        segmenter=settings.segmenter,
        size=int(settings.size or SIZE),
        quick=True,
    )


class _Virtual:
    """A virtual camera that is opened with the first picture, whose size it has."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._camera: VirtualCamera | None = None

    def send(self, picture: UInt8Array) -> None:
        if self._camera is None:
            self._camera = self._stack.enter_context(VirtualCamera((picture.shape[0], picture.shape[1])))
        self._camera.send(picture)
