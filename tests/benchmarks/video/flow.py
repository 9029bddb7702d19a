"""How far flow errs on scenes whose motion is known, and how still it is under noise.

    python -m tests.benchmarks.video flow --photo A.jpg --photo B.jpg

Errors in pixels at the median and at 95 % of the pixels that were in view, away from the sides; `still`: share of pixels that are
said not to move at all; `trust`: mean; milliseconds of CPU.
"""

from __future__ import annotations

import argparse
import itertools
import time
from pathlib import Path

import cv2
import numpy as np

from portrait_nst import imaging
from portrait_nst.motion import between
from tests.benchmarks.speed.tables import machine, markdown
from tests.benchmarks.video.scenes import SCENES, views

RIM = 16  # px


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photo", type=Path, action="append", required=True)
    parser.add_argument("--frames", type=int, default=4)
    parser.add_argument("--size", type=int, default=512)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    photos = [imaging.load(path).rgb for path in args.photo]
    rows: list[list[object]] = []
    for name, scene in SCENES.items():
        if scene.layers:
            continue  # the background's motion is another
        for fine in (False, True):
            errors, trusts, stills, spent = [], [], [], []
            for photo in photos:
                found = list(views(scene, photo, np.ones(photo.shape[:2], np.float32), args.frames, size=args.size))
                for before, now in itertools.pairwise(found):
                    began = time.process_time()
                    motion = between(before.rgb, now.rgb, fine)
                    spent.append(time.process_time() - began)
                    assert now.motion is not None
                    where = now.motion.trust > 0
                    where[:RIM], where[-RIM:], where[:, :RIM], where[:, -RIM:] = False, False, False, False
                    errors.append(np.linalg.norm(motion.back.astype(np.float64) - now.motion.back, axis=2)[where])
                    trusts.append(motion.trust[where].mean())
                    stills.append((motion.back[where] == 0).all(axis=1).mean())
            error = np.concatenate(errors)
            ends = [float(np.median(error)), float(np.quantile(error, 0.95))]
            rest = [float(np.mean(trusts)), float(np.mean(stills)), 1e3 * float(np.mean(spent))]
            rows.append([name, "MEDIUM" if fine else "FAST", *ends, *rest])
    head = ["scene", "flow", "median px", "95 % px", "trust", "still", "ms"]
    print(f"{machine(1)}\n\n{markdown(head, rows)}")


if __name__ == "__main__":
    main()
