"""Makes the portraits on which a package without photographs learns instant networks: samples/, with maps of their faces.

usage: python models/make_portraits.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from portrait_nst import imaging, segmentation
from portrait_nst.faces import face_map
from portrait_nst.instant.learning.material import PERCENT

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 512
QUALITY = 88


def main() -> None:
    """Write models/instant/portrait_NAME.jpg, and .png with the face map in percent."""
    for name in ("astronaut", "grace_hopper"):
        photo = imaging.load(ROOT / "samples" / f"{name}.jpg")
        size = imaging.size_within(photo.size, LONGEST)
        own = face_map(photo.size, segmentation.faces(photo))
        target = ROOT / "models" / "instant" / f"portrait_{name}"
        Image.fromarray(imaging.resize(photo.rgb, size)).save(target.with_suffix(".jpg"), quality=QUALITY)
        percent = imaging.resize(np.rint(own * PERCENT).astype(np.uint8), size)
        Image.fromarray(percent).save(target.with_suffix(".png"), optimize=True)


if __name__ == "__main__":
    main()
