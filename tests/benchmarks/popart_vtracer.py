"""Pop-art measures of each portrait, ours beside vtracer's polygon mode on the same label map, in one run.

    pip install vtracer
    python -m tests.benchmarks.popart_vtracer samples/*.jpg --mode ramp --json table.json

vtracer gets the label map as a picture of flat colours, one a region, and no simplification beyond its own.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from PIL import Image

from portrait_nst import imaging, pipeline, segmentation
from portrait_nst.pop_art import PopartResult, PopartSettings, compose_portrait
from portrait_nst.pop_art.measures.coverage import coverage
from portrait_nst.pop_art.measures.straightness import Straightness, summarise, turning
from portrait_nst.pop_art.partition.topology import rings
from portrait_nst.types import Face, Photo, UInt8Array

SHARED = (
    "segments",
    "gap_share",
    "overlap_share",
    "vertices_per_segment",
    "edge_p5",
    "long_edge_share",
    "flat_turn_share",
)
OURS = ("tone_error_gain", "contrast_min", "contrast_mean", "chroma", "tone_rank", "face_score", "face_drift")


def ours(path: Path, settings: PopartSettings) -> tuple[PopartResult, float]:
    photo = imaging.load(path)
    matte = pipeline.matte(photo)
    faces = segmentation.faces(photo)

    def find(rgb: UInt8Array) -> list[Face]:
        return segmentation.faces(Photo(np.ascontiguousarray(rgb)), painted=True)

    began = time.process_time()
    result = compose_portrait(photo.rgb, matte.alpha, faces[0] if faces else None, settings, find_faces=find)
    return result, time.process_time() - began


def by_vtracer(result: PopartResult) -> list[shapely.Polygon]:
    """The polygons of vtracer for the label map that the result was made from."""
    import vtracer

    labels = result.partition.regions.labels
    colours = np.random.default_rng(0).permutation(2**24)[: labels.max() + 1]
    picture = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1).astype(np.uint8)[labels]
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "labels.png", Path(folder) / "labels.svg"
        Image.fromarray(picture).save(source)
        vtracer.convert_image_to_svg_py(
            str(source), str(target), mode="polygon", hierarchical="cutout", filter_speckle=0, color_precision=8,
            layer_difference=0, path_precision=3,
        )  # fmt: skip
        return [p for data, move in _paths(target.read_text()) if (p := _polygon(data, move)) is not None]


def _paths(text: str) -> list[tuple[str, tuple[float, float]]]:
    """Path data and translation of each path."""
    found = []
    for tag in re.findall(r"<path [^>]*>", text):
        data = re.search(r'\bd="([^"]*)"', tag)
        move = re.search(r"translate\(([-\d.]+),([-\d.]+)\)", tag)
        if data:
            found.append((data[1], (float(move[1]), float(move[2])) if move else (0.0, 0.0)))
    return found


def _polygon(data: str, move: tuple[float, float]) -> shapely.Polygon | None:
    rings = []
    for part in data.split("M")[1:]:
        numbers = np.array(re.findall(r"-?\d+(?:\.\d+)?", part), float).reshape(-1, 2) + move
        if len(np.unique(numbers, axis=0)) >= 3:
            rings.append(numbers)
    if not rings:
        return None
    polygon = shapely.Polygon(rings[0], rings[1:])
    return polygon if polygon.is_valid else shapely.make_valid(polygon).buffer(0)


def row(polygons: list[shapely.Polygon], width: int, height: int) -> dict[str, Any]:
    """The measures that any set of polygons has."""
    flat = [p for q in polygons for p in shapely.get_parts(q) if isinstance(p, shapely.Polygon) and p.area > 0]
    covered = coverage(flat, width, height)
    return {
        "segments": len(flat),
        "coverage_valid": covered["coverage_valid"],
        "gap_share": covered["gap_px"] / (width * height),
        "overlap_share": covered["overlap_px"] / (width * height),
        **ring_straightness(flat, width, height),
    }


def ring_straightness(polygons: list[shapely.Polygon], width: int, height: int) -> Straightness:
    """How straight loose polygons are, which share no arcs: every ring counts, the frame does not."""
    lengths, turns = [], []
    for polygon in polygons:
        for points in rings(polygon):
            steps = np.diff(points, axis=0)
            ends = np.stack([points[:-1], points[1:]], axis=1)
            low, high = ends <= 0, ends >= np.array([width, height])
            rim = np.any(np.all(low, axis=1) | np.all(high, axis=1), axis=1)
            lengths.append(np.hypot(*steps.T)[~rim])
            turns.append(turning(np.vstack([steps, steps[:1]]))[~rim])
    return summarise(polygons, lengths, turns, float(np.hypot(width, height)))


def table(paths: list[Path], settings: PopartSettings, say: Callable[[str], object] = print) -> list[dict[str, Any]]:
    """One row a portrait and tool; printed as they come."""
    rows = []
    say("portrait           tool     " + " ".join(f"{name[:15]:>15}" for name in (*SHARED, *OURS, "cpu_seconds")))
    for path in paths:
        result, seconds = ours(path, settings)
        frame = result.partition.frame
        mine = row([s.polygon for s in result.partition.segments], frame.width, frame.height)
        # Our borders are shared: each counts once, and junctions are no turns.
        mine.update({k: result.measures[k] for k in ("edge_p5", "long_edge_share", "flat_turn_share")})
        mine.update({k: result.measures.get(k) for k in OURS}, cpu_seconds=seconds)
        theirs = row(by_vtracer(result), frame.width, frame.height)
        for tool, values in (("ours", mine), ("vtracer", theirs)):
            rows.append({"portrait": path.stem, "tool": tool, **values})
            colourings = (values.get(name) for name in (*SHARED, *OURS, "cpu_seconds"))
            say(
                f"{path.stem[:18]:18} {tool:8} "
                + " ".join(f"{'-' if v is None else f'{v:.4g}':>15}" for v in colourings)
            )
        rows[-2]["ring_straightness"] = ring_straightness(
            [s.polygon for s in result.partition.segments], frame.width, frame.height
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portraits", nargs="+", type=Path)
    parser.add_argument("--mode", default="ramp")
    parser.add_argument("--json", type=Path, help="write the table here too")
    options = parser.parse_args()
    rows = table(options.portraits, PopartSettings(mode=options.mode), lambda text: print(text, flush=True))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")
    sys.exit(0)


if __name__ == "__main__":
    main()
