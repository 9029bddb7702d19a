"""What this studio is and takes: limits, settings, presets, palettes, movements."""

from __future__ import annotations

import shutil
from pathlib import Path

from fastapi import APIRouter

from portrait_nst import __version__
from portrait_nst.settings import Settings, schema
from portrait_nst.studio.api import catalogue
from portrait_nst.studio.api.access import TheStudio
from portrait_nst.studio.api.catalogue import About, Catalogue, Limits

router = APIRouter(prefix="/api", tags=["about"])


@router.get("/about", summary="What this studio is, its limits, and how full it is")
def about(studio: TheStudio) -> About:
    """Its version, the limits of what may be brought, the length of its queue, and room on the disk in bytes."""
    options = studio.options
    return About(
        version=__version__,
        limits=Limits(upload=options.upload, clip=options.clip, pixels=options.pixels),
        qualities=list(schema(Settings)["quality"].choices),
        queue=studio.keeping.count("waiting", "running"),
        free=shutil.disk_usage(_there(options.home)).free,
        quota=options.quota,
        used=studio.keeping.used(),
    )


@router.get("/settings", summary="Every setting with its range and help, presets, palettes and art movements")
def settings(studio: TheStudio) -> Catalogue:
    """What a recipe may say: the settings of a painting and of pop art, presets, palettes and art movements."""
    return catalogue.catalogue(studio.options.library)


def _there(folder: Path) -> Path:
    """The folder, or the nearest above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())
