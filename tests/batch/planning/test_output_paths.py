"""Names of outputs: for odd and long names of photos, and for photos that want the same one."""

from __future__ import annotations

import os
from pathlib import Path

from portrait_nst.batch import Manifest, Order, Planner, plan
from portrait_nst.batch.planning import output_paths as naming
from tests.batch.fake_workers import photos

STYLE = Path("/styles/waves.png")


HOSTILE = [
    "with space.png",
    "new\nline.png",
    "quo'te\".png",
    "smile\U0001f600.png",
    "n" * 251 + ".png",
    "é" * 125 + ".png",
]


def test_hostile_names(tmp_path: Path) -> None:
    photos(tmp_path, HOSTILE)
    (tmp_path / os.fsdecode(b"latin\xe9.png")).write_bytes((tmp_path / HOSTILE[0]).read_bytes())
    out = tmp_path / "out"
    with Manifest.open(out) as manifest:
        planner = Planner(manifest)
        planner.enter_all(plan(Order([tmp_path], [STYLE]), out))
        rows = list(manifest.todo())
    assert planner.todo == len(rows) == 7
    outputs = [os.fsencode(row["output"]) for row in rows]
    assert len(set(outputs)) == 7
    assert max(map(len, outputs)) <= naming.LONGEST
    for output in outputs:
        (out / os.fsdecode(output)).touch()  # the file system takes it
        (out / os.fsdecode(output)).unlink()
        assert output.endswith(b"-waves.png")
        assert output == b"latin\xe9-waves.png" or output.decode()  # no letter is cut in two
    with Manifest.open(out) as manifest:  # and they are found again
        again = Planner(manifest)
        again.enter_all(plan(Order([tmp_path], [STYLE]), out))
        assert again.todo == 7 and len(list(manifest.todo())) == manifest.value("SELECT count(*) FROM jobs")


def test_names_that_clash_are_kept_apart_and_stay(tmp_path: Path) -> None:
    photos(tmp_path / "in", ["a.jpg", "a.png", "A.png"])
    order, out = Order([tmp_path / "in"], [STYLE, Path("/other/waves.jpg")]), tmp_path / "out"

    def outputs() -> dict[tuple[str, str], str]:
        with Manifest.open(out) as manifest:
            Planner(manifest).enter_all(plan(order, out))
            return {(row["photo"], row["style"]): row["output"] for row in manifest.todo()}

    first = outputs()
    assert len({name.casefold() for name in first.values()}) == len(first) == 6
    assert {"a-waves.png", "a-jpg-waves.png"} & set(first.values())
    photos(tmp_path / "in", ["0.png", "a.bmp"])
    later = outputs()
    assert len(later) == 10 and all(later[key] == name for key, name in first.items())
