"""How near the matte's edge and its colours come to a known alpha: drawn heads with hair, before real photographs.

    python -m tests.benchmarks.matting --background A.jpg --background B.jpg
    python -m tests.benchmarks.matting --background A.jpg --size 866 --size 3400 --kind curls --out FOLDER
    python -m tests.benchmarks.matting --background A.jpg --out FOLDER --arrays       for another program's mattes
    python -m tests.benchmarks.matting --background A.jpg --estimated FOLDER          and these measured

For each background and kind of hair a head is composed: strands are drawn one by one, in their own colours, so that alpha and the
foreground's colours are known at every pixel. The matte is made of what a segmentation model would give: the head without its
single strands, blurred to 256 cells, two pixels off. Measured where hair may be, within 1/24 of the side of the head's outline:

    sad   mean |a - a*|, in percent (their sum, over the number of those pixels)
    mse   mean (a - a*)^2, times 1000
    grad  mean (|grad a| - |grad a*|)^2 at a scale of 1.4 pixels, times 1000 (Rhemann et al., CVPR 2009)
    lost  mean a* - a over strands that the model did not see, in percent of their alpha
    halo  mean error of the composites a F + (1 - a) C over white, green and black, in 8-bit steps
    ink   mean error of F, weighted by the true alpha, in 8-bit steps, where it is not 1
    noise mean change of a over the whole photo, in percent, when noise of 2/255 is added
    cpu   seconds of CPU of the matte, and of the colours

--out gets the photo, the alphas and the composites as pictures. --arrays puts `NAME.npz` (rgb, coarse) there, and --estimated
measures `NAME-alpha.png` and `NAME-colour.png` of a folder instead of ours, as far as they are there."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from portrait_nst import imaging
from portrait_nst.segmentation.refine import enlarge, refine
from portrait_nst.types import FloatArray, UInt8Array
from tests.benchmarks.speed.tables import markdown

CELLS = 256  # of the model, along a side
WORKING = 866  # side of the picture that is matted, pixels
BACKGROUNDS = {"white": (255, 255, 255), "green": (0, 200, 0), "black": (0, 0, 0)}


@dataclass(frozen=True)
class Kind:
    """A kind of hair. Lengths are shares of the picture's side; colours are 8-bit sRGB."""

    strands: int
    length: float
    width: float  # pixels of a picture of 866
    curl: float  # turns of a strand's direction over its length
    colour: tuple[int, int, int]


KINDS = {
    "flyaway": Kind(260, 0.10, 1.0, 0.15, (52, 38, 30)),
    "blond": Kind(420, 0.12, 1.1, 0.3, (196, 160, 104)),
    "curls": Kind(520, 0.11, 1.6, 1.6, (40, 30, 28)),
    "grey": Kind(360, 0.09, 1.0, 0.5, (170, 168, 166)),
    "stubble": Kind(1800, 0.012, 0.8, 0.1, (30, 26, 26)),
    "bald": Kind(0, 0.0, 1.0, 0.0, (188, 140, 114)),
}


@dataclass(frozen=True)
class Scene:
    """A photo whose alpha (H, W) and foreground (H, W, 3), 0 to 255, are known, and what a model sees of it (h, w)."""

    rgb: UInt8Array
    alpha: FloatArray
    foreground: FloatArray
    core: FloatArray
    coarse: FloatArray


def smooth(values: FloatArray, sigma: float) -> FloatArray:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)


def outline(angle: float) -> tuple[float, float]:
    """A point of the head's outline: (x, y) as shares of the side; an angle of 0 is straight up."""
    return 0.5 + 0.19 * np.sin(angle), 0.4 - 0.25 * np.cos(angle)


def texture(rng: np.random.Generator, side: int, colour: tuple[int, int, int]) -> FloatArray:
    """A colour whose lightness varies as hair's does: streaks and broad waves. (side, side, 3), 0 to 255."""
    streaks = cv2.GaussianBlur(rng.normal(0, 1, (side, side)).astype(np.float32), (0, 0), 0.8, sigmaY=side / 60)
    waves = smooth(rng.normal(0, 1, (side, side)).astype(np.float32), side / 40)
    lightness = 1 + 0.22 * streaks / streaks.std() + 0.18 * waves / waves.std()
    return np.asarray(np.clip(np.array(colour, np.float32) * lightness[..., None], 0, 255), np.float32)


