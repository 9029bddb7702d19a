"""The Ray engine: what could never start; a real cluster of two nodes, one of which dies: `pytest -m ray`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from portrait_nst import clips
from portrait_nst.batch.workers.ray import check_room
from portrait_nst.errors import ResourceError
from tests.batch.fake_workers import photos
from tests.batch.runs import ROOT, pictures
from tests.clips import makers


def test_actors_that_could_never_start_are_refused() -> None:
    check_room({"CPU": 2.0}, 2, 1.0, 0.0)
    with pytest.raises(ResourceError, match=r"8 workers with 1 CPU each.*finds 2"):
        check_room({"CPU": 2.0}, 8, 1.0, 0.0)
    with pytest.raises(ResourceError, match=r"0\.25 GPU each.*finds 0 here.*--gpus"):
        check_room({"CPU": 2.0}, 1, 1.0, 0.25)


PICTURES = 30
FRAMES = 30  # three shots


SCRIPT = """
import sys
from pathlib import Path
from portrait_nst.batch import Options, Order, opened
from portrait_nst.settings import Settings
from tests.batch.fake_workers import Overlapping

folder, out, engine = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
order = Order([folder], [folder / "0.png"], settings=Settings(device="cpu"))
options = Options(workers=2)
if __name__ == "__main__":
    if engine == "ray":
        from ray.cluster_utils import Cluster

        small = {"num_cpus": 1, "object_store_memory": 100_000_000}
        cluster = Cluster(initialize_head=True, head_node_args={**small, "include_dashboard": False})
        other = cluster.add_node(**small)
        options = Options(workers=2, engine="ray", address=cluster.address)
    with opened(order, out, options, Overlapping) as session:
        session.plan()
        with session.engine() as working:
            for number, done in enumerate(session.paint(working)):
                assert not done.error, done.error
                if engine == "ray" and number == 6:
                    cluster.remove_node(other, allow_graceful=False)
                    cluster.add_node(**small)
    print(session.painted)
    if engine == "ray":
        import ray

        ray.shutdown()
        cluster.shutdown()
"""


@pytest.mark.ray
def test_a_node_dies_and_the_folder_is_that_of_the_local_engine(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    photos(tmp_path / "in", [f"{number}.png" for number in range(PICTURES)])
    (tmp_path / "run.py").write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RAY_DISABLE_IMPORT_WARNING": "1"}
    for engine in ("local", "ray"):
        command = [sys.executable, str(tmp_path / "run.py"), str(tmp_path / "in"), str(tmp_path / engine), engine]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=400, check=False)
        assert done.returncode == 0, done.stderr
        assert str(PICTURES - 1) in done.stdout.splitlines()  # one of them is the style
    assert pictures(tmp_path / "ray") == pictures(tmp_path / "local")


FILM = """
import sys
from pathlib import Path
from portrait_nst.batch import Options, Order, opened
from portrait_nst.settings import Settings
from tests.batch.fake_workers import Cutting

folder, out = map(Path, sys.argv[1:])
order = Order([folder / "accident.mp4"], [folder / "style.png"], settings=Settings(device="cpu"))
if __name__ == "__main__":
    from ray.cluster_utils import Cluster

    small = {"num_cpus": 1, "object_store_memory": 100_000_000}
    cluster = Cluster(initialize_head=True, head_node_args={**small, "include_dashboard": False})
    cluster.add_node(**small)
    with opened(order, out, Options(workers=2, engine="ray", address=cluster.address), Cutting) as session:
        session.plan()
        with session.engine() as working:
            for done in session.paint(working):
                assert not done.error, done.error
    import ray

    ray.shutdown()
    cluster.shutdown()
"""


@pytest.mark.ray
def test_shots_of_a_film_go_to_several_actors_and_one_of_them_dies(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    photos(tmp_path, ["style.png"])
    makers.plain_clip(tmp_path, frames=FRAMES, size=(32, 48), suffix=".mp4", name="accident", time_base=Fraction(1, 10))
    (tmp_path / "run.py").write_text(FILM)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RAY_DISABLE_IMPORT_WARNING": "1"}
    command = [sys.executable, str(tmp_path / "run.py"), str(tmp_path), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    pieces = [line.split() for line in (tmp_path / "out" / "pieces.log").read_text().splitlines()]
    assert {piece for piece, _ in pieces} == {"-1", "0", "1", "2", "None"} and pieces[-1][0] == "None"
    assert len({process for piece, process in pieces if piece in "012"}) >= 2
    assert clips.probe(tmp_path / "out" / "accident-style.mp4").frames == FRAMES
    painted = Counter((tmp_path / "out" / "frames.log").read_text().split())
    assert set(painted) == {str(number) for number in range(FRAMES)}
    assert {int(number) for number, times in painted.items() if times > 1} <= set(range(10, 14))
