"""A clip as an animated drawing (SVG): pop art without pixels, of all frames at once."""

from __future__ import annotations

from portrait_nst.video.order import Order
from portrait_nst.video.progress import OnProgress, Pace
from portrait_nst.video.surveying import look


def draw(asked: Order, on_progress: OnProgress, began: float, *, overwrite: bool) -> tuple[int, tuple[str, ...]]:
    """Write the drawing of `asked`, whole or not at all: how many frames it is of, and remarks for the user.

    Drawings are small, so that a clip's are held at once; one that is interrupted is begun anew. Raises as `stylize_video` does.
    """
    from portrait_nst.video.painters.popart import PopartFrames
    from portrait_nst.video.svg import AnimatedSvg

    found = look(asked.reader, asked.segmenter, on_progress, began)
    tools, pace, svg = asked.tools(), Pace(len(found.pts), 0, began), AnimatedSvg()
    painter = tools.painter
    assert isinstance(painter, PopartFrames)  # `order` has looked
    ends = [*(int(pts) for pts in found.pts[1:]), found.end]
    unit = float(asked.reader.info.time_base)
    starts = {shot.first: number for number, shot in enumerate(found.shots)}
    for number, frame in enumerate(asked.reader):
        if number in starts:
            tools.begin(starts[number], found.shots[starts[number]], found.pts)
        painter.paint(tools.tracker.see(frame))
        svg.add(painter.drawing, max(ends[number] - frame.pts, 1) * unit)
        on_progress(pace.painted())
    svg.save(asked.target, overwrite=overwrite)
    return len(found.pts), tuple(dict.fromkeys((*asked.reader.notes, *tools.notes)))
