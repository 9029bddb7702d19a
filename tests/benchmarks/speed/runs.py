"""One run of one kind in a process of its own; started by `reference`, with a JSON of what to do.

    python -m tests.benchmarks.speed.runs SPEC.json

Writes ``times.json`` (seconds after each iteration, memory) and the pictures of some iterations, not clipped to [0, 1], as
float32 ``.npy`` into the spec's folder. The clock stands still while it does so. It starts when everything is imported and
loaded, the networks have been used once on a small picture, and nothing of the task is computed.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from portrait_nst import Settings, encoders, imaging
from portrait_nst.encoders import Encoder
from portrait_nst.transfer import StyleOptimizer, build_config
from portrait_nst.types import FloatArray
from tests.benchmarks.speed.processes import peak_memory
from tests.benchmarks.speed.recipe import PlainObjective, minimise
from tests.benchmarks.speed.scenes import Scene, tensor

POINTS = 25


def growing(count: int, points: int = POINTS) -> list[int]:
    """1, 2, 3, 5, 8 ... `count`: about so many."""
    return sorted({round(float(value)) for value in np.geomspace(1, max(count, 1), points)})


class Recorder:
    """A clock that is stopped for pictures, and while the file `pause` is there."""

    def __init__(self, folder: Path, wanted: set[int], pause: Path) -> None:
        self.folder, self.wanted, self.pause = folder, wanted, pause
        self.seconds: list[float] = []
        self.values: list[float] = []
        self.sizes: list[int] = []
        self.saved: list[int] = []
        self.spent, self.since = 0.0, time.perf_counter()

    def stop(self, value: float, size: int) -> int:
        """The number of the iteration that has just ended."""
        self.spent += time.perf_counter() - self.since
        self.seconds.append(self.spent)
        self.values.append(value)
        self.sizes.append(size)
        return len(self.seconds)

    def save(self, picture: FloatArray) -> None:
        number = len(self.seconds)
        if self.saved[-1:] != [number]:
            self.saved.append(number)
            np.save(self.folder / f"{number:06d}.npy", picture.astype(np.float32))

    def go_on(self) -> None:
        while self.pause.exists():
            time.sleep(0.2)
        self.since = time.perf_counter()

    def write(self, **facts: Any) -> None:
        kept = {"seconds": self.seconds, "values": self.values, "sizes": self.sizes, "saved": self.saved}
        (self.folder / "times.json").write_text(json.dumps({**kept, **facts}))


def reference(scene: Scene, teacher: Encoder, spec: dict[str, Any], folder: Path, before: int) -> None:
    iterations: int = spec["iterations"]
    content, mask, style = tensor(scene.content), tensor(scene.mask)[0, 0], tensor(scene.seen)
    weights = build_config(Settings(), teacher, *scene.size).weights
    small = tensor(scene.content[:64, :64])
    warm = PlainObjective(teacher, small, mask[:64, :64].clamp_min(0.1), small, weights)
    minimise(warm, small, 2, lambda *_: None)
    recorder = Recorder(folder, set(growing(iterations)) | {iterations}, Path(spec["pause"]))
    objective = PlainObjective(teacher, content, mask, style, weights)

    def seen(iteration: int, image: torch.Tensor, value: float) -> None:
        recorder.stop(value, image.shape[-1])
        if iteration in recorder.wanted:
            recorder.save(image[0].permute(1, 2, 0).numpy())
        recorder.go_on()

    minimise(objective, content, iterations, seen)
    recorder.write(peak=peak_memory(), before=before, steps=iterations)


def ours(scene: Scene, encoder: Encoder, spec: dict[str, Any], folder: Path, before: int) -> None:
    settings = Settings(**spec["settings"])
    config = build_config(settings, encoder, *scene.alpha.shape)
    if spec.get("schedule"):
        config = replace(
            config, iterations=tuple(spec["schedule"][-len(config.sizes) :]), tolerance=-1.0
        )  # with 0 a move of the grid that raises the objective would end a scale
    if spec.get("still"):
        config = replace(config, jitter_every=0, beyond=0, grid=4, history=spec["history"])
    hold = scene.hold if spec.get("hold") else None
    photo = imaging.to_float(scene.foreground)
    small = replace(config, sizes=((64, 64),), iterations=(2,))
    list(StyleOptimizer(encoder, photo, scene.sources(), small, hold).steps())
    recorder = Recorder(folder, set(growing(sum(config.iterations))), Path(spec["pause"]))
    painter = StyleOptimizer(encoder, photo, scene.sources(), config, hold)
    latest: FloatArray | None = None
    for step in painter.steps():
        number = recorder.stop(step.losses["total"], max(step.size))
        finest = step.scale + 1 == step.scales
        if number in recorder.wanted or finest:  # which one is the last is not known before
            latest = unclipped(painter)
        if latest is not None and number in recorder.wanted:
            recorder.save(latest)
        recorder.go_on()
    assert latest is not None
    recorder.save(latest)
    recorder.write(peak=peak_memory(), before=before, steps=len(recorder.seconds), bf16=config.bf16, config=str(config))


def unclipped(painter: StyleOptimizer) -> FloatArray:
    """The whole picture as the optimiser has it now; `StyleOptimizer.image` clips it to [0, 1]."""
    assert painter._live is not None and painter._box is not None and painter.frame is not None
    pyramid, optimiser = painter._live
    frame = painter.frame.copy()
    with torch.no_grad():
        painter._box.paste(pyramid.synthesise(optimiser.x)[0].permute(1, 2, 0).float().numpy(), frame)
    return frame


def main() -> None:
    spec = json.loads(Path(sys.argv[1]).read_text())
    torch.set_num_threads(spec["threads"])
    scene, folder = Scene.load(Path(spec["scene"])), Path(spec["folder"])
    encoder = encoders.get(spec["encoder"], spec["weights"])
    before = peak_memory()
    if spec["kind"] == "reference":
        reference(scene, encoder, spec, folder, before)
    else:
        ours(scene, encoder, spec, folder, before)


if __name__ == "__main__":
    main()
