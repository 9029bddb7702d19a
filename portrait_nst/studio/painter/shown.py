"""A job as the API shows it."""

from __future__ import annotations

from portrait_nst.studio.models import Forecast, JobModel, JobRequest, Progress, Result
from portrait_nst.studio.records import Job


def shown(
    job: Job, *, place: int | None, starts_in: float | None, progress: Progress | None, forecast: Forecast | None
) -> JobModel:
    """What is kept of a job, and what its queue knows of it besides."""
    return JobModel(
        id=job.id,
        kind=job.kind,
        state=job.state,
        title=job.title,
        request=JobRequest.model_validate(job.request),
        batch=job.batch,
        place=place,
        starts_in=starts_in,
        made=job.made,
        began=job.began,
        ended=job.ended,
        progress=progress,
        forecast=forecast,
        error=job.error,
        result=Result.model_validate(job.result) if job.result else None,
        starred=job.starred,
    )
