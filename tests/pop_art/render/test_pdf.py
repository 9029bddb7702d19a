"""The picture as PDF."""

from __future__ import annotations

import re

import pytest


@pytest.mark.parametrize("mode", ["ramp", "dots", "grid"])
def test_pdf_is_a_page_of_its_own_shape(mode: str, request: pytest.FixtureRequest) -> None:
    data = request.getfixturevalue(mode).pdf()
    assert data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF")
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", data)
    assert box and max(float(box[1]), float(box[2])) == pytest.approx(200 / 25.4 * 72, abs=0.5)
