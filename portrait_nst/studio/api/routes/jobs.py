"""Jobs: what waits, is painted and was painted, and the files of it."""

from __future__ import annotations

from pathlib import Path as File
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse, Response

from portrait_nst.studio.api import files
from portrait_nst.studio.api.access import TheStudio
from portrait_nst.studio.api.files import described
from portrait_nst.studio.keeping.keeping import Missing
from portrait_nst.studio.models import ID, Id, JobModel, JobRequest, Model, Title
from portrait_nst.studio.painter import titles
from portrait_nst.studio.records import JobState

router = APIRouter(prefix="/api", tags=["jobs"])
JobId = Annotated[str, Path(pattern=ID, examples=["0123456789abcdef"])]
Form = Literal["png", "jpg", "svg", "pdf", "sheet.pdf", "mp4", "webm", "gif"]
MEDIA: dict[str, str] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "sheet.pdf": "application/pdf",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "gif": "image/gif",
}
SAVED = ("svg",)  # never shown by itself, only saved or in an <img>, where nothing of it runs
KEPT = {"Cache-Control": "private, max-age=86400"}  # a result does not change any more
FRESH = {"Cache-Control": "no-store"}


class Changes(Model):
    """What may be changed of a job."""

    title: Title | None = None
    starred: bool | None = None


@router.post("/jobs", status_code=201, summary="Let something be made")
def submit(request: JobRequest, studio: TheStudio) -> JobModel:
    """Let a job wait for the painter."""
    return studio.queue.submit(request)


@router.get("/jobs", summary="The jobs, newest first")
def jobs(
    studio: TheStudio,
    state: Annotated[list[JobState], Query()] = [],  # noqa: B006 - FastAPI copies it
    batch: Annotated[Id | None, Query()] = None,
    starred: bool | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    before: Annotated[Id | None, Query()] = None,
) -> list[JobModel]:
    """The jobs, newest first. before: the id of the last one of the page before."""
    if before is not None:
        studio.keeping.job(before)
    found = studio.keeping.jobs(states=state, batch=batch, starred=starred, limit=limit, before=before)
    return [studio.queue.model(job) for job in found]


@router.get("/jobs/{id}", summary="A job")
def job(id: JobId, studio: TheStudio) -> JobModel:
    """A job."""
    return studio.queue.model(studio.keeping.job(id))


@router.patch("/jobs/{id}", summary="Give a job a title or a star")
def change(id: JobId, changes: Changes, studio: TheStudio) -> JobModel:
    """Give a job another title, or a star, with which it is never removed to make room."""
    values = changes.model_dump(exclude_none=True)
    return studio.queue.change(id, **values) if values else studio.queue.model(studio.keeping.job(id))


@router.delete("/jobs/{id}", status_code=204, summary="Remove a job")
def forget(id: JobId, studio: TheStudio) -> None:
    """Remove a job with its files; one that is not finished is cancelled first."""
    studio.queue.forget(id)


@router.post("/jobs/{id}/stop", summary="End a job with the picture so far")
def stop(id: JobId, studio: TheStudio) -> JobModel:
    """End a job in work with the picture so far, which is its result."""
    return studio.queue.stop(id)


@router.post("/jobs/{id}/cancel", summary="End a job with nothing")
def cancel(id: JobId, studio: TheStudio) -> JobModel:
    """End a job with nothing: at once if it waits, at its next step if it is in work."""
    return studio.queue.cancel(id)[0]


@router.get(
    "/jobs/{id}/preview",
    summary="A painting in the making",
    response_class=FileResponse,
    responses=described("image/jpeg"),
)
def preview(id: JobId, studio: TheStudio) -> Response:
    """The newest picture of a painting in the making; `progress.preview` counts them."""
    return _file(studio, id, "preview.jpg", "There is no preview of this job yet.", "image/jpeg", FRESH)


@router.get(
    "/jobs/{id}/thumb", summary="A result, small", response_class=FileResponse, responses=described("image/jpeg")
)
def thumb(id: JobId, studio: TheStudio) -> Response:
    """The result, 384 pixels at most."""
    return _file(studio, id, "thumb.jpg", "This job has no result yet.", "image/jpeg", KEPT)


@router.get(
    "/jobs/{id}/recipe",
    summary="How a result was made",
    response_class=FileResponse,
    responses=described("application/json"),
)
def recipe(id: JobId, studio: TheStudio, download: bool = False) -> Response:
    """What the result's own metadata say of how it was made; its inputs go by their names and sha256."""
    headers = dict(KEPT)
    if download:
        headers["Content-Disposition"] = attachment(titles.file_name(studio.keeping.job(id).title, "json"))
    return _file(studio, id, "recipe.json", "This job has no result yet.", "application/json", headers)


@router.get(
    "/jobs/{id}/result.{form}",
    summary="A result",
    response_class=FileResponse,
    responses=described(*dict.fromkeys(MEDIA.values())),
)
def result(id: JobId, form: Form, studio: TheStudio, download: bool = False) -> Response:
    """The result in one of its forms (`result.files`); download: as a file with the job's title as its name."""
    found = studio.keeping.job(id)
    forms = found.result.get("files", [])
    if form not in forms:
        there = f"there is {', '.join(forms)}" if forms else "it is not finished"
        raise Missing(f"This job has no result as {form}; {there}.")
    name = titles.file_name(found.title, form)
    kind = "attachment" if download or form in SAVED else "inline"
    headers = {**KEPT, "Content-Disposition": attachment(name, kind)}
    return _file(studio, id, f"result.{form}", "The result is no longer there.", MEDIA[form], headers)


def attachment(name: str, kind: str = "attachment") -> str:
    """A Content-Disposition with any name: as RFC 5987 has it, and in ASCII for those who do not know that."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _file(studio: TheStudio, id: str, name: str, missing: str, media: str, headers: dict[str, str]) -> Response:
    path: File = studio.keeping.aside(id, name)
    try:
        return files.picture(path, media, headers)
    except FileNotFoundError:
        raise Missing(missing) from None
