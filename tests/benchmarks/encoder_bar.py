"""How near the embedded encoder comes to its teacher, and how much faster it is.

    python -m tests.benchmarks.encoder_bar --teacher vgg19.npz --photo a.jpg --photo b.jpg --style 1.jpg --style 2.jpg

Each photo is painted in each style twice, with the teacher and with the embedded encoder as encoder: 320 px, one
scale, the style loss over three pyramid levels, 120 L-BFGS iterations, the same content weight, float32. Both pictures are
judged by the teacher: by how much of the guided style distance that the photo starts with is taken away.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from portrait_nst import encoders, imaging, pipeline
from portrait_nst.encoders import Encoder
from portrait_nst.planning import frame_sizes
from portrait_nst.transfer import EngineConfig, StyleOptimizer, StylePart, StyleSource, colour
from portrait_nst.transfer.objective.terms import Weights
from tests.benchmarks.measures import Judge


def orders(encoder: Encoder, size: tuple[int, int], iterations: int, content: float, bf16: bool) -> EngineConfig:
    weights = Weights(
        1.0,
        content,
        0.0,
        tuple((layer, 1.0) for layer in encoder.style_layers),
        tuple((layer, 1.0) for layer in encoder.content_layers),
    )
    return EngineConfig((size,), (iterations,), 0.0, weights, 3, bf16=bf16)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--embedded", type=Path, help="weights to judge instead of the shipped ones")
    parser.add_argument("--photo", type=Path, action="append", required=True)
    parser.add_argument("--style", type=Path, action="append", required=True)
    parser.add_argument("--size", type=int, default=320)
    parser.add_argument("--iterations", type=int, default=120)
    parser.add_argument("--content", type=float, default=0.01)
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--only-embedded", action="store_true")
    parser.add_argument("--layer", action="append", help="style layers of the student instead of its own")
    args = parser.parse_args()

    teacher = encoders.get("vgg19", args.teacher)
    student = encoders.get("embedded", args.embedded)
    if args.layer:
        student.style_layers = tuple(args.layer)
    falls: dict[str, list[float]] = {"teacher": [], "embedded": []}
    ratios = []
    print(
        f"{'photo':>16} {'style':>24} | {'start':>7} | {'teacher':>8} {'s/it':>6} | {'embedded':>8} {'s/it':>6} | faster"
    )
    for photo_path in args.photo:
        photo = imaging.load(photo_path)
        matte = pipeline.matte(photo)
        foreground, _ = imaging.estimate_foreground(photo.rgb, matte.alpha)
        rgb = imaging.to_float(foreground)
        (size,) = frame_sizes(photo.height, photo.width, args.size, (1.0,))
        small, mask = colour.resize(rgb, size), colour.resize(matte.alpha, size)
        for style_path in args.style:
            style = imaging.to_float(imaging.load(style_path).rgb)
            judge = Judge(teacher, small, style, mask)
            start = judge(small)["style"]
            row, paces = [], []
            for name, encoder in (("teacher", teacher), ("embedded", student)):
                if name == "teacher" and args.only_embedded:
                    row.append(f"{'-':>8} {'-':>6}")
                    paces.append(float("nan"))
                    continue
                painter = StyleOptimizer(
                    encoder,
                    rgb,
                    [StyleSource((StylePart(style),), matte.alpha)],
                    orders(encoder, size, args.iterations, args.content, args.bf16),
                )
                times = [time.perf_counter()]
                for _ in painter.steps():
                    times.append(time.perf_counter())
                fall = 1 - judge(painter.finish())["style"] / start
                pace = float(np.median(np.diff(times[1:])))
                falls[name].append(fall)
                paces.append(pace)
                row.append(f"{fall:8.2%} {pace:6.3f}")
            ratios.append(paces[0] / paces[1])
            cells = " | ".join(row)
            print(
                f"{photo_path.stem:>16} {style_path.stem:>24} | {start:7.3f} | {cells} | {ratios[-1]:5.2f}x", flush=True
            )
    for name, values in falls.items():
        if values:
            print(f"{name:>9}: mean {np.mean(values):.2%}, least {np.min(values):.2%}")
    print(f"   faster: median {np.median(ratios):.2f}x an iteration")


if __name__ == "__main__":
    main()
