"""Train the universal start: one decoder for any painting, from which every painting's own network begins.

python models/train_universal.py --paintings FOLDER --photos FOLDER [--start universal.safetensors] [--minutes 18]
python models/register.py

It learns by the recipe of `portrait_nst.instant.learning`, with another painting of the folder at each step. It begins with the
weights of --start: those that `models/instant/universal.safetensors` has now, if none are given.
"""

from __future__ import annotations

import argparse
import random
import time
from functools import cache
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch

from portrait_nst import encoders, imaging
from portrait_nst.instant import About, Network, files, store
from portrait_nst.instant.learning import LearnPainting, folder_material, recipe
from portrait_nst.instant.learning.batches import Batch, prepare
from portrait_nst.instant.learning.crops import Crops
from portrait_nst.instant.learning.learner import Learner
from portrait_nst.instant.learning.targets import Targets, make_targets

SIZE = 512  # pixels of a painting's longest side
PAINTINGS = 8  # whose steps are mixed
PATIENCE = 120.0  # seconds in which photographs are read
HOME = Path(__file__).resolve().parent / "instant" / "universal.safetensors"

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--paintings", type=Path, required=True)
parser.add_argument("--photos", type=Path, required=True)
parser.add_argument("--start", type=Path)
parser.add_argument("--minutes", type=float, default=18.0)
parser.add_argument("--most", type=int, default=64, help="paintings that are used, spread evenly")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("-o", "--output", type=Path, default=HOME)
options = parser.parse_args()

torch.set_num_threads(options.threads)
encoder = encoders.get("embedded")
device, dtype = torch.device("cpu"), torch.bfloat16
start = files.load(options.start) if options.start else store.universal()
pictures = sorted(path for path in options.paintings.iterdir() if path.suffix in (".jpg", ".png"))
chosen = [pictures[round(i)] for i in np.linspace(0, len(pictures) - 1, min(len(pictures), options.most))]
material = folder_material(options.photos, patience=PATIENCE)


@cache
def targets(path: Path) -> Targets:
    """What is learned of one painting."""
    return make_targets([LearnPainting.of(imaging.load(path))], encoder, SIZE, device, dtype)


class Interleaved(Learner):
    """Another painting at each step: with several steps of one in a row it forgets the colours of the others."""

    waiting: ClassVar[list[tuple[Targets, Batch]]] = []

    def _batch(self) -> Batch:
        if not self.waiting:
            for _ in range(PAINTINGS):
                own = targets(chosen[int(rng.integers(len(chosen)))])
                made = prepare(self.crops, self.encoder, own, self.side, recipe.BLOCK, rng, self.dtype)
                self.waiting.extend((own, batch) for batch in made)
            random.Random(self.step).shuffle(self.waiting)
        self.targets, batch = self.waiting.pop()
        return batch


rng = np.random.default_rng(0)
learner = Interleaved(encoder, Crops(material, device), targets(chosen[0]), start.decoder, start.scale, dtype=dtype)
for group in learner.optimizer.param_groups:
    group["betas"] = (0.95, 0.999)
began, limit = time.monotonic(), 60 * options.minutes
while (spent := time.monotonic() - began) < limit:
    learner.advance(spent / limit)
    if learner.step % 100 == 0:
        losses = ", ".join(f"{name} {value:.3f}" for name, value in learner.losses.items())
        print(f"{learner.step} steps, {spent:.0f} s: {losses}", flush=True)
about = About(encoder_sha256=encoder.sha256)
found = Network(learner.averaged(), (), start.scale, recipe.GRAIN, about)
files.save(found, options.output, compact=True, overwrite=True)
print(f"{learner.step} steps; {len(chosen)} paintings; {len(material.squares)} squares, {len(material.faces)} of faces")
