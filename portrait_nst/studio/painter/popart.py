"""Pop art of a photo, as pixels, as drawings and as a painting sheet."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

from portrait_nst import imaging
from portrait_nst.pop_art.report import without_folders
from portrait_nst.studio.desk import popart as composed
from portrait_nst.studio.painter import outputs, sources
from portrait_nst.studio.painter.messages import Order
from portrait_nst.studio.painter.telling import Telling

SHEET = "sheet.pdf"


def draw(order: Order, telling: Telling) -> dict[str, Any]:
    """Draw the pop art of `order` and write its files; the facts of the result. Raises PortraitErrors, CancelledError."""
    began = time.monotonic()
    asked = order.resolved
    telling.step("Dividing into segments", 0.1)
    made = composed.made(asked)
    telling.step("Drawing", 0.7)
    width, height = made.size
    sources.check_room(order.folder, width * height)
    rgb, alpha = made.render()
    forms = outputs.save_picture(made.save, order.folder, transparent=alpha is not None)
    telling.step("Writing", 0.9)
    for form, data in (("svg", made.svg().encode()), ("pdf", made.pdf()), (SHEET, made.sheet_pdf())):
        telling.check()
        imaging.write_atomic(order.folder / outputs.name(form), data, overwrite=True)
        forms.append(form)
    outputs.save_thumb(rgb, alpha, order.folder)
    recipe: dict[str, Any] = {
        "popart": without_folders(made.settings),
        "photo": {"file": asked.photo.name, "sha256": asked.photo.sha256},
    }
    if asked.decided is not None:
        recipe["decided"] = dataclasses.asdict(asked.decided)
    outputs.save_recipe(recipe, order.folder)
    return {
        "width": int(rgb.shape[1]),
        "height": int(rgb.shape[0]),
        "seconds": round(time.monotonic() - began, 2),
        "files": forms,
        "likeness": None,
        "interrupted": False,
        "notes": list(made.notes),
    }
