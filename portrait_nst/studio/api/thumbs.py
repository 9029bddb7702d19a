"""What the wall of styles shows: for each its name, its small picture, and whether a network has learned it."""

from __future__ import annotations

import functools
import io
import threading
from pathlib import Path

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from portrait_nst import named_styles, resources
from portrait_nst.imaging.atomic import write_atomic
from portrait_nst.studio.api.threads import aside
from portrait_nst.studio.api.views import STEP, THUMB, answer, is_known, known, read, view
from portrait_nst.studio.keeping import learned
from portrait_nst.studio.keeping.errors import Missing
from portrait_nst.studio.keeping.rows import is_id
from portrait_nst.studio.models import StyleModel
from portrait_nst.studio.records import Thing
from portrait_nst.studio.studio import Studio

_QUALITY = 88  # of JPEG
_making = threading.Lock()


def named() -> list[StyleModel]:
    """The styles of the package, each of which a network has learned."""
    described = named_styles.descriptions()
    return [
        StyleModel(id=name, name=name, title=title(name), description=text, learned=learned.is_learned(_digest(path)))
        for (name, text), path in zip(described.items(), named_styles.files().values(), strict=True)
    ]


def uploaded(thing: Thing) -> StyleModel:
    """A style that was brought."""
    name = Path(thing.name).stem or thing.name
    return StyleModel(id=thing.id, name=thing.name, title=name, uploaded=True, learned=learned.is_learned(thing.sha256))


def title(name: str) -> str:
    """A style's name as words: "ink_wash" is "Ink wash"; "ukiyo_e" has its hyphen."""
    return "Ukiyo-e" if name == "ukiyo_e" else name.replace("_", " ").capitalize()


async def thumb(studio: Studio, request: Request, id: str, longest: int = THUMB) -> Response:
    """A picture of the style `id`, its longer side `longest` pixels at most. Raises Missing."""
    if is_id(id):
        return await view(studio, request, id, "style", longest)
    picture = named_styles.find(id) if named_styles.is_name(id) else None
    if picture is None:
        raise Missing(f"There is no style {id!r}.{named_styles.near(id)}")
    longest -= longest % STEP
    tag = f"{picture.stem}-{_digest(picture)[:16]}-{longest}"
    if is_known(request, tag):
        return known(tag)
    kept = studio.keeping.beside(tag.lower())
    data = await run_in_threadpool(read, kept) if kept.is_file() else await aside(_of_named, kept, picture, longest)
    return answer(data, tag)


def _of_named(kept: Path, picture: Path, longest: int) -> bytes:
    """The picture of a style of the package. It is ours, so it is decoded here, and the wall does not wait for the desk."""
    from PIL import Image

    with _making:  # once, also where many open their first page
        if kept.is_file():
            return read(kept)
        with Image.open(picture, formats=["PNG"]) as image:
            image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
            file = io.BytesIO()
            image.convert("RGB").save(file, "JPEG", quality=_QUALITY)
        write_atomic(kept, file.getvalue(), overwrite=True)
        return file.getvalue()


@functools.lru_cache(maxsize=256)
def _digest(picture: Path) -> str:
    return resources.file_digest(picture)
