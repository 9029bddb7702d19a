"""Every way of painting on a device, each once and small, and paintings of the usual sizes with their seconds and memory.

    python -m tests.benchmarks.speed.devices --device cuda:0 --device cuda --mask MATTE.png --out DIR

First each of `CASES` is painted at 96 px on the device and on the CPU, both with float32: an error of the device is told with its
last line and the case's name, the others go on, and the exit status is 1 at the end. The table has the mean difference of the two
pictures in levels, which is chaotic with L-BFGS after some steps and small after the few that are done here.
Then the astronaut is painted in --style with each --quality, once to warm up and once measured: seconds, and the peak of the
device's memory. Then a small batch is painted by two workers on all devices that have a number.

It needs no MediaPipe: the astronaut's face was found before, and the matte is --mask (all of the photo without it). With
`--device cpu` it tries itself.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from portrait_nst import Settings, batch, encoders, imaging, named_styles, pipeline, segmentation
from portrait_nst.batch.workers.task import Conditions
from portrait_nst.batch.workers.worker import PaintWorker
from portrait_nst.planning import Mode
from portrait_nst.result import Result
from portrait_nst.transfer import windowed_optimizer
from portrait_nst.types import Face, Photo
from tests.benchmarks.speed.tables import markdown
from tests.encoders import networks

ROOT = Path(__file__).parents[3]
PHOTO = ROOT / "samples" / "astronaut.jpg"
SIDE = 96  # pixels of a small painting
WINDOW = 48  # pixels of a window, so that a small painting has several
FACE = Face(
    (174.2, 75.2, 99.6, 99.6),
    ((204.5, 102.7), (246.5, 105.3), (224.8, 129.4), (223.5, 148.9), (180.4, 109.6), (267.7, 114.5)),
    0.906,
)


@dataclass(frozen=True)
class Case:
    """A way of painting: its settings, how the canvases are taken, and whether styles or regions are several."""

    settings: dict[str, Any] = field(default_factory=dict)
    mode: Mode | None = None
    blend: bool = False
    labels: bool = False


def _cases() -> dict[str, Case]:
    found = {}
    modes: tuple[Mode, ...] = ("tiled", "windowed")
    for method in ("painterly", "gram"):
        for optimizer in ("lbfgs", "adam", "nadam", "rmsprop", "sgd"):
            found[f"{method} {optimizer}"] = Case({"method": method, "optimizer": optimizer})
        for mode in modes:
            found[f"{method} {mode}"] = Case({"method": method}, mode)
        found[f"{method} bfloat16"] = Case({"method": method, "precision": "bfloat16"})
        found[f"{method} windowed bfloat16"] = Case({"method": method, "precision": "bfloat16"}, "windowed")
        found[f"{method} adam tiled"] = Case({"method": method, "optimizer": "adam"}, "tiled")
        found[f"{method} likeness"] = Case({"method": method, "likeness": 0.9})
        found[f"{method} identity"] = Case({"method": method, "identity_weights": "stand-in"})
        found[f"{method} blend"] = Case({"method": method}, blend=True)
        found[f"{method} labels"] = Case({"method": method}, labels=True)
        found[f"{method} pixels"] = Case({"method": method, "canvas": "pixels"})
        found[f"{method} max pooling"] = Case({"method": method, "pooling": "max"})
        for name, values in {
            "colours": ("luminance", "pca", "cholesky"),
            "init": ("statistics", "random"),
            "guidance": ("inside", "all"),
            "background": ("woodcut", "transparent"),
            "recolour": (0.0,),
            "coarse_style": ("woodcut",),
        }.items():
            for value in values:
                found[f"{method} {name} {value}"] = Case({"method": method, name: value})
    for name in ("relative", "gatys2015", "gatys2016", "chollet", "half"):
        found[f"losses {name}"] = Case({"method": "gram", "normalisation": name})
    found["wasserstein"] = Case({"method": "gram", "style_loss": "wasserstein"})
    found["wasserstein tiled"] = Case({"method": "gram", "style_loss": "wasserstein"}, "tiled")
    found["values byte"] = Case({"method": "gram", "values": "byte", "normalisation": "gatys2016"})
    found["total variation"] = Case({"method": "gram", "tv_weight": 0.1, "tv_exponent": 1.25})
    return found


CASES = _cases()


def know_the_face() -> None:
    """Answer for MediaPipe: the photo has the face that was found before, a painting none."""
    stand_ins: dict[str, Any] = {
        "faces": lambda photo, painted=False: [] if painted else [FACE.scaled(*(side / 512 for side in photo.size))],
        "redetect": lambda photo, face: face,
    }
    vars(segmentation).update(stand_ins)
    vars(encoders).update(recogniser=lambda path: networks.encoder(((6, 6), (6, 6)), seed=1))


class Informed(PaintWorker):
    """A worker whose process has no MediaPipe either."""

    def __init__(self, conditions: Conditions) -> None:
        know_the_face()
        super().__init__(conditions)


def painted(photo: Photo, mask: Path | None, style: Path, case: Case, settings: Settings) -> Result:
    """`photo` painted as `case` says, in few steps."""
    if case.settings.get("identity_weights"):
        settings = settings.replace(
            identity_weights=__file__
        )  # the recipe hashes a file; `know_the_face` gives the network
    stylizer = pipeline.Stylizer.of(settings)
    blend: Any = [(style, 2.0), (named_styles.find("woodcut"), 1.0)] if case.blend else style
    if case.labels:
        labels = np.zeros(photo.size, np.uint8)
        labels[:, photo.width // 2 :] = 255
        subject = stylizer.prepare(photo, labels=labels, painted_labels=[0, 255])
        blend = {0: style, 255: named_styles.find("woodcut")}
    elif mask is not None:
        subject = stylizer.prepare(photo, mask=mask)
    else:
        subject = stylizer.prepare(photo, region="all")
    plan = stylizer.plan(subject, blend, settings)
    if case.mode is not None and isinstance(plan, pipeline.PaintPlan):
        config = plan.config
        tiling = replace(config.tiling, side=WINDOW, above=0)
        plan = replace(plan, config=replace(config, modes=(case.mode,) * len(config.sizes), tiling=tiling))
    return stylizer.paint(plan).result()


def small(photo: Photo, mask: Path | None, style: Path, device: str, names: Sequence[str]) -> tuple[str, int]:
    """A table of the cases on `device`, and how many failed."""
    rows: list[tuple[str, float | None, float | None, str]] = []
    failed = 0
    for name in names:
        case = CASES[name]
        common = {"size": SIDE, "scales": (0.5, 1.0), "iterations": 3, "precision": "float32", "strength": 0.7}
        settings = Settings(**{**common, **case.settings, "device": device})
        began = time.perf_counter()
        try:
            made = painted(photo, mask, style, case, settings)
        except Exception as error:  # what is looked for; the other cases go on
            failed += 1
            traceback.print_exc()
            rows.append((name, None, None, f"{type(error).__name__}: {error}".splitlines()[0]))
            continue
        seconds = time.perf_counter() - began
        on_cpu = made if device == "cpu" else painted(photo, mask, style, case, settings.replace(device="cpu"))
        rows.append(
            (name, seconds, float(np.abs(on_cpu.rgb.astype(float) - made.rgb).mean()), "; ".join(made.notes)[:90])
        )
        print(f"{name}: {rows[-1][1]:.2f} s, {rows[-1][2]:.2f} levels", file=sys.stderr, flush=True)
    return markdown(("case", "s", "levels from the CPU", "error or notes"), rows), failed


def usual(photo: Photo, mask: Path | None, style: Path, device: str, qualities: Sequence[str], out: Path) -> str:
    """A table of paintings with the defaults of each quality; the pictures go to the folder `out`."""
    rows = []
    for quality in qualities:
        for precision in ("float32", "auto"):
            settings = Settings(quality=quality, device=device, precision=precision)  # type: ignore[arg-type]
            seconds, peak = [], None
            for _ in range(2):
                _forget_peak(device)
                began = time.perf_counter()
                made = painted(photo, mask, style, Case(), settings)
                seconds.append(time.perf_counter() - began)
                peak = _peak(device)
            made.save(out / f"{quality}-{precision}-{device.replace(':', '')}.png", overwrite=True)
            rows.append((quality, precision, *seconds, peak))
    return markdown(("quality", "precision", "first s", "second s", "peak GB"), rows)


def small_batch(photo: Path, style: Path, devices: Sequence[str], out: Path) -> str:
    """What a batch of four photos says, with two workers that are dealt to `devices`."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(4):
            (Path(folder) / f"{number}.jpg").write_bytes(photo.read_bytes())
        settings = Settings(size=SIDE, iterations=2, region="all", device=devices[0])
        order = batch.Order([folder], [style], settings=settings)
        numbered = tuple(device for device in devices if ":" in device)
        options = batch.Options(workers=max(2, len(numbered)), devices=numbered, redo=True, force=True)
        with batch.opened(order, out / "batch", options, Informed) as session:
            session.plan()
            with session.engine() as engine:
                done = list(session.paint(engine))
    return "\n".join(f"batch: {Path(str(one.photo)).name}: {one.error or 'done'}, {one.seconds:.1f} s" for one in done)


