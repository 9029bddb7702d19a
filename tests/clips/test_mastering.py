"""What an HDR clip says of its display stays in HEVC and AV1."""

from __future__ import annotations

from pathlib import Path

import pytest

from portrait_nst.clips import ClipWriter, choose, read
from portrait_nst.clips.mastering import Mastering, mastering_of
from tests.clips.makers import plain_clip

DISPLAY = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
NUMBERS = (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329, 0.005, 1000)


def hdr(folder: Path) -> Path:
    told = f"log-level=none:master-display={DISPLAY}:max-cll=1000,400"
    options = {"x265-params": told}
    return plain_clip(
        folder, "libx265", "yuv420p10le", frames=3, matrix=9, transfer=16, primaries=9, options=options, name="hdr"
    )


def test_it_is_read(tmp_path: Path) -> None:
    found = mastering_of(hdr(tmp_path))
    assert [float(value) for value in found.display] == pytest.approx(NUMBERS)
    assert found.light == (1000, 400)
    assert mastering_of(plain_clip(tmp_path)) == Mastering()


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", None), ("a.mov", "hevc"), ("a.mkv", "av1"), ("a.webm", None)])
def test_it_is_written(name: str, codec: str | None, tmp_path: Path) -> None:
    path, out = hdr(tmp_path), tmp_path / name
    with read(path) as clip, ClipWriter(out, choose(out, codec, clip.info), clip.info) as writer:
        for frame in clip:
            writer.write(frame)
    found = mastering_of(out)
    assert [float(value) for value in found.display] == pytest.approx(NUMBERS, abs=1e-4)
    assert found.light == (1000, 400)


def test_where_it_cannot_be_a_note_says_so(tmp_path: Path) -> None:
    with read(hdr(tmp_path)) as clip:
        notes = choose(Path("a.mov"), "prores", clip.info).notes
        assert "What the clip says of its mastering display is left out of ProRes." in notes
        assert choose(Path("a.gif"), None, clip.info).notes == ("GIF has colours of standard range.",)
