"""Checks of an order before anything is painted: inputs, styles, layers and files that every job would fail with."""

from __future__ import annotations

from pathlib import Path

from portrait_nst.batch import storage
from portrait_nst.batch.planning.discovery import check_there
from portrait_nst.batch.planning.jobs import Order
from portrait_nst.batch.planning.watch import folders_of
from portrait_nst.batch.storage import Url
from portrait_nst.errors import InputError
from portrait_nst.pipeline.instant.style_file import refuse_learned
from portrait_nst.settings import Settings, files_of, schema


def check(order: Order, out: str | Path | Url, *, watch: bool = False) -> None:
    """Raise InputError or ModelError, before anything is painted, for what would make every job fail.

    Such faults are an input that does not exist, a style or a file of the settings that cannot be used, a segmenter whose library
    is missing, and an encoder or a layer that does not exist; with `watch` also an order without a folder to watch.
    """
    check_there(order.inputs)
    check_shared(order, out)
    if watch:
        folders_of(order.inputs)
    for style in order.styles:
        picture = storage.load_style(storage.style_picture(storage.resolve_style(Path(), style)))
        if not order.settings.instant:
            refuse_learned([picture])
    settings = order.settings
    if settings.segmenter != Settings.segmenter:
        from portrait_nst import segmentation

        segmentation.check_library(settings.segmenter)
    for name, path in files_of(settings).items() if order.kind == "stylize" else ():
        field = schema(Settings)[name]
        # A field that takes words too is checked where it is used, with a message that lists them.
        if not field.choices and not path.is_file():
            raise InputError(f"--{field.option} {getattr(settings, name)} is no file; check the name and the folder.")
    if settings.encoder == "embedded" and not (settings.style_layers or settings.content_layers):
        return
    from portrait_nst import encoders

    encoders.check_layers(settings.encoder, (*settings.style_layers, *settings.content_layers))


def check_shared(order: Order, out: str | Path | Url) -> None:
    """Raise InputError for a location that only this process can see, and no worker."""
    for name in (out, *order.inputs, *order.styles):
        location = storage.locate(name)
        if isinstance(location, Url) and location.protocol == "memory":
            raise InputError(f"{location} is in the memory of this process; those that paint would not see it.")
