"""Names that the font or a text file lacks letters for, in plots, sheets and pages."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from portrait_nst.report import plots
from portrait_nst.report.lettering import drawable
from portrait_nst.report.outputs import write
from portrait_nst.report.sheet import Tile, contact_sheet
from portrait_nst.report.trace import Trace

ODD = "日本" + os.fsdecode(b"caf\xe9")


def test_what_the_font_lacks_is_escaped() -> None:
    assert drawable("Zoë, Ärger, Żółć, Ἀθήνα, Привет…\nnext") == "Zoë, Ärger, Żółć, Ἀθήνα, Привет…\nnext"
    assert drawable(ODD) == r"\u65e5\u672ccaf" + ascii(ODD[-1])[1:-1]


@pytest.mark.filterwarnings("error")  # matplotlib warns of letters that its font lacks
@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_plots_take_any_name(suffix: str) -> None:
    traces = [Trace(f"{ODD} {number}", [{"total": 1.0 + number}, {"total": 0.5}]) for number in range(2)]
    data = plots.render(traces, suffix, title=ODD)
    assert data and (suffix == ".png" or rb"\u65e5" in data.decode("utf-8").encode())
    assert plots.render(traces[0], suffix, title=ODD)


def test_sheets_and_text_files_take_any_name(tmp_path: Path) -> None:
    tile = Tile(np.zeros((8, 8, 3), np.uint8), ODD, ODD)
    assert contact_sheet([tile], tmp_path / "sheet.png", title=ODD, subtitle=ODD).is_file()
    assert write(tmp_path / "a.csv", ODD).read_text("utf-8").startswith("日本caf\\udc")
