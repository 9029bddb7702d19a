"""Who is in a photo, for the page to outline and number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from portrait_nst import imaging
from portrait_nst.studio.desk.looks import Look, look
from portrait_nst.studio.plain import plainly

NOBODY = (
    "Nobody was found in this photo: no face is seen, and nobody from behind for sure. Draw a mask with the brush, bring one, or "
    "paint the whole picture."
)


def people(path: Path, out: Path, name: str = "the photo", clip: bool = False) -> dict[str, Any]:
    """The people of the photo `path`, as `models.People` has them; also kept in the file `out`, for the next time.

    clip: whether it is a clip, whose middle frame is looked at. Raises InputError, ResourceError.
    """
    found = _of(look(path, name, clip))
    imaging.write_atomic(out, json.dumps(found).encode(), overwrite=True)
    return found


def _of(seen: Look) -> dict[str, Any]:
    group = seen.group
    if group is None:
        return {"people": [], "notes": [NOBODY]}
    height, width = seen.photo.size
    numbered = enumerate(zip(group.faces, group.outlines(), strict=True), 1)
    return {
        "people": [
            {"number": number, "box": _box(face.box, width, height), "outline": outline}
            for number, (face, outline) in numbered
        ],
        "notes": plainly(group.notes),
    }


def _box(box: tuple[float, float, float, float], width: int, height: int) -> list[float]:
    """Left, top, width and height as fractions, as far as it lies in the picture."""
    left, top = (min(max(at / of, 0.0), 1.0) for at, of in zip(box[:2], (width, height)))
    right, bottom = (min(max((at + long) / of, 0.0), 1.0) for at, long, of in zip(box[:2], box[2:], (width, height)))
    return [round(value, 4) for value in (left, top, right - left, bottom - top)]
