"""The reports of a single run: `--plot` and `--timelapse`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from portrait_nst.errors import InputError
from portrait_nst.report import plots, timelapse
from portrait_nst.report.outputs import check_file
from portrait_nst.report.sheet import on_white
from portrait_nst.report.trace import Recorder
from portrait_nst.result import Result
from portrait_nst.settings import Picture, parse_background
from portrait_nst.types import Step, UInt8Array


def check_report_outputs(
    plot: str | Path | None = None,
    timelapse_path: str | Path | None = None,
    *,
    overwrite: bool = False,
    inputs: Sequence[str | Path] = (),
    outputs: Sequence[str | Path] = (),
) -> None:
    """Raise now what writing a plot and a time-lapse would raise after the painting.

    inputs:  files that are never overwritten; outputs: files that the same run writes, whose names are taken.

    Raises InputError: another suffix, a folder, a file that exists without `overwrite`, a name given twice.
    """
    taken = {Path(other).resolve() for other in outputs}
    for path, kinds, what in (
        (plot, plots.KINDS, "The loss plot"),
        (timelapse_path, timelapse.KINDS, "The time-lapse"),
    ):
        if path is None:
            continue
        if Path(path).resolve() in taken:
            raise InputError(f"{path} is the name of two outputs; give each its own.")
        taken.add(Path(path).resolve())
        check_file(path, kinds, what, overwrite=overwrite, inputs=inputs)


class Watch:
    """Watches a run and writes its reports.

    watch = Watch(plot="losses.svg", film="me.mp4", first=photo.rgb)
    result = stylize(photo, style, on_step=watch)
    watch.write(result)
    """

    def __init__(
        self,
        plot: str | Path | None = None,
        film: str | Path | None = None,
        *,
        title: str = "",
        first: UInt8Array | None = None,
        seconds: float = timelapse.SECONDS,
        fps: float | None = None,
        overwrite: bool = False,
        inputs: Sequence[str | Path] = (),
        outputs: Sequence[str | Path] = (),
    ) -> None:
        """Check the outputs, and raise for them what `check_report_outputs` raises.

        plot, film: the files to write, or None; title: the title of the plot; first, seconds, fps: as in `Timelapse`.
        overwrite, inputs, outputs: as in `check_report_outputs`.
        """
        check_report_outputs(plot, film, overwrite=overwrite, inputs=inputs, outputs=outputs)
        self._plot = None if plot is None else Path(plot)
        self._title, self._overwrite = title, overwrite
        self._recorder = Recorder()
        self._film = None
        if film is not None:
            self._film = timelapse.Timelapse(
                film, seconds=seconds, fps=fps, first=first, overwrite=overwrite, inputs=inputs
            )

    def __call__(self, step: Step) -> None:
        """Take a step of the run that is watched."""
        self._recorder(step)
        if self._film is not None:
            self._film.on_step(step)

    def write(self, result: Result) -> list[Path]:
        """Write what was asked for; returns the paths. The film ends in the picture of `result`."""
        written = []
        if self._plot is not None:
            trace = self._recorder.trace(seconds=result.seconds)
            written.append(plots.loss_plot(trace, self._plot, overwrite=self._overwrite, title=self._title))
        if self._film is not None:
            matte = None if _paints_all(result) else result.matte.alpha
            written.append(self._film.close(on_white(result.rgb, result.alpha), matte=matte))
        return written


def _paints_all(result: Result) -> bool:
    """Whether the background was painted too, in a style of its own, and so moves in the film."""
    return isinstance(parse_background(result.recipe.get("settings", {}).get("background", "keep")), Picture)
