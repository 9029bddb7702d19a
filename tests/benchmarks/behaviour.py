"""A table of what commands and calls give, as hashes, to be compared between two versions of the code on one machine.

    python -m tests.benchmarks.behaviour WORK --out before.json   # in the one tree
    python -m tests.benchmarks.behaviour WORK --out after.json    # in the other, with the same WORK
    python -m tests.benchmarks.behaviour --compare before.json after.json

WORK is a folder of its own; inputs are made in it once, and what `--old` painted in it is rerun and resumed by the other tree.
Of each picture there are two hashes: of its bytes, which hold the recipe, and of its pixels.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.benchmarks.history import record

ROOT = Path(__file__).resolve().parents[2]
QUICK = "--quality draft --size 112 --threads 1 -q"
TINY = "--size 96 --iterations 3 --scale 1 --threads 1 -q"
PICTURES = {".png", ".jpg", ".webp", ".tif", ".gif"}
LEFT_OUT = {
    ".sqlite3",
    ".lock",
    ".html",
    ".mp4",
    ".csv",
}  # which hold seconds, or are written by another library's clock

# name: a command of portrait-nst, or after "python:" a piece of Python; OUT stands for the row's folder.
TABLE: dict[str, str] = {
    "stylize": f"stylize grace.png waves.png -o OUT/a.png {QUICK}",
    "stylize, a named style, jpg": f"stylize grace.png impasto -o OUT/a.jpg --strength .8 --brushwork .5 {QUICK}",
    "stylize, gram": f"stylize grace.png waves.png -o OUT/a.png --method gram {QUICK}",
    "stylize, full": "stylize grace.png waves.png -o OUT/a.png --size full --quality draft --threads 1 -q --background blur",
    "stylize, windows": "stylize wide.png waves.png -o OUT/a.png --method gram --size 1100 --iterations 2 --threads 1 -q --region all",
    "stylize, windows, painterly": "stylize wide.png waves.png -o OUT/a.png --size 1100 --iterations 2 --threads 1 -q --region all",
    "stylize, two styles": f"stylize grace.png waves.png -o OUT/a.png --background ink_wash {QUICK}",
    "stylize, blend and coarse": f"stylize grace.png waves.png -o OUT/a.png --blend oil:0.5 --coarse-style mosaic --method gram {QUICK}",
    "stylize, labels": f"stylize grace.png --labels labels.png --region-style 255=waves.png --region-style 128=oil -o OUT/a.png {QUICK}",
    "stylize, mask and colour": f"stylize grace.png waves.png -o OUT/a.webp --mask mask.png --background #203040 --colours pca {QUICK}",
    "stylize, transparent": f"stylize grace.png waves.png -o OUT/a.tif --background transparent --colours luminance {QUICK}",
    "stylize, likeness": f"stylize grace.png waves.png -o OUT/a.png --likeness .9 {QUICK}",
    "stylize, gain maps": f"stylize grace.png astro.png -o OUT/a.png --gain-maps --style-region person {QUICK}",
    "stylize, identity": f"stylize grace.png waves.png -o OUT/a.png --identity-weights vggface2.pth --method gram {TINY}",
    "stylize, popart": f"stylize grace.png waves.png -o OUT/a.png --popart {QUICK}",
    "stylize, watched": f"stylize grace.png waves.png -o OUT/a.png --plot OUT/p.png --timelapse OUT/t.gif --json --method gram {TINY}",
    "preset gatys2016": f"stylize grace.png waves.png -o OUT/a.png --preset gatys2016 --weights vgg19.pth {TINY}",
    "preset omahony": f"stylize grace.png waves.png -o OUT/a.png --preset omahony --weights vgg19.pth {TINY}",
    "preset kadam-resnet50": f"stylize grace.png waves.png -o OUT/a.png --preset kadam-resnet50 --weights resnet50.pth {TINY}",
    "encoder alexnet, adam": f"stylize grace.png waves.png -o OUT/a.png --encoder alexnet --weights alexnet.pth --optimizer adam {TINY}",
    "encoder efficientnet, nadam": "stylize grace.png waves.png -o OUT/a.png --encoder efficientnet_b0 --weights efficientnet_b0.pth "
    f"--optimizer nadam --method gram {TINY}",
    "random, pixels, wasserstein, sgd": f"stylize grace.png waves.png -o OUT/a.png --init random --canvas pixels --style-loss wasserstein "
    f"--optimizer sgd --seed 3 {TINY}",
    "movement": f"stylize grace.png --movement dots --library library --pick nearest -o OUT/a.png --method gram {TINY}",
    "styles, a sheet": f"styles grace.png --style oil --style waves.png -o OUT/a.png {TINY}",
    "mask": "mask grace.png -o OUT/a.png -q",
    "mask, overlay": "mask grace.png -o OUT/a.png --overlay -q",
    "reconstruct content": f"reconstruct content grace.png --layer relu2_1 -o OUT/a.png {TINY}",
    "reconstruct style": f"reconstruct style waves.png --layer relu2_1 -o OUT/a.png {TINY}",
    "popart, all formats": "popart grace.png -o OUT/a.png -o OUT/a.svg -o OUT/a.pdf --report OUT/r.json -q",
    "popart, facets and sheet": "popart grace.png -o OUT/a.jpg --mode facets --sheet OUT/s.pdf --detail .8 -q",
    "popart, dots": "popart grace.png -o OUT/a.svg --mode dots --palette marilyn --background keep -q",
    "popart, grid": "popart grace.png -o OUT/a.png --mode grid --grid 2x1 --tones 4 --frame photo -q",
    "compare": f"compare grace.png waves.png --vary optimizer=lbfgs,adam --vary strength=.3,.7 -o OUT/c --method gram {TINY}",
    "batch": f"batch photos waves.png --out OUT/b --workers 1 --method gram {TINY}",
    "batch, jobs": f"batch --jobs jobs.csv waves.png --out OUT/b --workers 1 --method gram {TINY}",
    "batch, popart": "batch photos --kind popart --popart-set mode=facets --out OUT/b --workers 1 -q",
    "batch, resumed": f"batch photos waves.png --out OUT/b --workers 1 --method gram {TINY} --json",
    "rerun of an old picture": "rerun old/stylize.png -o OUT/a.png -q",
    "rerun of an old blend": "rerun old/blend.png -o OUT/a.png -q",
    "layers": "layers resnet50 --json",
    "presets": "presets --json",
    "movements": "movements library --json",
    "bad input": "stylize grace.png waves.png --strength 3",
    "bad encoder": "stylize grace.png waves.png --encoder vgg20",
    "python: arrays": "python:r = p.stylize(a('grace.png'), a('waves.png'), size=96, iterations=3, threads=1, seed=1); "
    "save('a', r.rgb); save('m', r.matte.alpha)",
    "python: region styles": "python:r = p.stylize('grace.png', labels='labels.png', region_styles={'255': ['waves.png', ('oil', .5)]}, "
    "size=96, iterations=3, threads=1, method='gram'); save('a', r.rgb); r.save(out / 'a.png')",
    "python: popart": "python:r = p.popart('grace.png', mode='facets'); rgb, alpha = r.render(); save('a', rgb); "
    "(out / 'a.svg').write_text(r.svg())",
    "python: reconstruct": "python:r = p.reconstruct('style', 'waves.png', size=64, iterations=3, threads=1); save('a', r.rgb)",
    "python: matte": "python:m = p.matte(p.load('grace.png')); save('a', m.alpha)",
}


def prepare(work: Path) -> None:
    """The inputs, made once."""
    if (work / "ready").exists():
        return
    sys.path.insert(0, str(ROOT))
    from portrait_nst.encoders.vgg_layout import VGG19
    from tests.encoders import networks

    work.mkdir(parents=True, exist_ok=True)
    for name, sample, side in (
        ("grace", "grace_hopper", 200),
        ("astro", "astronaut", 200),
        ("wide", "astronaut", 1200),
    ):
        with Image.open(ROOT / "samples" / f"{sample}.jpg") as file:
            image = file.convert("RGB")
            width = round(image.width * side / image.height)
            image.resize((width, side), Image.Resampling.LANCZOS).save(work / f"{name}.png")
    y, x = np.mgrid[:96, :96]
    wave = np.sin(x / 3 + np.sin(y / 7) * 2)[..., None] * [0.4, 0.2, -0.3] + [0.5, 0.4, 0.6]
    noise = np.random.default_rng(0).normal(0, 0.05, (96, 96, 3))
    Image.fromarray(np.uint8(np.clip(wave + noise, 0, 1) * 255)).save(work / "waves.png")
    with Image.open(work / "grace.png") as file:
        width, height = file.size
    mask = np.zeros((height, width), np.uint8)
    mask[height // 4 :, width // 5 : -width // 5] = 255
    Image.fromarray(mask).save(work / "mask.png")
    mask[height // 2 :] = np.where(mask[height // 2 :] > 0, 128, 0)
    Image.fromarray(mask).save(work / "labels.png")
    for folder, names in (
        ("photos", ("grace", "astro")),
        ("library/dots", ("waves", "astro")),
        ("library/lines", ("waves",)),
    ):
        (work / folder).mkdir(parents=True)
        for name in names:
            shutil.copy(work / f"{name}.png", work / folder)
    (work / "jobs.csv").write_text(
        "photo,style,output,strength,kind\ngrace.png,oil,one.png,0.7,\nastro.png,,two.jpg,,\ngrace.png,,three.png,,popart\n"
    )
    import torch

    torch.save(networks.torchvision_state(VGG19), work / "vgg19.pth")
    for name in ("resnet50", "alexnet", "efficientnet_b0"):
        torch.save(networks.model(name).state_dict(), work / f"{name}.pth")
    faces = {k: v for k, v in networks.model("resnet50", seed=1).state_dict().items() if not k.startswith("fc.")}
    torch.save(faces, work / "vggface2.pth")
    (work / "ready").touch()


def run(work: Path, name: str, text: str) -> dict[str, Any]:
    """One row: exit status, what it said, and the hashes of what it wrote."""
    out = work / "out" / re.sub(r"\W+", "-", name)
    if name == "batch, resumed" and (work / "old" / "batch").exists():
        shutil.copytree(work / "old" / "batch", out / "b")
    out.mkdir(parents=True, exist_ok=True)
    place = str(out.relative_to(work))
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
        "PORTRAIT_NST_HOME": str(work / "home"),
    }
    environment |= {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100"}
    if text.startswith("python:"):
        before = (
            "import pathlib, numpy as np, portrait_nst as p; from PIL import Image; out = pathlib.Path(%r); "
            "a = lambda f: np.array(Image.open(f).convert('RGB')); save = lambda n, x: np.save(out / f'{n}.npy', x); "
        )
        command = [sys.executable, "-c", before % place + text.removeprefix("python:")]
    else:
        command = [sys.executable, "-m", "portrait_nst", *text.replace("OUT", place).split()]
    began = time.monotonic()
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
    row: dict[str, Any] = {"status": done.returncode, "seconds": round(time.monotonic() - began, 1)}
    said = re.sub(r'"?(seconds|memory|spent|at|took)"?: [^,}]*', "", done.stdout)
    row["said"] = _hash(said.encode())
    if done.returncode:
        row["error"] = done.stderr[-2000:]
    files = {}
    for path in sorted(out.rglob("*")):
        if path.is_file() and path.suffix not in LEFT_OUT and not path.name.startswith("."):
            files[str(path.relative_to(out))] = _file(path)
    return {**row, "files": files}


def _file(path: Path) -> str:
    data = path.read_bytes()
    if path.suffix == ".json" and b"seconds" in data:
        data = re.sub(rb'"seconds": [^,}\n]*', b"", data)
    if path.suffix not in PICTURES:
        return _hash(data)
    pixels = hashlib.sha256()
    with Image.open(path) as image:
        for frame in range(getattr(image, "n_frames", 1)):
            image.seek(frame)
            pixels.update(np.asarray(image.convert("RGBA")).tobytes())
    return f"{_hash(data)} {pixels.hexdigest()[:16]}"


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def keep_old(work: Path) -> None:
    """Pictures and a batch of the tree that runs now, for the later one to go on from."""
    old = work / "old"
    old.mkdir()
    for name, row in (("stylize", "stylize"), ("blend", "stylize, blend and coarse")):
        run(work, row, TABLE[row])
        shutil.copy(work / "out" / re.sub(r"\W+", "-", row) / "a.png", old / f"{name}.png")
    run(work, "batch, resumed", TABLE["batch, resumed"])
    shutil.move(work / "out" / "batch-resumed" / "b", old / "batch")
    shutil.rmtree(work / "out")


def compare(before: Path, after: Path) -> int:
    """Print what differs; the number of rows that do."""
    one, two = json.loads(before.read_text()), json.loads(after.read_text())
    differing = 0
    for name in two:
        a, b = one.get(name, {}), two.get(name, {})
        changes = [key for key in ("status", "said") if a.get(key) != b.get(key)]
        for file in sorted({*a.get("files", {}), *b.get("files", {})}):
            x, y = a.get("files", {}).get(file, ""), b.get("files", {}).get(file, "")
            if x != y:
                same = " (pixels are the same)" if x and y and x.split()[1:] == y.split()[1:] != [] else ""
                changes.append(f"{file}{same}")
        differing += bool(changes)
        print(f"{'same' if not changes else 'DIFFERS'}  {name}  {', '.join(changes)}")
        if b.get("error") != a.get("error"):
            print("   ", (b.get("error") or "").strip()[-400:])
    print(f"{len(two)} rows, {differing} differ")
    return differing


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path, nargs="?")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", help="rows whose name has this in it")
    parser.add_argument("--record", action="store_true", help="keep the seconds among the results of this version")
    parser.add_argument("--compare", type=Path, nargs=2, metavar=("BEFORE", "AFTER"))
    given = parser.parse_args()
    if given.compare:
        sys.exit(bool(compare(*given.compare)))
    work = given.work.resolve()
    prepare(work)
    if not (work / "old").exists():
        keep_old(work)
    shutil.rmtree(work / "out", ignore_errors=True)
    table = {}
    for name, text in TABLE.items():
        if given.only is None or given.only in name:
            table[name] = run(work, name, text)
            print(f"{table[name]['status']}  {table[name]['seconds']:5.1f} s  {name}", flush=True)
    if given.out:
        given.out.write_text(json.dumps(table, indent=1) + "\n")
    if given.record:
        rows = {name: {"seconds": row["seconds"]} for name, row in table.items()}
        record("behaviour", {"all": {"seconds": round(sum(row["seconds"] for row in rows.values()), 1)}} | rows)


if __name__ == "__main__":
    main()
