"""Frames, and processes that stand in for the one that paints."""

from __future__ import annotations

import io
import os
from multiprocessing.connection import Connection

import numpy as np
from PIL import Image

from portrait_nst.studio.live.messages import Failed, Frame, State, Wanted

WANTED = Wanted((("impasto.png", 1.0),))


def jpeg(size: tuple[int, int] = (32, 24), format: str = "JPEG") -> bytes:
    """A grey picture of (width, height)."""
    file = io.BytesIO()
    Image.fromarray(np.full((size[1], size[0], 3), 100, np.uint8)).save(file, format)
    return file.getvalue()


def echo(pipe: Connection, wanted: Wanted, device: str) -> None:
    """Gives every frame back, and tells what is wanted as a note."""
    pipe.send(State(notes=(f"{wanted.strength} {device}",)))
    try:
        while True:
            message = pipe.recv()
            if isinstance(message, Frame):
                pipe.send(message)
            else:
                pipe.send(State(ready=True, notes=(f"{message.strength}",)))
    except EOFError:
        return


def dies(pipe: Connection, wanted: Wanted, device: str) -> None:
    """Ends as a process does that is killed."""
    pipe.recv()
    os._exit(9)


def fails(pipe: Connection, wanted: Wanted, device: str) -> None:
    """Says why it ends."""
    pipe.recv()
    pipe.send(Failed("The style cannot be read. Choose another one."))
