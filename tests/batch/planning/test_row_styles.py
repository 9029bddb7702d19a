"""Rows with a blend of styles, with a style for each label of a map, or with styles by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from portrait_nst.batch import Order, plan
from portrait_nst.batch.planning.row_styles import as_stored, from_stored
from portrait_nst.errors import InputError
from portrait_nst.style_spec import StyleSpec
from tests.batch.runs import rows_file


def test_rows_of_mixtures(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text(
        "photo,style,blend,labels,region-style\na.jpg,s.png,t.png:0.5;u.png,,\nb.jpg,,,m.png,0=s.png; #ff0000=t.png:2\n"
    )
    first, second = plan(Order([], [], tmp_path / "jobs.csv"), tmp_path / "out")
    assert not first.error and not second.error and first.style and second.style
    assert first.style.blend == ((f"{tmp_path}/s.png", 1.0), (f"{tmp_path}/t.png", 0.5), (f"{tmp_path}/u.png", 1.0))
    assert (str(first.output), str(second.output)) == ("a-s+t+u.png", "b-regions.png")
    assert second.main_style is None and second.style.labels == f"{tmp_path}/m.png"
    assert second.style.regions == (("0", f"{tmp_path}/s.png", 1.0), ("#ff0000", f"{tmp_path}/t.png", 2.0))
    refused: list[tuple[dict[str, Any], str]] = [
        ({"labels": "m.png"}, "go together"),
        ({"labels": "m.png", "region_style": {"0": "s.png"}, "style": "s.png"}, "leave style, blend and mask out"),
        ({"region_style": ["nothing"], "labels": "m.png"}, "as in 128=starry.png"),
        ({"style": "s.png", "blend": 3}, "blend must name files"),
        ({"style": "s.png", "blend": ["t.png:0"]}, "a number over 0"),
        ({"kind": "popart", "blend": "t.png"}, "are for paintings"),
        ({"movement": "cubism", "library": "wikiart"}, "movement is not for rows"),
        ({"style": "s.png", "background": "s3://bucket/b.png"}, "background must be a local file"),
    ]
    jobs = plan(
        Order([], [], rows_file(tmp_path, *({"photo": "a.jpg", **row} for row, _ in refused))), tmp_path / "out"
    )
    for job, (row, words) in zip(jobs, refused, strict=True):
        assert words in job.error, row
    (tmp_path / "jobs.csv").write_text("photo,movement\n")
    with pytest.raises(InputError, match="movement is not for rows"):
        list(plan(Order([], [], tmp_path / "jobs.csv"), tmp_path / "out"))


def test_rows_and_mixtures_take_names(here: Path, library: Path) -> None:
    (here / "jobs.csv").write_text(
        "photo,style,blend,labels,region-style\na.jpg,RED,blue-dots:0.5;red.png,,\nb.jpg,,,m.png,0=Red;1=x/red\n"
        "c.jpg,rod,,,\nd.jpg,red,rod,,\n"
    )
    first, second, third, fourth = plan(Order([], [], here / "jobs.csv"), here / "out")
    assert first.style and second.style
    assert (first.main_style, str(first.output)) == (Path("red"), "a-red+blue_dots+red.png")
    assert first.style.blend == (("red", 1.0), ("blue_dots", 0.5), (str(here / "red.png"), 1.0))
    assert second.style.regions == (("0", "red", 1.0), ("1", str(here / "x" / "red"), 1.0))
    for job in (third, fourth):
        assert "no style 'rod'" in job.error and "Did you mean red?" in job.error
    (here / "RED").write_bytes(b"a file of that name")
    again = next(plan(Order([], [], here / "jobs.csv"), here / "out"))
    assert again.main_style == here / "RED"


def test_what_the_manifest_keeps_of_a_style_is_as_it_was() -> None:
    """Rows of older versions have this form, and its hash says whether a row changed."""
    blend = StyleSpec((("/s.png", 1.0), ("oil", 0.5)))
    regions = StyleSpec(labels="/m.png", regions=(("0", "/s.png", 1.0), ("#ff0000", "oil", 2.0)))
    stored = [
        '{"blend": [["oil", 0.5]], "labels": "", "regions": []}',
        '{"blend": [], "labels": "/m.png", "regions": [["0", "/s.png", 1.0], ["#ff0000", "oil", 2.0]]}',
    ]
    assert [json.dumps(as_stored(style)) for style in (blend, regions)] == stored
    assert from_stored(Path("/s.png"), json.loads(stored[0])) == blend
    assert from_stored(None, json.loads(stored[1])) == regions
    single = StyleSpec((("/s.png", 1.0),))
    assert as_stored(single) is None and from_stored(Path("/s.png"), None) == single
    assert as_stored(None) is None and from_stored(None, None) is None
