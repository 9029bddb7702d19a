"""A clip as an animated drawing (SVG): pop art without pixels, of all frames at once."""

from __future__ import annotations

from portrait_nst.video.order import Order
from portrait_nst.video.progress import OnProgress, Pace
from portrait_nst.video.surveying import look

UNFINISHED = "the drawing ends where it was interrupted; the same command with --force begins anew"


def draw(asked: Order, on_progress: OnProgress, began: float, *, overwrite: bool) -> tuple[int, tuple[str, ...], bool]:
    """Write the drawing of `asked`: how many frames it is of, remarks for the user, and whether these are all.

    Drawings are small, so that a clip's are held at once, and nothing is kept beside the file: after a KeyboardInterrupt in
    `on_progress` it holds the frames so far, and the next call begins anew. Raises as `stylize_video` does.
    """
    from portrait_nst.video.painters.popart import PopartFrames
    from portrait_nst.video.svg import AnimatedSvg

    found = look(asked.reader, asked.segmenter, asked.people, on_progress, began)
    tools, svg = asked.tools(), AnimatedSvg()
    pace = Pace(len(found.pts), 0, began, tools.cycle)
    painter = tools.painter
    assert isinstance(painter, PopartFrames)  # `order` has looked
    ends = [*(int(pts) for pts in found.pts[1:]), found.end]
    unit = float(asked.reader.info.time_base)
    starts = {shot.first: number for number, shot in enumerate(found.shots)}
    drawn, stopped = 0, False
    for number, frame in enumerate(asked.reader):
        if number in starts:
            tools.begin(starts[number], found.shots[starts[number]], found.pts)
        painter.paint(tools.tracker.see(frame))
        svg.add(painter.drawing, max(ends[number] - frame.pts, 1) * unit)
        drawn += 1
        try:
            on_progress(pace.painted())
        except KeyboardInterrupt:
            stopped = drawn < len(found.pts)
            break
    svg.save(asked.target, overwrite=overwrite)
    notes = (*asked.reader.notes, *tools.notes, *([UNFINISHED] if stopped else []))
    return drawn, tuple(dict.fromkeys(notes)), not stopped
