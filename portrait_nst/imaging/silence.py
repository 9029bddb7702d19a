"""Keep native code from writing notices to standard error: MediaPipe, libtiff and libjpeg."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator

# Lines as Abseil, LiteRt and TensorFlow Lite log them, up to errors: "W0000 00:00:17 99 file.cc:1] ...", "INFO: ...".
MEDIAPIPE = re.compile(rb"^([IWE]\d{4} [\d:.]+ .*\]|INFO: |WARNING: (All|Logging)).*$")
# Lines as libtiff writes them, "TIFFFillStrip: Read error ...", but none as Python ends a traceback.
LIBTIFF = re.compile(rb"^(?!\w*(Error|Exception|Warning|Interrupt|Exit): )\w+(\.tif)?: .*$")

_lock = threading.RLock()


@contextlib.contextmanager
def silent_stderr(notices: re.Pattern[bytes]) -> Iterator[list[bytes]]:
    """Hold back the text written to file descriptor 2 inside the block, and pass on all lines of it but `notices`.

    Yields a list, to which those are added when the block ends.

    MediaPipe's C++ part writes "Created TensorFlow Lite XNNPACK delegate" and the like past Python, libtiff what it thinks of a
    damaged file, and no environment variable stops them. The descriptor belongs to the whole process: what other threads
    write meanwhile comes out a little later. One thread at a time is inside.
    """
    heard: list[bytes] = []
    with _lock, contextlib.ExitStack() as stack:
        with contextlib.suppress(AttributeError, OSError, ValueError):
            sys.stderr.flush()
        try:
            held = stack.enter_context(tempfile.TemporaryFile())
            kept = os.dup(2)
        except OSError:  # no standard error, or nowhere to hold it: nothing is silenced
            yield heard
            return
        try:
            os.dup2(held.fileno(), 2)
            yield heard
        finally:
            with contextlib.suppress(AttributeError, OSError, ValueError):
                sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            held.seek(0)
            rest: list[bytes] = []
            for line in held.read().splitlines(keepends=True):
                (heard if notices.match(line) else rest).append(line)
            if rest:
                os.write(2, b"".join(rest))
