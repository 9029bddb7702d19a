"""The page that shows the HTTP API, from files of ours alone."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

FILES = Path(__file__).resolve().parents[2] / "page" / "docs"
router = APIRouter(include_in_schema=False)


@router.get("/api/docs")
def docs() -> FileResponse:
    """The page."""
    return FileResponse(FILES / "index.html")