def strand(rng: np.random.Generator, kind: Kind) -> FloatArray:
    """The points of one strand, (n, 2) float32 as shares of the side: from inside of the head outward, and curling."""
    angle = rng.uniform(-2.3, 2.3)
    x, y = outline(angle)
    course = angle + rng.normal(0, 0.5)
    length, turns = kind.length * rng.uniform(0.3, 1), kind.curl * rng.normal(0, 1)
    points, n = [], 24
    x, y = x - 0.02 * np.sin(angle), y + 0.02 * np.cos(angle)
    for i in range(n):
        points.append((x, y))
        step = 0.02 / 4 if i < 4 else length / (n - 4)
        x, y = x + step * np.sin(course), y - step * np.cos(course)
        course += 0 if i < 4 else 2 * np.pi * turns / n
    return np.array(points, np.float32)


def figure(rng: np.random.Generator, kind: Kind, side: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Alpha (side, side), colours (side, side, 3) from 0 to 255, and alpha without single strands."""
    core = np.zeros((side, side), np.uint8)
    angles = np.linspace(-np.pi, np.pi, 90)
    head = np.array([outline(a) for a in angles]) * side * 16
    cv2.fillPoly(core, [head.astype(np.int32)], 255, cv2.LINE_AA, 4)
    body = np.array(
        [(0.42, 0.58), (0.42, 0.68), (0.12, 0.8), (0.06, 1.1), (0.94, 1.1), (0.88, 0.8), (0.58, 0.68), (0.58, 0.58)]
    )
    cloth = np.zeros((side, side), np.uint8)
    cv2.fillPoly(cloth, [(body * side * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    blur = side / WORKING * 0.7
    heads, clothes = (smooth(part.astype(np.float32) / np.float32(255), blur) for part in (core, cloth))
    colours = texture(rng, side, kind.colour)
    away = np.mgrid[:side, :side] / side - np.array([0.45, 0.5])[:, None, None]
    face = smooth((np.hypot(away[0], away[1]) < 0.14).astype(np.float32), 2)
    colours += face[..., None] * (texture(rng, side, (198, 150, 124)) - colours)
    dressed = clothes * (1 - heads)
    colours += (dressed / np.maximum(dressed + heads, 1e-3))[..., None] * (texture(rng, side, (60, 74, 110)) - colours)
    alpha = 1 - (1 - heads) * (1 - clothes)
    seen = alpha.copy()
    premultiplied = colours * alpha[..., None]
    batches = 24
    for _ in range(batches if kind.strands else 0):  # strands of one batch share a colour
        layer = np.zeros((2 * side, 2 * side), np.uint8)
        for _ in range(max(1, round(kind.strands / batches))):
            points = np.rint(strand(rng, kind) * 2 * side * 16).astype(np.int32)
            width = max(1, round(2 * kind.width * side / WORKING * rng.uniform(0.6, 1.4)))
            cv2.polylines(layer, [points], False, 255, width, cv2.LINE_AA, 4)
        cover = cv2.resize(layer, (side, side), interpolation=cv2.INTER_AREA) / np.float32(255)
        cover = smooth(np.asarray(cover, np.float32), 0.5)[..., None] * np.float32(rng.uniform(0.5, 1))
        lightness = np.float32(rng.normal(1, 0.25))
        shade = np.clip(np.array(kind.colour, np.float32) * lightness, 0, 255)
        premultiplied += cover * (shade - premultiplied)
        alpha += cover[..., 0] * (1 - alpha)
    alpha[alpha < 0.004], alpha[alpha > 0.996] = 0, 1
    return (
        alpha,
        np.where(alpha[..., None] > 0, premultiplied / np.maximum(alpha, 1e-3)[..., None], colours).clip(0, 255),
        seen,
    )


def compose(background: UInt8Array, kind: Kind, side: int, seed: int) -> Scene:
    """A head before a background, which is out of focus for every other seed."""
    rng = np.random.default_rng(seed)
    alpha, colours, seen = figure(rng, kind, side)
    height, width = background.shape[:2]
    least = min(height, width)
    top, left = (height - least) // 2, (width - least) // 2
    place = cv2.resize(background[top : top + least, left : left + least], (side, side), interpolation=cv2.INTER_CUBIC)
    behind = smooth(place.astype(np.float32), (0.7, 4.0)[seed % 2] * side / WORKING)
    mixed = alpha[..., None] * colours + (1 - alpha[..., None]) * behind + rng.normal(0, 1.5, behind.shape)
    _, jpeg = cv2.imencode(
        ".jpg", np.rint(mixed).clip(0, 255).astype(np.uint8)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 93]
    )
    rgb = np.ascontiguousarray(np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])
    cells = cv2.resize(smooth(alpha, side / CELLS), (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    # The model keeps a tuft and leaves a strand out: what fills a cell by half is taken for the person.
    cells = smooth(1 / (1 + np.exp(-9 * (np.asarray(cells, np.float32) - 0.5))).astype(np.float32), 0.6)
    small = min(side, WORKING)
    coarse = cv2.resize(cells, (small, small), interpolation=cv2.INTER_LINEAR)
    off = np.array([[1, 0, 1.5], [0, 1, -1.5]], np.float32)
    coarse = cv2.warpAffine(coarse, off, (small, small), borderMode=cv2.BORDER_REPLICATE)
    return Scene(rgb, alpha, colours, seen, np.clip(np.asarray(coarse, np.float32), 0, 1))


def matted(rgb: UInt8Array, coarse: FloatArray) -> FloatArray:
    small = rgb
    if coarse.shape != rgb.shape[:2]:
        small = np.asarray(cv2.resize(rgb, coarse.shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)
    return enlarge(rgb, small, refine(small, coarse))


def slope(alpha: FloatArray) -> FloatArray:
    soft = smooth(alpha, 1.4)
    return np.asarray(
        np.hypot(cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=1 / 8))
    )


def over(alpha: FloatArray, colours: FloatArray | UInt8Array, ground: tuple[int, int, int]) -> FloatArray:
    return np.asarray(alpha[..., None] * colours + (1 - alpha[..., None]) * np.array(ground, np.float32), np.float32)


def measures(scene: Scene, alpha: FloatArray, colours: UInt8Array) -> dict[str, float]:
    """The measures of the module's docstring, but for noise and cpu."""
    side = scene.alpha.shape[0]
    rim = np.asarray(cv2.dilate(((scene.alpha > 0) & (scene.alpha < 1)).astype(np.uint8), np.ones((7, 7))) > 0)
    near = np.asarray(
        cv2.dilate(((scene.core > 0) & (scene.core < 1)).astype(np.uint8), np.ones((side // 12, side // 12))) > 0
    )
    zone = rim | near
    off = (alpha - scene.alpha)[zone]
    mixed = (scene.alpha > 0) & (scene.alpha < 1)
    loose = (scene.core < 0.05) & (scene.alpha > 0.1)
    found = {
        "sad": 100 * float(np.abs(off).mean()),
        "mse": 1000 * float((off**2).mean()),
        "grad": 1000 * float(((slope(alpha) - slope(scene.alpha))[zone] ** 2).mean()),
        "lost": 100 * float((scene.alpha - alpha)[loose].clip(0).sum() / max(scene.alpha[loose].sum(), 1e-6)),
    }
    halo = [
        np.abs(over(alpha, colours, ground) - over(scene.alpha, scene.foreground, ground))[zone].mean()
        for ground in BACKGROUNDS.values()
    ]
    ink = np.abs(colours - scene.foreground).mean(2)[mixed]
    found["halo"] = float(np.mean(halo))
    found["ink"] = float((ink * scene.alpha[mixed]).sum() / scene.alpha[mixed].sum())
    return found


def measured(scene: Scene) -> tuple[dict[str, float], FloatArray, UInt8Array]:
    """Our matte and colours of a scene, and all their measures."""
    start = time.process_time()
    alpha = matted(scene.rgb, scene.coarse)
    between = time.process_time()
    colours, _ = imaging.estimate_foreground(scene.rgb, alpha)
    end = time.process_time()
    noise = np.random.default_rng(9).normal(0, 2, scene.rgb.shape)
    noisy = np.rint(scene.rgb + noise).clip(0, 255).astype(np.uint8)
    found = measures(scene, alpha, colours)
    found["noise"] = 100 * float(np.abs(matted(noisy, scene.coarse) - alpha).mean())
    found["cpu matte"], found["cpu colours"] = between - start, end - between
    return found, alpha, colours


def pictures(scene: Scene, alpha: FloatArray, colours: UInt8Array) -> Iterator[tuple[str, UInt8Array]]:
    yield "photo", scene.rgb
    yield "true", np.rint(255 * scene.alpha).astype(np.uint8)
    yield "alpha", np.rint(255 * alpha).astype(np.uint8)
    yield "colour", colours
    for name, ground in BACKGROUNDS.items():
        yield name, np.rint(over(alpha, colours, ground)).astype(np.uint8)
        yield f"{name}-true", np.rint(over(scene.alpha, scene.foreground, ground)).astype(np.uint8)


def save(path: Path, picture: UInt8Array) -> None:
    cv2.imwrite(str(path), picture if picture.ndim == 2 else picture[..., ::-1])


def read(path: Path, flag: int) -> UInt8Array:
    picture = cv2.imread(str(path), flag)
    if picture is None:
        raise FileNotFoundError(path)
    return np.ascontiguousarray(picture if picture.ndim == 2 else picture[..., ::-1])


def main() -> None:
    """Compose, matte, measure and print a table: the mean of each kind and size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--background", type=Path, action="append", required=True)
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--size", type=int, action="append", help=f"side of the photo, pixels; default: {WORKING}")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--arrays", action="store_true", help="keep what another program needs in --out")
    parser.add_argument("--estimated", type=Path, help="measure the mattes in this folder instead of ours")
    args = parser.parse_args()
    rows: list[tuple[str, Mapping[str, float]]] = []
    for side in args.size or [WORKING]:
        for kind in args.kind or KINDS:
            found = []
            for seed, path in enumerate(args.background):
                name = f"{kind}-{side}-{path.stem}"
                if args.estimated and not (args.estimated / f"{name}-alpha.png").exists():
                    continue
                scene = compose(read(path, cv2.IMREAD_COLOR), KINDS[kind], side, seed)
                if args.estimated:
                    grey = read(args.estimated / f"{name}-alpha.png", cv2.IMREAD_GRAYSCALE)
                    alpha = grey.astype(np.float32) / np.float32(255)
                    colours = read(args.estimated / f"{name}-colour.png", cv2.IMREAD_COLOR)
                    numbers = measures(scene, alpha, colours)
                else:
                    numbers, alpha, colours = measured(scene)
                found.append(numbers)
                if args.out:
                    args.out.mkdir(parents=True, exist_ok=True)
                    for what, picture in pictures(scene, alpha, colours):
                        save(args.out / f"{name}-{what}.png", picture)
                    if args.arrays:
                        np.savez(args.out / f"{name}.npz", rgb=scene.rgb, coarse=scene.coarse)
            if found:
                rows.append((f"**{kind} {side}**", {key: float(np.mean([n[key] for n in found])) for key in found[0]}))
    means = [row for name, row in rows if name.startswith("**")]
    rows.append(("**all**", {key: float(np.mean([row[key] for row in means])) for key in means[0]}))
    columns = list(rows[0][1])
    print(markdown(["scene", *columns], [[name, *(f"{row[c]:.3g}" for c in columns)] for name, row in rows]))


if __name__ == "__main__":
    main()
