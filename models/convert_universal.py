"""Turn the universal start, as it was trained, into models/instant/universal.safetensors.

python models/convert_universal.py net.npz
python models/register.py

The .npz has the decoder's weights under the names of the training script, and under ``fscale`` what features were divided by.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch

from portrait_nst import encoders
from portrait_nst.instant import About, Decoder, Network, files

NAMES = {"c": "fine", "k2": "at_half", "k4": "at_quarter", "k": "join"}
GRAIN = 0.0  # photographs had no noise laid over them while it was trained

folder = Path(__file__).resolve().parent
with np.load(sys.argv[1], allow_pickle=False) as archive:
    arrays = {name: torch.from_numpy(archive[name].astype(np.float32)) for name in archive.files}
scale = float(arrays.pop("fscale"))
state = {}
for name, value in arrays.items():
    part, rest = name.split(".", 1)
    if part in NAMES:
        state[f"{NAMES[part]}.{rest}"] = value
decoder = Decoder()
decoder.load_state_dict(state)
about = About(encoder_sha256=encoders.get("embedded").sha256)
files.save(
    Network(decoder, (), scale, GRAIN, about),
    folder / "instant" / "universal.safetensors",
    compact=True,
    overwrite=True,
)