def _forget_peak(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)


def _peak(device: str) -> float | None:
    """GB that tensors took at most on a GPU."""
    return torch.cuda.max_memory_allocated(device) / 1e9 if device.startswith("cuda") else None


def _elsewhere(device: str) -> str:
    """What the GPUs beside `device` hold: nothing, if everything is computed where it was asked for."""
    if not device.startswith("cuda"):
        return ""
    own = torch.device(device).index or 0
    held = {n: torch.cuda.max_memory_allocated(n) for n in range(torch.cuda.device_count()) if n != own}
    return f"bytes on other GPUs: {held}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", action="append", help="default: cuda:0 and cuda")
    parser.add_argument("--mask", type=Path, help="a matte of the astronaut; default: all of the photo")
    parser.add_argument("--style", default="impasto", help="a style's name, or a picture")
    parser.add_argument(
        "--quality", action="append", choices=("draft", "standard", "fine"), help="default: the first two"
    )
    parser.add_argument("--case", action="append", choices=list(CASES), help="default: all on the first device")
    parser.add_argument("--part", action="append", choices=("small", "usual", "batch"), help="default: all of them")
    parser.add_argument("--out", type=Path, required=True, help="a folder for pictures and devices.md")
    args = parser.parse_args()
    devices, parts = args.device or ["cuda:0", "cuda"], args.part or ["small", "usual", "batch"]
    args.out.mkdir(parents=True, exist_ok=True)
    know_the_face()
    windowed_optimizer.SIDE = windowed_optimizer.SIDE_GPU = WINDOW
    photo, style = imaging.load(PHOTO), named_styles.find(args.style) or Path(args.style)
    names = [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())]
    told, failed = [json.dumps({"torch": torch.__version__, "gpus": names, "devices": devices}) + "\n"], 0
    for number, device in enumerate(devices):
        if "small" in parts and (number == 0 or args.case):
            table, wrong = small(photo, args.mask, style, device, args.case or list(CASES))
            told, failed = [*told, f"## {device}, {SIDE} px\n\n{table}"], failed + wrong
    windowed_optimizer.SIDE, windowed_optimizer.SIDE_GPU = 512, 2048
    for device in devices:
        if "usual" in parts:
            table = usual(photo, args.mask, style, device, args.quality or ["draft", "standard"], args.out)
            told.append(f"## {device}\n\n{table}{_elsewhere(device)}")
    if "batch" in parts:
        told.append(small_batch(PHOTO, style, devices, args.out) + "\n")
    text = "\n".join(told)
    (args.out / "devices.md").write_text(text)
    print(text)
    if failed:
        raise SystemExit(f"{failed} cases failed")


if __name__ == "__main__":
    main()
