"""Our engine beside the recipe of the well-known tools, on the same pictures, masks, weights and threads.

    python -m tests.benchmarks.speed.reference --teacher vgg19.npz --photo A.jpg --photo B.jpg \\
        --style S.jpg --style T.jpg --style U.jpg --size 512 --iterations 500 --threads 2 --out DIR

For each photo and style, each in a process of its own:

- reference:    see `recipe`: VGG-19, the whole picture, one scale, pixels, float32, torch's L-BFGS;
- same encoder: our engine with the same VGG-19 and weights, coarse to fine in the box around the person;
- still grid:   the same on the sampling grid and between the borders that the reference has: nothing moved, nothing mirrored
                beyond them, which costs quality and lowers the number;
- pystiche:     the reference's sum and steps by that library, with --pystiche; see `pystiche_run`;
- draft, standard, fine: our engine with the embedded encoder, as `stylize` paints (sizes in proportion to --size).

Seconds are those of painting with networks loaded: targets and content features count, segmentation does not. After
a run the pictures that it left are judged: by the objective that the first two minimise (float32, the whole picture at full
size, the encoder's own grid; before and after the picture is clipped to [0, 1], the headlines being of the former), and by
the teacher's style and content distance (`measures.Judge`). "moved" is the last picture's objective on four other sampling
grids: what it did not owe to its own. `same encoder` and the qualities move their grid as they go. DIR gets a JSON for each
run as soon as it is done, ``table.md``, ``all.json``, the results, and a plot for each pair. --resume leaves runs that are
done, and were asked the same, as they are. While there is a file ``DIR/pause`` a run of ours or of the reference waits
before its next iteration and its clock stands still: the machine may then be used for something else.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from portrait_nst import Settings, encoders, imaging
from portrait_nst.encoders import Encoder
from portrait_nst.qualities import QUALITIES
from portrait_nst.transfer import build_config, colour
from portrait_nst.types import FloatArray
from tests.benchmarks.measures import Judge
from tests.benchmarks.speed import curves
from tests.benchmarks.speed.processes import python
from tests.benchmarks.speed.recipe import SCALE, PlainObjective
from tests.benchmarks.speed.runs import growing
from tests.benchmarks.speed.scenes import Likeness, prepare, tensor
from tests.benchmarks.speed.tables import gigabytes, machine, markdown

TEACHERS = (
    "reference",
    "pystiche",
    "same encoder",
    "still grid",
)  # those with the teacher as encoder, which minimise its objective
MOVED = ((1, 1), (2, 2), (3, 3), (1, 2))
STANDARD = 512  # the --size at which a quality has its own size


class Bench:
    """One photo in one style."""

    def __init__(self, photo: Path, style: Path, teacher: Encoder, args: argparse.Namespace, work: Path) -> None:
        self.name, self.args, self.work = f"{photo.stem}-{style.stem}", args, work
        picture = imaging.load(photo)
        self.scene = prepare(picture, imaging.load(style), args.size, teacher)
        self.scene.save(work / "scene.npz")
        weights = build_config(Settings(), teacher, *self.scene.size).weights
        content, mask = tensor(self.scene.content), tensor(self.scene.mask)[0, 0]
        seen = tensor(self.scene.seen)
        self.objective = PlainObjective(teacher, content, mask, seen, weights)
        self.moved = [
            (y, x, PlainObjective(teacher, content[..., y:, x:], mask[y:, x:], seen, weights)) for y, x in MOVED
        ]
        self.judge = Judge(teacher, self.scene.content, imaging.to_float(self.scene.style), self.scene.mask)
        self.start = self.judge(self.scene.content)
        self.likeness = Likeness(picture, self.scene)

    def run(self, kind: str) -> dict[str, Any]:
        """Run and judge one kind; what it took and its curves."""
        with tempfile.TemporaryDirectory(dir=self.work) as name:
            folder = Path(name)
            spec = folder / "spec.json"
            places = {
                "folder": str(folder),
                "scene": str(self.work / "scene.npz"),
                "facts": str(self.work / "facts.pt"),
                "pause": str(self.args.out / "pause"),
            }
            asked = orders(kind, self.args)
            spec.write_text(json.dumps({**asked, **places}))
            subprocess.run(self._command(kind, spec), check=True)
            found = json.loads((folder / "times.json").read_text())
            pictures = {number: np.load(folder / f"{number:06d}.npy", mmap_mode="r") for number in found["saved"]}
            found |= self._judged(found, pictures, kind in TEACHERS)
            last = np.clip(pictures[found["saved"][-1]], 0, 1)
            Image.fromarray(self.likeness.result(last)).save(
                self.args.out / f"{self.name}-{kind.replace(' ', '-')}.png"
            )
            return {
                **found,
                "asked": asked,
                "likeness": self.likeness.of(last),
                "start": self.start,
                "machine": machine(self.args.threads),
            }

    def _command(self, kind: str, spec: Path) -> list[str]:
        if kind != "pystiche":
            return python("tests.benchmarks.speed.runs", spec)
        facts = self.objective.facts(tensor(self.scene.content), tensor(self.scene.seen))
        torch.save(facts, self.work / "facts.pt")
        return [str(self.args.pystiche), "-P", str(Path(__file__).with_name("pystiche_run.py")), str(spec)]

    def _judged(self, found: dict[str, Any], pictures: dict[int, FloatArray], own: bool) -> dict[str, Any]:
        def full(number: int) -> FloatArray:
            return colour.resize(np.array(pictures[number]), self.scene.size)

        def value(picture: FloatArray) -> float:
            with torch.no_grad():
                return float(self.objective(tensor(picture)))

        made: dict[str, Any] = {}
        if own:
            made["objective"] = [value(full(number)) for number in found["saved"]]
            made["clipped"] = [value(np.clip(full(number), 0, 1)) for number in found["saved"]]
            made["objective_seconds"] = [found["seconds"][number - 1] for number in found["saved"]]
            last = tensor(full(found["saved"][-1]))
            with torch.no_grad():
                made["moved"] = float(np.mean([float(term(last[..., y:, x:])) for y, x, term in self.moved]))
        places = {round(p) for p in np.linspace(len(found["saved"]) - 1, 0, self.args.judged)}
        numbers = [found["saved"][place] for place in sorted(places)]
        distances = [self.judge(np.clip(full(number), 0, 1)) for number in numbers]
        made["judged_seconds"] = [found["seconds"][number - 1] for number in numbers]
        return {**made, "style": [d["style"] for d in distances], "content": [d["content"] for d in distances]}


def orders(kind: str, args: argparse.Namespace) -> dict[str, Any]:
    """What a run of this kind is told, and by which --resume knows whether it was the same."""
    if kind in ("reference", "pystiche"):
        wanted = [*growing(args.iterations), args.iterations]
        own: dict[str, Any] = {"iterations": args.iterations, "wanted": wanted, "scale": SCALE}
    elif kind in TEACHERS:
        settings = {"size": args.size, "levels": 1, "scales": args.scales, "device": "cpu", **args.set}
        own = {"schedule": args.schedule, "settings": settings}
        own |= {"still": True, "history": args.history} if kind == "still grid" else {}
    else:
        size = round(Settings.from_recipe({"quality": kind}).preset_of_quality.size * args.size / STANDARD)
        own = {"hold": True, "settings": {"quality": kind, "size": size, "device": "cpu"}}
    teacher = kind in TEACHERS
    encoder = {"encoder": "vgg19" if teacher else "embedded", "weights": str(args.teacher) if teacher else None}
    return {"kind": kind, "size": args.size, "threads": args.threads, **encoder, **own}


def report(out: Path, pairs: dict[str, dict[str, dict[str, Any]]], about: str) -> str:
    """Write ``table.md`` and ``all.json`` of what is there so far; the table."""
    rows = []
    for pair, runs in pairs.items():
        known = runs.get("reference")
        for kind, run in runs.items():
            fall = 1 - run["style"][-1] / run["start"]["style"]
            objective = run["objective"][-1] if run.get("objective") else None
            clipped = run["clipped"][-1] if run.get("clipped") else None
            size = [gigabytes(run["peak"]), gigabytes(run["before"]), run["likeness"]]
            cells = [
                run["steps"],
                run["seconds"][-1],
                objective,
                run.get("moved"),
                clipped,
                f"{fall:.2%}",
                run["style"][-1],
                run["content"][-1],
                known and curves.until(known["judged_seconds"], known["style"], run["style"][-1]),
            ]
            rows.append([pair, kind, *cells, *size])
    head = ["pair", "run", "steps", "seconds", "objective", "moved", "clipped", "style's fall", "style", "content"]
    head.append("reference takes s to this style")
    text = f"{about}\n\n" + markdown([*head, "peak GB", "GB before", "likeness"], rows)
    heads = {pair: curves.headlines(runs) for pair, runs in pairs.items() if "reference" in runs}
    if heads:
        names = list(dict.fromkeys(name for values in heads.values() for name in values))
        lines: list[list[object]] = [[pair, *(values.get(name) for name in names)] for pair, values in heads.items()]
        lines.append(["geometric mean", *(curves.geometric(v.get(name) for v in heads.values()) for name in names)])
        text += "\nSeconds until our objective is within 2 % of the reference's last, over the reference's seconds for all its\n"
        text += "iterations and over its own until within 2 % of its last; memory as the ratio of peaks.\n\n"
        text += markdown(["pair", *names], lines)
    (out / "table.md").write_text(text)
    (out / "all.json").write_text(json.dumps({"about": about, "pairs": pairs, "headlines": heads}, indent=1) + "\n")
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--photo", type=Path, action="append", required=True)
    parser.add_argument("--style", type=Path, action="append", required=True)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--iterations", type=int, default=500)
    parser.add_argument("--scales", type=lambda t: [float(v) for v in t.split(",")], default=[0.25, 0.5, 1.0])
    parser.add_argument("--schedule", type=lambda t: [int(v) for v in t.split(",")], default=[40, 30, 60])
    parser.add_argument("--history", type=int, default=8, help="of L-BFGS in `still grid`")
    parser.add_argument("--set", type=json.loads, default={}, help="settings of `same encoder`, as JSON")
    parser.add_argument(
        "--kinds", type=lambda t: t.split(","), default=["reference", "same encoder", *QUALITIES["gram"]]
    )
    parser.add_argument("--judged", type=int, default=8, help="pictures of each run judged by the teacher")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pystiche", type=Path, help="a Python that has pystiche 1.0.1, for one more run")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    if len(args.scales) != len(args.schedule):
        parser.error("--scales and --schedule must be of one length")
    kinds = [*args.kinds[:1], *(["pystiche"] if args.pystiche else []), *args.kinds[1:]]
    args.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(args.threads)
    teacher = encoders.get("vgg19", args.teacher)
    about = f"{machine(args.threads)}; {args.size} px, {args.iterations} iterations of the reference; "
    about += f"same encoder at {args.scales} for {args.schedule}"
    about += f" {args.set}" if args.set else ""
    pairs: dict[str, dict[str, dict[str, Any]]] = {}
    for photo in args.photo:
        for style in args.style:
            with tempfile.TemporaryDirectory() as name:
                bench: Bench | None = None
                pair = f"{photo.stem}-{style.stem}"
                for kind in kinds:
                    kept = args.out / f"{pair}-{kind.replace(' ', '-')}.json"
                    run = json.loads(kept.read_text()) if args.resume and kept.is_file() else None
                    if run is not None and run["asked"] == orders(kind, args):
                        print(f"{pair}, {kind}: done before, left as it is", file=sys.stderr, flush=True)
                    else:
                        bench = bench or Bench(photo, style, teacher, args, Path(name))
                        run = bench.run(kind)
                        kept.write_text(json.dumps(run) + "\n")
                        print(f"{pair}, {kind}: {run['seconds'][-1]:.1f} s", file=sys.stderr, flush=True)
                    pairs.setdefault(pair, {})[kind] = run
                    text = report(args.out, pairs, about)
            curves.plot(args.out / f"{pair}.png", pair, pairs[pair])
    print(text)


if __name__ == "__main__":
    main()
