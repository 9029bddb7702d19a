"""The commands behind the gallery, and a script that runs them.

    python docs/gallery.py                       run all, and put small JPEGs into docs/gallery
    python docs/gallery.py --only mosaic         run those whose name has "mosaic" in it
    python docs/gallery.py --out FOLDER          put the pictures elsewhere

The site's gallery page is built from this list, so that the command beside a picture is the command that made it.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SIDE = 560  # pixels on the longest side of a picture in the gallery
JPEG_QUALITY = 82


@dataclass(frozen=True)
class Example:
    """One picture: the section that it stands in, what it shows, and the arguments of `portrait-nst` that make it.

    The arguments hold everything but the output, which is always `-o result.png`.
    """

    section: str
    shows: str
    arguments: str

    @property
    def command(self) -> str:
        """The command as one types it in the root of the repository."""
        return f"portrait-nst {self.arguments} -o result.png"


PAINTED, VARIED, POP, INSIDE = "Painted in a style", "One thing changed", "Pop art", "What the program sees"
EXAMPLES: dict[str, Example] = {
    "impasto": Example(
        PAINTED, "The default: the person in thick oil strokes.", "stylize samples/astronaut.jpg impasto"
    ),
    "mosaic": Example(PAINTED, "Glowing panes.", "stylize samples/grace_hopper.jpg mosaic"),
    "ukiyo_e": Example(PAINTED, "A Japanese print.", "stylize samples/astronaut.jpg ukiyo_e"),
    "charcoal": Example(PAINTED, "Charcoal on rough paper.", "stylize samples/grace_hopper.jpg charcoal"),
    "two_styles": Example(
        PAINTED,
        "One style for the person, one for the place.",
        "stylize samples/astronaut.jpg woodcut --background ink_wash",
    ),
    "blend": Example(PAINTED, "A blend of two styles.", "stylize samples/grace_hopper.jpg impasto --blend pastel:0.5"),
    "gram": Example(VARIED, "Gram matrices alone.", "stylize samples/astronaut.jpg impasto --method gram"),
    "strength": Example(VARIED, "More of the style.", "stylize samples/astronaut.jpg impasto --strength 0.7"),
    "luminance": Example(
        VARIED, "The photo's own colours.", "stylize samples/astronaut.jpg impasto --colours luminance"
    ),
    "broad": Example(VARIED, "Broader strokes.", "stylize samples/astronaut.jpg impasto --style-scale 2"),
    "blur": Example(VARIED, "A blurred background.", "stylize samples/astronaut.jpg cubist --background blur"),
    "ramp": Example(POP, "One hue from dark to light.", "popart samples/astronaut.jpg"),
    "facets": Example(POP, "Several hues for each tone.", "popart samples/grace_hopper.jpg --mode facets"),
    "dots": Example(POP, "Ben-Day dots.", "popart samples/astronaut.jpg --mode dots --palette primary"),
    "grid": Example(POP, "A Warhol grid.", "popart samples/grace_hopper.jpg --mode grid --grid 2x2"),
    "overlay": Example(INSIDE, "The mask that segmentation found.", "mask samples/grace_hopper.jpg --overlay"),
    "texture": Example(
        INSIDE,
        "A style's statistics at three layers, made from noise.",
        "reconstruct style samples/styles/impasto.png --layer relu1_1 --layer relu2_1 --layer relu3_1",
    ),
}


def make(example: Example, to: Path) -> float:
    """Run the example's command and write its picture, made small, to the JPEG file `to`; the command's seconds."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.png"
        command = [sys.executable, "-m", "portrait_nst", *shlex.split(example.arguments), "-o", str(result), "-q"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        began = time.monotonic()
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        seconds = time.monotonic() - began
        with Image.open(result) as image:
            small = image.convert("RGB")
            small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
            small.save(to, quality=JPEG_QUALITY, optimize=True)
    return seconds


def page(folder: str = "gallery") -> str:
    """The gallery page as Markdown: each picture of `folder` with the command that made it."""
    lines = [
        "# Gallery",
        "",
        "Each picture is made by the command below it, and by `docs/gallery.py`, which runs them all.",
    ]
    section = ""
    for name, example in EXAMPLES.items():
        if example.section != section:
            section = example.section
            lines += ["", f"## {section}"]
        lines += ["", f"![{example.shows}]({folder}/{name}.jpg)", "", example.shows, "", f"    {example.command}"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Read the command line, run the examples that are asked for, and say how long each took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HERE / "gallery")
    parser.add_argument("--only", default="", help="examples whose name has this in it")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    for name, example in EXAMPLES.items():
        if given.only in name:
            print(f"{make(example, given.out / f'{name}.jpg'):6.1f} s  {example.command}", flush=True)


if __name__ == "__main__":
    main()
