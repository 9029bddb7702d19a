"""Loss plots: terms of one run, several runs, files, and values that a logarithmic scale cannot show."""

from __future__ import annotations

import math
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from portrait_nst import InputError
from portrait_nst.report import Recorder, Trace, loss_plot
from portrait_nst.report.plots import LIGHT, render
from tests.report.conftest import made_up_steps, made_up_trace


def has_colour(path: Path, colour: str) -> bool:
    rgb = np.asarray(Image.open(path).convert("RGB")).astype(int)
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return int((np.abs(rgb - wanted).max(2) < 12).sum()) > 100


def test_one_run_shows_every_term_and_scale(trace: Trace, tmp_path: Path) -> None:
    path = loss_plot(trace, tmp_path / "a.png")
    assert Image.open(path).width > 1000
    for term, colour in LIGHT.terms:
        assert term == "total" or has_colour(path, colour), term
    texts = written(trace)
    assert {"30 x 40", "60 x 80", "90 x 120"} <= texts
    assert any(text.startswith("style  ") for text in texts) and any(text.startswith("tv  ") for text in texts)


def written(*traces: Trace) -> set[str]:
    """All text of the plot: matplotlib names every text in a comment of the SVG."""
    data = render(traces if len(traces) > 1 else traces[0], ".svg").decode()
    return {part.split("-->")[0].strip() for part in data.split("<!--")[1:]}


def test_several_runs_have_a_line_and_a_name_each(tmp_path: Path) -> None:
    traces = [made_up_trace(f"optimizer {i}", level=1 + i) for i in range(9)]
    path = loss_plot(traces, tmp_path / "a.svg", title="Nine <runs> & $more_")
    assert ET.parse(path).getroot().tag.endswith("svg")
    texts = written(*traces)
    assert all(any(text.startswith(f"optimizer {i} ") for text in texts) for i in range(9))
    assert "Nine <runs> & $more_" not in written(made_up_trace())


def test_the_same_runs_give_the_same_bytes_and_dark_ones_others(trace: Trace) -> None:
    for kind in (".svg", ".png"):
        assert render(trace, kind) == render(trace, kind) != render(trace, kind, dark=True)


def test_what_a_logarithm_cannot_show_is_left_out() -> None:
    steps = [{"style": 1.0, "content": math.nan, "tv": 0.0, "total": 1.0}, {"style": 0.5, "tv": 0.0, "total": math.inf}]
    assert any(text.startswith("style  0.5") for text in written(Trace("odd", steps)))
    assert "no losses were recorded" in written(Trace("empty", []))
    render([Trace("one step", steps[:1]), Trace("empty", [])], ".png")


@pytest.mark.parametrize("name", ["a.gif", "a", "there.png", "none/a.png", "folder.png"])
def test_files_that_cannot_be_written(name: str, trace: Trace, tmp_path: Path) -> None:
    (tmp_path / "there.png").write_bytes(b"precious")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(InputError):
        loss_plot(trace, tmp_path / name)
    assert (tmp_path / "there.png").read_bytes() == b"precious"
    assert loss_plot(trace, tmp_path / "there.png", overwrite=True).stat().st_size > 1000
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder.png", "there.png"]


def test_plotting_leaves_pyplot_and_its_settings_alone(trace: Trace) -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    render(trace, ".png")
    assert dict(matplotlib.rcParams) == before
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or not pyplot.get_fignums()


def test_a_recorder_marks_the_scales(tmp_path: Path) -> None:
    recorder = Recorder()
    for step in made_up_steps(30):
        recorder(step)
    trace = recorder.trace("run", 1.5)
    assert trace.scales == ((0, (40, 30)), (10, (80, 60)), (20, (120, 90)))
    assert len(trace.losses) == 30 and trace.seconds == 1.5
    again = Trace.from_dict("run", trace.as_dict())
    assert (again.scales, list(again.losses), again.seconds) == (trace.scales, list(trace.losses), trace.seconds)
