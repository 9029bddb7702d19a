"""One painting by the command in a process of its own, and the judging of it."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from portrait_nst import Photo, imaging
from portrait_nst.encoders.vgg import Vgg
from portrait_nst.types import FloatArray, UInt8Array
from tests.benchmarks.measures import TILE, lattice
from tests.benchmarks.painterly import measures
from tests.benchmarks.painterly.identity import Friend
from tests.benchmarks.speed.processes import python
from tests.benchmarks.speed.tables import sources

Row = dict[str, Any]
PAINTED = 512  # pixels along the longer side, at which a style's own lattice is looked at


@dataclass(frozen=True)
class Order:
    """What is painted: a photo in a style, and how. size and threads are None for the defaults."""

    photo: Path
    style: Path
    quality: str
    method: str
    strength: float
    size: int | None = None
    threads: int | None = None

    @property
    def pair(self) -> str:
        return f"{self.photo.stem}-{self.style.stem}"

    @property
    def name(self) -> str:
        return f"{self.pair}-{self.quality}-{self.method}-{self.strength:g}"

    @property
    def arguments(self) -> list[str]:
        """Of the command, but for its output."""
        given = ["--quality", self.quality, "--method", self.method, "--strength", f"{self.strength:g}"]
        for option, value in (("--size", self.size), ("--threads", self.threads)):
            given += [] if value is None else [option, str(value)]
        return ["stylize", str(self.photo), str(self.style), *given, "--json", "--force"]

    def asked(self) -> dict[str, Any]:
        """By this --resume knows whether a row is of the same."""
        files = {"photo": load(self.photo).sha256, "style": load(self.style).sha256}
        return {**{name: value for name, value in asdict(self).items() if name not in files}, **files}


@lru_cache(maxsize=16)
def load(path: Path) -> Photo:
    return imaging.load(path)


class Bench:
    """Paints and judges; `rows` are what is known so far."""

    def __init__(self, net: Vgg, out: Path, friend: Friend | None) -> None:
        self.net, self.out, self.friend = net, out, friend
        self.strokes = lru_cache(maxsize=3)(self._strokes)
        self.style_facts = lru_cache(maxsize=None)(self._style_facts)
        self.photo_facts = lru_cache(maxsize=None)(self._photo_facts)
        self.mattes: dict[Path, FloatArray] = {}

    def run(self, order: Order) -> Row:
        """A row of the table; one with "error" where the command failed."""
        with tempfile.TemporaryDirectory() as name:
            work = Path(name)
            file = self.out / "paintings" / f"{order.name}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            facts = work / "facts.json"
            command = python("tests.benchmarks.painterly.command", work, *order.arguments, "--output", file)
            row: Row = {"pair": order.pair, **_plain(asdict(order)), "asked": order.asked(), "sources": sources()}
            before, own = _busy(), resource.getrusage(resource.RUSAGE_CHILDREN)
            began = time.perf_counter()
            ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
            row["wall"] = time.perf_counter() - began
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = after.ru_utime + after.ru_stime - own.ru_utime - own.ru_stime
            row |= {"cores": cpu / row["wall"], "others": max(0.0, (_busy() - before - cpu) / row["wall"])}
            if ended.returncode or not facts.is_file():
                return row | {"error": ended.stderr.strip()[-2000:] or f"exit status {ended.returncode}"}
            told = json.loads(ended.stdout.splitlines()[-1])
            row |= json.loads(facts.read_text())
            row |= {"painting": str(file.relative_to(self.out)), "steps": told["steps"], "notes": told["notes"]}
            self.mattes[order.photo] = np.load(work / "matte.npy")
            row |= self._judged(order, file, np.load(work / "frame.npy"))
        return row | self.recognised(order, file)

    def _judged(self, order: Order, file: Path, frame: UInt8Array) -> Row:
        """`frame` is the picture that came out, without what JPEG would make of it."""
        alpha = self.mattes[order.photo]
        photo, painting, style = load(order.photo), imaging.load(file), load(order.style)
        apart = np.abs(painting.rgb.astype(np.int16) - photo.rgb)
        small = measures.fit(photo.rgb)
        size = small.shape[:2]
        matte = imaging.resize_mask(alpha, size)
        seen = measures.resized(painting.rgb, size)
        nn = self.strokes(order.style)(measures.tensor(seen), _as_tensor(matte))
        before = self.photo_facts(order.photo, order.style)
        return {
            "outside": int(apart[alpha == 0].max(initial=0)),
            "nn": nn,
            "fall": 1 - nn / before["photo_nn"],
            "palette": measures.palette(seen, measures.fit(style.rgb), matte),
            "cfsd": measures.cfsd(self.net, small, seen),
            "lattice": dots(frame, imaging.resize_mask(alpha, frame.shape[:2])),
            **before,
            **self.style_facts(order.style),
        }

    def recognised(self, order: Order, file: Path) -> Row:
        """What the sitter's friends say: "face" is "unknown" without the models, "none" in the photo, "found" or "lost"."""
        if self.friend is None:
            return {"identity": None, "drift": None, "face": "unknown"}
        found = self.friend(load(order.photo).rgb, imaging.load(file).rgb)
        if found is None:
            return {"identity": None, "drift": None, "face": "none"}
        face = "lost" if found.drift is None else "found"
        return {"identity": found.distance, "drift": found.drift, "face": face}

    def _strokes(self, style: Path) -> measures.Strokes:
        return measures.Strokes(self.net, measures.tensor(measures.fit(load(style).rgb)))

    def _style_facts(self, style: Path) -> Row:
        rgb = load(style).rgb
        own = measures.own_level(self.net, measures.tensor(measures.fit(rgb)))
        return {"own": own, "style_lattice": dots(measures.fit(rgb, min(PAINTED, max(rgb.shape[:2]))))}

    def _photo_facts(self, photo: Path, style: Path) -> Row:
        """The photo's own nn and palette, within the matte of the first painting of it."""
        small = measures.fit(load(photo).rgb)
        matte = imaging.resize_mask(self.mattes[photo], small.shape[:2])
        colours = measures.palette(small, measures.fit(load(style).rgb), matte)
        nn = self.strokes(style)(measures.tensor(small), _as_tensor(matte))
        return {"photo_nn": nn, "photo_palette": colours}


def dots(rgb: UInt8Array, matte: FloatArray | None = None) -> list[float] | None:
    """The lattice at periods of 2 and of 4 pixels; None for a picture that holds no tile."""
    if min(rgb.shape[:2]) < TILE:
        return None
    found = lattice(imaging.to_float(rgb), matte)
    return [found[2], found[4]]


def _as_tensor(matte: FloatArray) -> Any:
    import torch

    return torch.from_numpy(matte)[None, None]


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: os.fspath(value) if isinstance(value, Path) else value for name, value in values.items()}


def _busy() -> float:
    """CPU seconds that all of the machine's processes have taken."""
    times = psutil.cpu_times()
    return float(times.user + times.system)
