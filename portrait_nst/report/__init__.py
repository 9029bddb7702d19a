"""Reports of one run and of several side by side: plots, time-lapses, contact sheets, pages, the experiment grid.

matplotlib, PyAV and Jinja are imported when they are first used.
"""

from __future__ import annotations

from portrait_nst.report.compare import Comparison, compare
from portrait_nst.report.page import write_page
from portrait_nst.report.plots import loss_plot
from portrait_nst.report.runs import Run
from portrait_nst.report.sheet import Tile, contact_sheet
from portrait_nst.report.single import Watch, check_report_outputs
from portrait_nst.report.style_sheet import Sample, StyleSheet, style_sheet
from portrait_nst.report.timelapse import Timelapse
from portrait_nst.report.trace import Recorder, Trace
from portrait_nst.report.vary import parse_set, parse_vary

__all__ = [
    "Comparison",
    "Recorder",
    "Run",
    "Sample",
    "StyleSheet",
    "Tile",
    "Timelapse",
    "Trace",
    "Watch",
    "check_report_outputs",
    "compare",
    "contact_sheet",
    "loss_plot",
    "parse_set",
    "parse_vary",
    "style_sheet",
    "write_page",
]
