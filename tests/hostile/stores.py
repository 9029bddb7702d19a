"""Hostile files that are no pictures: recipes, jobs, palettes and manifests; how they are made and read."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import re
import sqlite3
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from tests.hostile import cases, pictures, texts
from tests.hostile.flips import Rng


@functools.cache
def _recipe() -> dict[str, Any]:
    """A whole recipe, whose inputs are the two files that `read_recipe` makes."""
    from portrait_nst.pop_art.settings import PopartSettings
    from portrait_nst.settings import Settings

    photo, style = pictures.seeds()["png"], pictures.seeds()["jpeg"]
    inputs = {
        "photo": {"path": "photo.png", "name": "photo.png", "sha256": hashlib.sha256(photo).hexdigest()},
        "style": {"path": "style.jpg", "sha256": hashlib.sha256(style).hexdigest()},
    }
    del inputs["photo"]["name"]
    return {
        "portrait_nst": "0.9.0", "format": 1, "command": "stylize --popart", "inputs": inputs,
        "styles": [{"label": None, "blend": [{"role": "style", "weight": 1.0}]}],
        "settings": Settings().as_dict(), "popart": PopartSettings().as_dict(), "weights_sha256": "", "matte": "all",
    }  # fmt: skip


def hostile_recipe(rng: Rng) -> bytes:
    """A picture with a hostile recipe in it: JSON with other values, or no JSON, in a text chunk or in EXIF."""
    kind = rng.random()
    if kind < 0.7:
        text = texts.dumps(texts.json_value(rng, _recipe()))
    else:
        text = texts.mutated(rng, texts.dumps(_recipe())).decode("latin-1")
    file = io.BytesIO()
    image = Image.fromarray(np.zeros((20, 20, 3), np.uint8))
    if kind % 0.1 < 0.06:
        chunks = PngImagePlugin.PngInfo()
        chunks.add_itxt("portrait-nst", text)
        image.save(file, "PNG", pnginfo=chunks)
    else:
        block = Image.Exif()
        comment = b"ASCII\0\0\0" + b'{"portrait-nst":' + text.encode("utf-8", "surrogatepass") + b"}"
        block[0x8769] = {0x9286: comment}
        image.save(file, "WEBP", exif=block.tobytes())
    return file.getvalue()


def read_recipe(data: bytes, folder: Path) -> object:
    """What `portrait-nst rerun` reads."""
    from portrait_nst.recipe import read_job

    (folder / "photo.png").write_bytes(pictures.seeds()["png"])
    (folder / "style.jpg").write_bytes(pictures.seeds()["jpeg"])
    (folder / "painted.png").write_bytes(data)
    return read_job("painted.png")


CSV = (
    "photo,style,strength,output,kind,tones,mask,blend,size,grid\na.jpg,s.png,0.7,x/y.webp,,,m.png,t.png:0.5,512,\n"
    'b.jpg,oil,,,,,,,,\n"c,d.jpg",,,,popart,4,,,,3x2\n'
)
LINES: tuple[dict[str, Any], ...] = (
    {"photo": "a.jpg", "style": "s.png", "style_layers": ["relu1_1"], "size": 96, "output": "x/a.png"},
    {"photo": "b.jpg", "kind": "popart", "grid": [3, 2], "palette": "fiesta", "tones": 4},
    {"photo": "c.jpg", "labels": "m.png", "region-style": {"0": "s.png", "#ff0000": "t.png:2"}, "background": "blur"},
    {"photo": "d.jpg", "style": "oil", "blend": ["t.png:0.5", "u.png"], "mask": "m.png", "weights": "w.pth"},
)


def hostile_csv(rng: Rng) -> bytes:
    """A hostile file of jobs as CSV."""
    return texts.mutated(rng, CSV)


def hostile_jsonl(rng: Rng) -> bytes:
    """A hostile file of jobs as JSON lines."""
    if rng.random() < 0.7:
        return "\n".join(texts.dumps(texts.json_value(rng, line)) for line in LINES).encode()
    return texts.mutated(rng, "\n".join(map(json.dumps, LINES)))


MOST_JOBS = 1000  # planning takes a fifth of a millisecond a job, and a hundred thousand lines are no failure


def _plan(rows: Path, folder: Path) -> object:
    from portrait_nst.batch import Order, plan
    from portrait_nst.batch.manifest.manifest import Manifest
    from portrait_nst.batch.planning.planner import Planner

    out = folder / "out"
    jobs = list(islice(plan(Order([], ["oil"], rows), out), MOST_JOBS))
    for job in jobs:
        assert (out / job.output).resolve().is_relative_to(out.resolve()) or job.error, f"{job.output} is outside"
        assert "\n" not in job.error, "an error of several lines"
    with Manifest.open(out) as manifest:
        Planner(manifest).enter_all(jobs[:50])
    return None


def read_csv(data: bytes, folder: Path) -> object:
    """The plan of a batch for a file of jobs."""
    (folder / "jobs.csv").write_bytes(data)
    return _plan(folder / "jobs.csv", folder)


def read_jsonl(data: bytes, folder: Path) -> object:
    """The plan of a batch for a file of jobs."""
    (folder / "jobs.jsonl").write_bytes(data)
    return _plan(folder / "jobs.jsonl", folder)


_PALETTES = (
    '{"colours": ["#102040", "#ff0044", "#ffee88"], "ground": "#00a6d6"}',
    "#102040\n#ff0044\n#ffee88\n",
    "102040\nff0044\nffee88\n",
    "GIMP Palette\nName: x\n#\n 16 32 64\tdark\n255 0 68\n255 238 136\n",
)


def hostile_palette(rng: Rng) -> bytes:
    """A hostile palette."""
    text = _PALETTES[int(rng.integers(len(_PALETTES)))]
    if text[0] == "{" and rng.random() < 0.5:
        return texts.dumps(texts.json_value(rng, json.loads(text))).encode()
    return texts.mutated(rng, text)


def read_palette(data: bytes, folder: Path) -> object:
    """What `--palette FILE` reads."""
    from portrait_nst.pop_art.colour.palettes import palette

    path = folder / ("palette.json" if data[:1] in b"{[" else "palette.gpl")
    path.write_bytes(data)
    return palette(str(path), 5)


@functools.cache
def _manifest() -> bytes:
    """A manifest with jobs in every state."""
    from portrait_nst.batch import Order, plan
    from portrait_nst.batch.manifest.manifest import Manifest
    from portrait_nst.batch.planning.planner import Planner

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Absolute paths, so that the manifest does not hold the name of a temporary folder.
        lines = re.sub(r'"(\w+\.(?:jpg|png|pth))', r'"/nowhere/\1', "\n".join(map(json.dumps, LINES)))
        (folder / "jobs.jsonl").write_text(lines)
        with Manifest.open(folder / "out") as manifest:
            Planner(manifest).enter_all(plan(Order([], ["oil"], folder / "jobs.jsonl"), folder / "out"))
            for number, state in enumerate(("done", "running", "failed"), 1):
                manifest.change(
                    number,
                    state=state,
                    seconds=1.5,
                    written=10,
                    painted=2.0,
                    scores='{"likeness": 0.5}',
                    error="it failed",
                )
        return (folder / "out" / "batch.sqlite3").read_bytes()


_COLUMNS = ("photo", "style", "mask", "kind", "output", "settings", "state", "seconds", "scores", "notes", "error", "attempts",
            "written", "painted", "version", "run", "todo", "origin", "input_size", "input_mtime")  # fmt: skip


def hostile_manifest(rng: Rng) -> bytes:
    """A manifest with damaged bytes, with other values in its rows, or without a table, column or with another format."""
    if rng.random() < 0.5:
        return cases.changed(rng, _manifest())
    database = sqlite3.connect(":memory:")
    database.deserialize(_manifest())
    for _ in range(int(rng.integers(1, 4))):
        column, given = _COLUMNS[int(rng.integers(len(_COLUMNS)))], texts.value(rng)
        if isinstance(given, (list, dict)):
            given = json.dumps(given)
        if isinstance(given, int) and abs(given) > 2**62:
            given = -1
        if isinstance(given, str):
            given = (
                given.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
                if rng.random() < 0.5
                else given.encode("utf-8", "surrogatepass")
            )
        action = int(rng.integers(6))
        try:
            if action == 0:
                database.execute("UPDATE settings SET json = ?", (given if given is not None else "x",))
            elif action == 1:
                database.execute(
                    (
                        "DROP TABLE settings",
                        "DROP TABLE jobs",
                        f"ALTER TABLE jobs DROP COLUMN {column}",
                        "PRAGMA user_version = 2",
                    )[int(rng.integers(4))]
                )
            else:
                database.execute(f"UPDATE jobs SET {column} = ? WHERE id > ?", (given, int(rng.integers(4))))
        except sqlite3.Error:
            pass
        database.commit()
    return database.serialize()


def read_manifest(data: bytes, folder: Path) -> object:
    """What `batch-status`, `--dry-run` and a batch do with the database of an output folder."""
    from portrait_nst.batch import Options, Order, opened
    from portrait_nst.batch.manifest.manifest import Manifest
    from portrait_nst.batch.overview import expect, status
    from portrait_nst.batch.page import write_page
    from portrait_nst.batch.workers.task import Task
    from portrait_nst.errors import PortraitError

    out = folder / "out"
    out.mkdir()
    (out / "batch.sqlite3").write_bytes(data)
    (folder / "jobs.jsonl").write_text("\n".join(map(json.dumps, LINES)))
    order = Order([], ["oil"], folder / "jobs.jsonl")
    try:
        with Manifest.read(out) as manifest:
            json.dumps(status(manifest))
    except PortraitError as error:
        assert "\n" not in str(error), "an error of several lines"
    with opened(order, out, Options(workers=1)) as session:
        session.plan()
        list(session.refused())
        for row in session.manifest.todo():
            task = session.task(row)
            assert isinstance(task, Task)
            assert Path(str(task.output)).resolve().is_relative_to(out.resolve()), f"{task.output} is outside"
        expect(session)
        write_page(session.manifest, out / "page.html")
    return None
