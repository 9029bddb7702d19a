"""The state of a batch, and the page about it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from portrait_nst.batch import Done, Manifest, Options, Order, expect, opened, status, write_page
from tests.batch.runs import paint


def test_status_page_and_values(order: Order, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (tmp_path / "in" / "<b>.png").write_bytes(b"no picture")
    paint(order, out)
    with Manifest.read(out) as manifest:
        facts = status(manifest)
        write_page(manifest, tmp_path / "page.html")
        page = (tmp_path / "page.html").read_text()
    assert facts["states"] == {"pending": 0, "running": 0, "done": 3, "failed": 1} and not facts["locked"]
    assert "no picture" not in page and "&lt;b&gt;.png" in page and "<b>.png" not in page
    assert page.count("data:image/webp") == 3 and "http" not in page.replace("http-equiv", "")
    assert json.dumps(Done(Path("a"), None, None).as_dict())


def test_a_forecast_is_no_guess_where_such_pictures_were_painted(order: Order, tmp_path: Path) -> None:
    out, rows = tmp_path / "out", tmp_path / "jobs.csv"
    paint(order, out)
    rows.write_text("photo,kind\nin/a.png,popart\n")
    popart = Order([], [], rows, settings=order.settings)
    again = replace(order, settings=order.settings.replace(seed=1))
    with opened(again, out, Options(workers=1)) as session:
        session.plan()
        assert expect(session).known and "as measured here" in expect(session).in_words()
    with opened(popart, out, Options(workers=1)) as session:
        session.plan()
        assert not expect(session).known and "a guess, no batch has made such pictures" in expect(session).in_words()
