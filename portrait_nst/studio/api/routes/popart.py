"""Pop art of a photo, composed at once, and its files."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from portrait_nst.studio.api.access import TheStudio
from portrait_nst.studio.api.asked import wanted
from portrait_nst.studio.api.files import FOR_GOOD, described
from portrait_nst.studio.keeping.errors import Missing
from portrait_nst.studio.models import PopartModel, Recipe
from portrait_nst.studio.painter.words import FieldError
from portrait_nst.studio.plain import plainly
from portrait_nst.studio.resolved import popart_name
from portrait_nst.studio.studio import Studio

router = APIRouter(prefix="/api", tags=["popart"])
Composition = Annotated[
    str,
    Path(pattern=r"^[0-9a-f]{32}$", description="As `POST /api/popart` says it.", examples=["0123456789abcdef" * 2]),
]
GONE = "This pop art is no longer kept; compose it again."


@router.post("/popart", summary="Compose pop art of a photo")
def compose(studio: TheStudio, recipe: Recipe) -> PopartModel:
    """Segments of tone in bold colours. Where the portrait was composed before and only colours changed, it comes at once."""
    if recipe.kind != "popart":
        raise FieldError("This composes pop art of a photo: choose kind popart. A painting is made by a job.", "kind")
    resolved = wanted(studio, recipe)
    made = studio.desk.call("popart.compose", told=recipe.model_dump(mode="json"), recipe=resolved)
    notes = plainly(made["notes"], resolved.name_of)
    return PopartModel.model_validate(made | {"id": recipe.photo + made["id"], "notes": notes})


@router.get("/popart/{id}.png", response_class=Response, responses=described("image/png"), summary="Pop art as pixels")
def png(studio: TheStudio, id: Composition, longest: Annotated[int | None, Query(ge=64, le=4096)] = None) -> Response:
    """longest: pixels of the longer side; without it the picture has its own size, and its recipe."""
    return Response(_file(studio, id, "png", longest=longest), media_type="image/png", headers=FOR_GOOD)


@router.get("/popart/{id}.svg", response_class=Response, responses=described("image/svg+xml"), summary="Pop art as SVG")
def svg(studio: TheStudio, id: Composition) -> Response:
    """A path for each segment, grouped by tone. It holds no text but that of numbers and colours."""
    return Response(_file(studio, id, "svg"), media_type="image/svg+xml", headers=FOR_GOOD)


@router.get(
    "/popart/{id}.pdf", response_class=Response, responses=described("application/pdf"), summary="Pop art as PDF"
)
def pdf(studio: TheStudio, id: Composition) -> Response:
    """A page of its own shape."""
    return Response(_file(studio, id, "pdf"), media_type="application/pdf", headers=FOR_GOOD)


@router.get(
    "/popart/{id}/sheet.pdf",
    response_class=Response,
    responses=described("application/pdf"),
    summary="A painting sheet",
)
def sheet(studio: TheStudio, id: Composition, paper: Annotated[str, Query(max_length=20)] = "A4") -> Response:
    """Numbered outlines and the list of paints. paper: A5 to A2, letter, or a size such as 30x40cm."""
    return Response(_file(studio, id, "sheet.pdf", paper=paper), media_type="application/pdf", headers=FOR_GOOD)


def _file(studio: Studio, id: str, form: str, **values: Any) -> bytes:
    """A file of a composition, by the recipe that is kept beside its photo. Raises Missing."""
    photo, digest = id[:16], id[16:]
    keeping = studio.keeping
    try:
        note = keeping.aside(keeping.thing(photo, "photo").id, popart_name(digest)).read_bytes()
        recipe = Recipe.model_validate_json(note)
    except (OSError, ValueError):
        raise Missing(GONE) from None
    data: bytes = studio.desk.call("popart.file", form=form, recipe=wanted(studio, recipe), **values)
    return data
