"""Are they paintings, are they the sitter, do they hold still? One table over paintings, portraits and programs.

    python -m tests.benchmarks.instant quality --teacher vgg19.npz --identity MODELS --portraits FOLDER \\
        --painting A.jpg --painting B.jpg=B.safetensors --pictures magenta=FOLDER --out FOLDER

Networks paint by --through: "stylize" (as users do, the default), "person" or "whole" (see `scenes.Hand`). Other programs'
pictures, given as NAME=FOLDER, lie in FOLDER/PAINTING/PORTRAIT.png (or .jpg); beside them may lie what they make of the moved
and noisy photo, as `rivals` writes it. --composited ones lie over the photo's own background. --colours adds the photo with
the painting's colours, which is no painting and must not look like one in the table. --side 448 measures as the lab did.

The folder gets ``rows.json``, ``table.md``, ``sheet.png`` and the pictures. Photos' own distances are kept there for the next
run.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import torch
from PIL import Image

from portrait_nst import imaging
from portrait_nst.types import UInt8Array
from tests.benchmarks.instant import tables
from tests.benchmarks.instant.judge import Judge, Row, recoloured
from tests.benchmarks.instant.measures import noise, pan, pan_of, rms
from tests.benchmarks.instant.scenes import WAYS, Hand, Painting, Portrait, portraits
from tests.benchmarks.painterly import measures
from tests.benchmarks.painterly.identity import Friend, Unavailable
from tests.benchmarks.speed.tables import machine

Made = tuple[
    Row, Portrait, Painting, UInt8Array
]  # what a program tells of itself; its picture of whom, in whose manner
VIEWS = ("left", "right", "top", "bottom", "noisy")  # the photo less its last or first column or row, and with noise


def by_hand(painting: Painting, people: Sequence[Portrait], way: str, name: str = "") -> Iterator[Made]:
    """What a network makes of the portraits."""
    hand = Hand(painting, way)
    for person in people:
        content = hand.content(person)  # with the matte and the foreground, which are not the network's time
        began = time.process_time()
        picture = hand(person)
        told: Row = {"program": name or f"instant, {way}", "seconds": time.process_time() - began}
        paint = hand.frozen(person)
        told |= {"pan": pan(paint, content), "along": pan(paint, content, along=True), "noise": noise(paint, content)}
        told |= {"within": way != "whole"}
        yield told, person, painting, picture


def by_others(painting: Painting, people: Sequence[Portrait], name: str, folder: Path, within: bool) -> Iterator[Made]:
    """What another program made of them, as far as it is in its `folder`."""
    for person in people:
        found = [folder / painting.name / f"{person.name}{suffix}" for suffix in (".png", ".jpg", ".jpeg")]
        for file in [file for file in found if file.is_file()][:1]:
            told = {"program": name, "within": within, **steadiness(file), **pace(folder)}
            yield told, person, painting, imaging.load(file).rgb


def by_colours(painting: Painting, people: Sequence[Portrait]) -> Iterator[Made]:
    """The photos in the painting's colours."""
    for person in people:
        yield (
            {"program": "colours only", "within": False},
            person,
            painting,
            imaging.to_uint8(recoloured(person, painting)),
        )


def measured(made: Iterable[Made], judge: Judge, out: Path, about: str) -> list[Row]:
    """Rows of what is made; pictures, ``rows.json`` and ``table.md`` are written into `out` as it goes."""
    (out / "pictures").mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    for told, person, painting, picture in made:
        row = told | judge(person, painting, picture, within=told["within"])
        file = Path("pictures") / f"{painting.name}-{person.name}-{row['program']}.png"
        Image.fromarray(picture).save(out / file)
        rows.append(row | {"picture": str(file)})
        print(f"{painting.name} {row['program']} {person.name}: {tables.note(row)}", file=sys.stderr, flush=True)
        tables.write(out, rows, about)
    return rows


def steadiness(file: Path) -> Row:
    """pan and noise of another program, where its pictures of the `VIEWS` lie in a folder "views" beside `file`."""
    views = [file.parent / "views" / f"{file.stem}-{view}.png" for view in VIEWS]
    if not all(view.is_file() for view in views):
        return {}
    left, right, top, bottom, noisy = (imaging.to_float(imaging.load(view).rgb) for view in views)
    own = imaging.to_float(imaging.load(file).rgb)
    return {"pan": pan_of((left, right), (top, bottom)), "noise": rms(noisy - own)}


def pace(folder: Path) -> Row:
    """Seconds a picture, where the program's folder tells them."""
    file = folder / "seconds.json"
    return {"seconds": json.loads(file.read_text())["mean"]} if file.is_file() else {}


def judging(parser: argparse.ArgumentParser) -> None:
    """The options of a table of measures, which `judge_of` reads."""
    parser.add_argument("--teacher", type=Path, required=True, help="VGG-19's convolutions as .npz, see `painterly`")
    parser.add_argument("--identity", type=Path, help="a folder for the models for faces, made if missing")
    parser.add_argument("--side", type=int, default=measures.SIDE, help="pixels at which pictures are judged")
    parser.add_argument("--portraits", type=Path, nargs="+", required=True, help="files or folders")
    parser.add_argument("--through", choices=WAYS, default="stylize")
    parser.add_argument("--threads", type=int, help="default: all")
    parser.add_argument("--out", type=Path, required=True)


def judge_of(args: argparse.Namespace) -> tuple[Judge, str]:
    """The judge, and a line about the measuring."""
    if args.threads:
        torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    about, friend = f"{machine(args.threads)}; judged at {args.side} px", None
    try:
        friend = Friend(args.identity) if args.identity else None
    except Unavailable as error:
        about += f"; identity was not measured: {error}"
    return Judge(args.teacher, args.out / "photos.json", friend, args.side), about


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    judging(parser)
    parser.add_argument("--painting", action="append", required=True, metavar="PICTURE[=NETWORK]")
    parser.add_argument("--name", default="", help="what the networks are called in the table")
    parser.add_argument("--pictures", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument(
        "--composited", action="append", default=[], metavar="NAME=FOLDER", help="over the photo's background"
    )
    parser.add_argument("--only-pictures", action="store_true", help="paint nothing")
    parser.add_argument("--colours", action="store_true", help="add the photo in the painting's colours")
    args = parser.parse_args()
    judge, about = judge_of(args)
    people, paintings = portraits(args.portraits), [Painting.of(text) for text in args.painting]
    others = [(*text.partition("=")[::2], text in args.composited) for text in (*args.pictures, *args.composited)]

    def made() -> Iterator[Made]:
        for painting in paintings:
            if not args.only_pictures:
                yield from by_hand(painting, people, args.through, args.name)
            for name, folder, within in others:
                yield from by_others(painting, people, name, Path(folder), within)
            if args.colours:
                yield from by_colours(painting, people)

    with closing(judge):
        rows = measured(made(), judge, args.out, about)
    text = tables.write(args.out, rows, about)
    tables.sheet(args.out, rows, people, paintings)
    print(text)


if __name__ == "__main__":
    main()
