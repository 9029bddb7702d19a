"""Pop art of a photo, as pixels, as drawings and as a painting sheet."""

from __future__ import annotations

import time
from typing import Any

from portrait_nst import imaging, pipeline
from portrait_nst.pop_art.report import without_folders
from portrait_nst.studio.painter import outputs, sources
from portrait_nst.studio.painter.messages import Order
from portrait_nst.studio.painter.telling import Telling

SHEET = "sheet.pdf"


def draw(order: Order, telling: Telling) -> dict[str, Any]:
    """Draw the pop art of `order` and write its files; the facts of the result. Raises PortraitErrors, CancelledError."""
    began = time.monotonic()
    asked, settings = order.resolved, order.resolved.settings
    telling.step("Looking at the photo")
    photo = sources.picture(asked.photo)
    sources.check_room(order.folder, photo.width * photo.height)
    mask = None if asked.mask is None else sources.matte(asked.mask, photo.size)
    chosen = {} if mask is not None else {"region": settings.region, "person": settings.person}
    telling.step("Dividing into segments", 0.2)
    made = pipeline.popart(
        photo,
        mask=mask,
        palette_from=None if asked.palette is None else sources.picture(asked.palette),
        settings=asked.popart,
        **chosen,  # type: ignore[arg-type]
    )
    telling.step("Drawing", 0.7)
    rgb, alpha = made.render()
    forms = outputs.save_picture(made.save, order.folder, transparent=alpha is not None)
    telling.step("Writing", 0.9)
    for form, data in (("svg", made.svg().encode()), ("pdf", made.pdf()), (SHEET, made.sheet_pdf())):
        telling.check()
        imaging.write_atomic(order.folder / outputs.name(form), data, overwrite=True)
        forms.append(form)
    outputs.save_thumb(rgb, alpha, order.folder)
    recipe = {
        "popart": without_folders(made.settings),
        "photo": {"file": asked.photo.name, "sha256": asked.photo.sha256},
    }
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
