"""How much memory painting a long clip takes beside the painting itself: tracker and painter are stand-ins.

    python -m tests.benchmarks.video memory --minutes 10

The clip, two seconds of a moving ramp again and again, is made first; a process of its own reads, surveys, blends, encodes and
joins it, with frames and mattes at the clip's own size. At the end torch is loaded, for its version in the recipe. Prints the
resident memory of that process over the frames, and its peak, against the limit of 2 GB.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

LIMIT = 2e9  # bytes
RATE = 25  # frames a second
ONCE = 50  # frames that are encoded; then they are repeated
POINTS = 20  # of the curve, in each stage
Point = tuple[str, int, int]  # stage, frames so far, bytes


def make_clip(path: Path, frames: int, size: tuple[int, int]) -> None:
    """A clip of so many `frames` of `size` (height, width), H.264, whose packets are those of `ONCE` frames again and again."""
    import av

    height, width = size
    ramp = np.broadcast_to(np.linspace(40, 215, width, dtype=np.float32)[None, :, None], (height, width, 3)).astype(
        np.uint8
    )
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "bf": "0", "g": str(ONCE)})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.thread_count = 1
        stream.time_base = stream.codec_context.time_base = Fraction(1, RATE)
        packets = []
        for number in range(ONCE):
            frame = av.VideoFrame.from_ndarray(np.roll(ramp, number * 4, axis=1), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            packets += stream.encode(frame)
        packets += stream.encode(None)
        kept = [(bytes(packet), packet.is_keyframe) for packet in packets]
        for number in range(frames):
            data, key = kept[number % len(kept)]
            packet = av.Packet(data)
            packet.stream, packet.time_base, packet.is_keyframe = stream, Fraction(1, RATE), key
            packet.pts = packet.dts = number
            packet.duration = 1
            container.mux(packet)


def paint(clip: Path, out: Path, frames: int, curve: Path) -> None:
    """Paint the clip with stand-ins; the curve of memory is written into the file `curve`, line by line."""
    import importlib
    import os

    import psutil

    from portrait_nst.video import stylize_video, survey, track
    from portrait_nst.video.progress import VideoStep
    from tests.video import stand_ins

    order = importlib.import_module("portrait_nst.video.order")
    order.painter_for = lambda *_: stand_ins.Echo()  # type: ignore[attr-defined]
    order.facts_of = lambda *_: {}  # type: ignore[attr-defined]
    track.Track = lambda *_, **__: stand_ins.PlainTrack()  # type: ignore[assignment,misc]
    survey._people_in = lambda *_: 1
    process, every, peak = psutil.Process(os.getpid()), max(1, frames // POINTS), 0
    with curve.open("w", buffering=1) as file:

        def on_progress(step: VideoStep) -> None:
            nonlocal peak
            now = process.memory_info().rss
            peak = max(peak, now)
            if step.frame % every == 0 or step.frame == 1 or step.stage == "join":
                file.write(json.dumps([step.stage, step.frame, now]) + "\n")

        stylize_video(clip, "impasto", out, on_progress=on_progress)
        file.write(json.dumps(["peak", frames, max(peak, greatest_of_process())]) + "\n")


def greatest_of_process() -> int:
    """The greatest resident memory of this process so far, where the system tells; getrusage counts that of its parent, too."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return max([int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")], default=0)


def measured(minutes: float, size: tuple[int, int]) -> list[Point]:
    """The memory of a process over the frames of a clip of so many `minutes`; the last point is its peak."""
    frames = max(1, round(minutes * 60 * RATE))
    with tempfile.TemporaryDirectory() as folder:
        clip, curve = Path(folder) / "clip.mp4", Path(folder) / "curve"
        make_clip(clip, frames, size)
        out = Path(folder) / "out.mp4"
        process = multiprocessing.get_context("spawn").Process(target=paint, args=(clip, out, frames, curve))
        process.start()
        process.join()
        if process.exitcode:
            sys.exit(f"The process that painted ended with status {process.exitcode}.")
        return [(str(stage), int(frame), int(size)) for stage, frame, size in map(json.loads, curve.open())]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long the clip is")
    parser.add_argument("--size", default="1920x1080", help="width x height of its frames")
    given = parser.parse_args(arguments)
    width, height = map(int, given.size.split("x"))
    points = measured(given.minutes, (height, width))
    for stage, frame, size in points:
        print(f"{stage:>8} {frame:>7} {size / 1e6:>8.0f} MB")
    peak = points[-1][2]
    print(f"peak {peak / 1e9:.2f} GB, {'under' if peak < LIMIT else 'OVER'} {LIMIT / 1e9:g} GB")
    sys.exit(peak >= LIMIT)


if __name__ == "__main__":
    main()
