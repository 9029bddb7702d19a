"""Batches: the same recipe for many photos, each a job of its own."""

from __future__ import annotations

import secrets
from collections import Counter

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from portrait_nst.studio.api.access import TheStudio
from portrait_nst.studio.api.files import described
from portrait_nst.studio.api.routes.jobs import JobId, attachment
from portrait_nst.studio.keeping.keeping import Missing
from portrait_nst.studio.models import BatchModel, BatchRequest, JobRequest
from portrait_nst.studio.painter import archive, titles
from portrait_nst.studio.painter.words import FieldError
from portrait_nst.studio.records import Job
from portrait_nst.studio.studio import Studio

router = APIRouter(prefix="/api", tags=["batches"])


@router.post("/batches", status_code=201, summary="Let many photos be painted alike")
def submit(request: BatchRequest, studio: TheStudio) -> BatchModel:
    """Let a job wait for each photo; all or none."""
    photos = list(dict.fromkeys(request.photos))
    if request.photo not in photos:
        raise FieldError("The photo must be one of the photos, as a rule the first.", "photo")
    if request.mask is not None and len(photos) > 1:
        raise FieldError("A mask belongs to one photo, and there are several; leave it out.", "mask")
    if request.decided is not None and len(photos) > 1:
        raise FieldError("What was decided belongs to one photo, and there are several; leave it out.", "decided")
    values = request.model_dump(include=set(JobRequest.model_fields))
    id = secrets.token_hex(8)
    studio.queue.submit_all([JobRequest.model_validate({**values, "photo": photo}) for photo in photos], id)
    return _model(studio, id)


@router.get("/batches", summary="The newest batches")
def batches(studio: TheStudio) -> list[BatchModel]:
    """The newest batches, newest first."""
    return [_model(studio, id) for id in studio.keeping.batches(50)]


@router.get(
    "/batches/{id}.zip",
    summary="The results of a batch in one file",
    response_class=StreamingResponse,
    responses=described("application/zip"),
)
def packed(id: JobId, studio: TheStudio) -> StreamingResponse:
    """The results of a batch that are done, in one file."""
    jobs = [job for job in _jobs(studio, id) if job.state == "done" and job.result.get("files")]
    if not jobs:
        raise Missing("Nothing of this batch is done yet.")
    files, taken = [], set[str]()
    for job in jobs:
        form = job.result["files"][0]
        files.append(
            (studio.keeping.aside(job.id, f"result.{form}"), titles.unique(titles.file_name(job.title, form), taken))
        )
    name = titles.file_name(_model(studio, id).title, "zip")
    headers = {"Content-Disposition": attachment(name), "Cache-Control": "no-store"}
    return StreamingResponse(archive.stored(files), media_type="application/zip", headers=headers)


@router.get("/batches/{id}", summary="A batch")
def batch(id: JobId, studio: TheStudio) -> BatchModel:
    """A batch."""
    return _model(studio, id)


@router.post("/batches/{id}/cancel", summary="Cancel a batch")
def cancel(id: JobId, studio: TheStudio) -> BatchModel:
    """Cancel all jobs of a batch that are not finished."""
    unfinished = [job.id for job in _jobs(studio, id) if job.state in ("waiting", "running")]
    studio.queue.cancel(*reversed(unfinished))  # the last first, so that the painter begins none meanwhile
    return _model(studio, id)


def _jobs(studio: Studio, id: str) -> list[Job]:
    """The jobs of a batch in their order. Raises Missing."""
    found = studio.keeping.jobs(batch=id, limit=None)
    if not found:
        raise Missing(f"There is no batch {id!r}, or all of its jobs were removed.")
    return found[::-1]


def _model(studio: Studio, id: str) -> BatchModel:
    jobs = _jobs(studio, id)
    named = {str(job.request.get("title", "")) for job in jobs}
    title = named.pop() if len(named) == 1 else ""
    return BatchModel(
        id=id,
        title=title or (jobs[0].title if len(jobs) == 1 else f"{jobs[0].title} and {len(jobs) - 1} more"),
        made=jobs[0].made,
        counts=dict(Counter(job.state for job in jobs)),
        jobs=[job.id for job in jobs],
    )
