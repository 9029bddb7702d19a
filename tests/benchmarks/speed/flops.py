"""The engine's floating-point operations a second beside those of bare convolutions, and where the rest of the time goes.

    python -m tests.benchmarks.speed.flops --photo A.jpg --style S.jpg --threads 2 --size 512 --out DIR

First table: a full evaluation of the objective on the painted box (forward and gradient of all terms at all levels, as the
optimiser calls it), counted as the operations of its convolutions over its seconds, beside the same convolutions alone:
same shapes, type, weights' layout and channels-last maps, forward with bias and the gradient's as a convolution with the
turned weights. conv1_1's gradient counts, as both compute it. With --teacher the same for VGG-19.
Second: seconds of an iteration by part, by torch.profiler. Third: seconds of each stage of a whole `stylize` call.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn import functional as F

from portrait_nst import Settings, encoders, imaging
from portrait_nst.encoders import Encoder
from portrait_nst.encoders.vgg import Vgg
from portrait_nst.transfer import StyleOptimizer, build_config
from tests.benchmarks.speed import parts
from tests.benchmarks.speed.scenes import Scene, prepare
from tests.benchmarks.speed.tables import machine, markdown


@dataclass(frozen=True)
class Shape:
    """A convolution of an evaluation: at a pyramid `level`, from (inside, height, width) to `outside` channels."""

    level: int
    name: str
    inside: int
    outside: int
    height: int
    width: int

    @property
    def operations(self) -> float:
        """Of the forward pass: two a multiplication with its addition. The gradient's convolution has as many."""
        return 2.0 * 9 * self.inside * self.outside * self.height * self.width


def shapes(encoder: Encoder, size: tuple[int, int], wanted: list[set[str]]) -> list[Shape]:
    """The convolutions of one evaluation at `size`, where level k needs the layers ``wanted[k]``."""
    net, found = encoder.net, []
    assert isinstance(net, Vgg)
    for level, layers in enumerate(wanted):
        height, width, inside, left = size[0] >> level, size[1] >> level, 3, set(layers)
        for block, widths in enumerate(net.widths, start=1):
            if block > 1:
                height, width = height // 2, width // 2
            for index, outside in enumerate(widths, start=1):
                if not left:
                    break
                found.append(Shape(level, f"conv{block}_{index}", inside, outside, height, width))
                inside = outside
                left.discard(f"relu{block}_{index}")
    return found


def bare(shape: Shape, dtype: torch.dtype, repeat: int) -> tuple[float, float]:
    """Seconds of the convolution alone, forth and back: medians."""
    last = torch.channels_last
    x = torch.rand(1, shape.inside, shape.height, shape.width).to(dtype, memory_format=last)
    y = torch.rand(1, shape.outside, shape.height, shape.width).to(dtype, memory_format=last)
    weight = torch.rand(shape.outside, shape.inside, 3, 3).to(dtype, memory_format=last)
    bias = torch.rand(shape.outside).to(dtype)
    turned = weight.flip(2, 3).transpose(0, 1).contiguous(memory_format=last)
    with torch.no_grad():
        forth = median(lambda: F.conv2d(x, weight, bias, padding=1), repeat)
        return forth, median(lambda: F.conv2d(y, turned, padding=1), repeat)


def median(call: Callable[[], object], repeat: int) -> float:
    call()
    seconds = []
    for _ in range(repeat):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def live(
    scene: Scene, encoder: Encoder, settings: Settings
) -> tuple[StyleOptimizer, Callable[[], object], Callable[[], object]]:
    """A painter at its finest scale, one evaluation there, and one iteration."""
    config = build_config(settings, encoder, *scene.alpha.shape)
    painter = StyleOptimizer(encoder, imaging.to_float(scene.foreground), scene.sources(), config, scene.hold)
    optimiser, canvas, _ = painter._enter(len(config.sizes) - 1)
    assert painter._live is not None
    evaluate = canvas.objective(painter._live[0])
    for _ in range(3):
        optimiser.step()

    def step() -> None:
        canvas.accept(optimiser.value)
        optimiser.step()

    return painter, lambda: evaluate(optimiser.x), step


def by_layer(name: str, scene: Scene, encoder: Encoder, settings: Settings, repeat: int) -> str:
    """The first table for one encoder."""
    painter, evaluate, _ = live(scene, encoder, settings)
    assert painter._box is not None
    config, size = painter.config, painter._box.shape
    style = {layer for layer, weight in config.weights.style_layers if weight}
    content = {layer for layer, weight in config.weights.content_layers if weight}
    levels = 1
    while levels < config.levels and min(size[0] >> (levels - 1), size[1] >> (levels - 1)) >= 32:
        levels += 1
    found = shapes(encoder, size, [style | content, *[style] * (levels - 1)])
    dtype = torch.bfloat16 if config.bf16 else torch.float32
    seconds = median(evaluate, repeat)
    rows: list[list[object]] = []
    total, alone = 0.0, 0.0
    for shape in found:
        forth, back = bare(shape, dtype, repeat)
        total, alone = total + 2 * shape.operations, alone + forth + back
        facts = [shape.level, shape.name, f"{shape.inside}-{shape.outside}", f"{shape.height}x{shape.width}"]
        rates = [shape.operations / forth / 1e9, shape.operations / back / 1e9]
        rows.append([*facts, 2 * shape.operations / 1e9, 1e3 * forth, 1e3 * back, *rates])
    rows.append(["all", "", "", "", total / 1e9, None, 1e3 * alone, None, total / alone / 1e9])
    head = ["level", "layer", "channels", "size", "GFLOP", "forth ms", "back ms", "forth GFLOP/s", "back GFLOP/s"]
    text = f"\n### {name}, box {size[0]}x{size[1]}, {str(dtype).removeprefix('torch.')}\n\n{markdown(head, rows)}\n"
    text += f"An evaluation takes {seconds * 1e3:.1f} ms, its convolutions alone {alone * 1e3:.1f} ms: "
    text += f"{total / seconds / 1e9:.1f} of {total / alone / 1e9:.1f} GFLOP/s, {alone / seconds:.1%}.\n"
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photo", type=Path, required=True)
    parser.add_argument("--style", type=Path, required=True)
    parser.add_argument("--teacher", type=Path)
    parser.add_argument("--quality", default="standard")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--out", type=Path, help="gets flops.md")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    known = [("embedded encoder", encoders.get("embedded"))]
    if args.teacher is not None:
        known.append(("VGG-19", encoders.get("vgg19", args.teacher)))
    settings = Settings(quality=args.quality, size=args.size, device="cpu", threads=args.threads)
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "flops.md").unlink(missing_ok=True)
    scene = prepare(imaging.load(args.photo), imaging.load(args.style), args.size, known[0][1])
    text = f"{machine(args.threads)}; {args.size} px, {args.quality}\n"
    for name, encoder in known:
        text += by_layer(name, scene, encoder, settings, args.repeat)
        _, _, step = live(scene, encoder, settings)
        text += f"\n### {name}: an iteration at the finest scale by part\n\n" + parts.of_iteration(step, args.repeat)
        print(text, flush=True)
        text = _keep(args.out, text)
    whole = "\n### A whole `stylize` call by stage\n\n" + parts.of_call(args.photo, args.style, settings)
    print(whole)
    _keep(args.out, whole)


def _keep(out: Path | None, text: str) -> str:
    """Append `text` to the file; nothing is left to say."""
    if out is not None:
        with (out / "flops.md").open("a") as file:
            file.write(text)
    return ""


if __name__ == "__main__":
    main()
