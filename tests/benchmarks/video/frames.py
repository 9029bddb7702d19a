"""The frames of scenes as pictures, for other programs: FOLDER/PHOTO-SCENE/00000.png and so on.

python -m tests.benchmarks.video frames --photo A.jpg --scene pan-1 --out FOLDER
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

from tests.benchmarks.video.errors import scene_of
from tests.benchmarks.video.scenes import SCENES, SIZE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photo", type=Path, action="append", required=True)
    parser.add_argument("--scene", choices=SCENES, action="append", required=True)
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    for photo in args.photo:
        for name in args.scene:
            folder = args.out / f"{photo.stem}-{name}"
            folder.mkdir(parents=True, exist_ok=True)
            for number, view in enumerate(scene_of(name, photo, args.frames, args.size)):
                Image.fromarray(view.rgb).save(folder / f"{number:05}.png")
            print(folder)


if __name__ == "__main__":
    main()
