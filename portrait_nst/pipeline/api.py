"""One picture in one call: `stylize`, and `rerun`, which repeats it. `Stylizer` is meant for several pictures."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait_nst.errors import InputError, WeightsError
from portrait_nst.pipeline.inputs import FOUND_WITH, Mask, Picture, check_type, load
from portrait_nst.pipeline.label_map import label_text
from portrait_nst.pipeline.paint_plan import check_files
from portrait_nst.pipeline.pop_art import as_popart
from portrait_nst.pipeline.run import OnStep
from portrait_nst.pipeline.styles import LabelStyles, Style, load_blend
from portrait_nst.pipeline.stylizer import Stylizer, chosen_settings
from portrait_nst.pipeline.subject import prepare
from portrait_nst.pipeline.torch_import import import_torch_meanwhile
from portrait_nst.recipe import Given, Job, read_job
from portrait_nst.result import Result
from portrait_nst.settings import Settings
from portrait_nst.types import Photo

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.transfer import TargetStore

CONTINUED = "the picture was interrupted when it was made; it is now painted to the end, so it is another one"


def stylize(
    photo: Picture,
    style: Style | None = None,
    *,
    mask: Mask | None = None,
    labels: Picture | None = None,
    region_styles: LabelStyles | None = None,
    preset: str | None = None,
    settings: Settings | None = None,
    on_step: OnStep | None = None,
    stylizer: Stylizer | None = None,
    store: TargetStore | str | Path | None = None,
    network: Encoder | None = None,
    memory: float | None = None,
    **changes: Any,
) -> Result:
    """Paint the person in `photo` in the manner of `style`, leaving the background's bytes as they are.

    photo:    a picture in any form that `load` takes: a path, bytes, an open file, an array, a PIL image or a `Photo`.
    style:    the same, or a name from `portrait_nst.styles()`; for a blend, a list of these or of (picture, weight).
    mask:     the region to paint, instead of the person that segmentation finds; see `matte`.
    labels, region_styles: a label map of the photo and the style of each label ("0" to "255" or "#rrggbb"), instead of
              `style` and `mask`; regions without a style keep their bytes.
    preset:   one of `portrait_nst.presets.PRESETS`, to start from its settings instead of the defaults.
    settings: how to paint; keyword arguments, named as the fields of `Settings`, change single ones.
    on_step:  called with a `Step` after each iteration; a KeyboardInterrupt raised in it (or by Ctrl-C) ends the
              painting, and the picture so far is returned, with the status "interrupted". The first step has a forecast.
    stylizer: the loaded encoder; by default a new one for these settings.
    store, network, memory: deprecated; give them to a `Stylizer`. Here, memory is in bytes.

    Raises InputError, MaskError, ModelError or ResourceError; each message says what to do.
    """
    began = time.monotonic()
    settings = chosen_settings(preset, settings, changes)
    if stylizer is not None:
        check_type(stylizer, Stylizer, "stylizer", "a Stylizer")
    if on_step is not None and not callable(on_step):
        raise InputError(f"on_step must be a function that takes a Step, not {type(on_step).__name__}.")
    if store is not None or network is not None or memory is not None:
        if stylizer is not None:
            raise InputError("Give store, network and memory to the Stylizer, not beside one.")
        warnings.warn("store, network and memory are now arguments of Stylizer", DeprecationWarning, stacklevel=2)
        stylizer = Stylizer.of(settings, store=store, network=network, memory=None if memory is None else memory / 1e9)
    picture = load(photo, "photo")
    if (style is None) == (not region_styles) or bool(region_styles) != (labels is not None):
        raise InputError("Give either a style, or a label map (labels) with a style for each label (region_styles).")
    check_files(settings)
    if stylizer is None and settings.device not in ("auto", "cpu"):
        from portrait_nst.transfer import choose_device

        choose_device(settings.device)  # a GPU that is not there is refused before anybody is searched in the photo
    importing = import_torch_meanwhile()
    wanted: Style | Mapping[str, Style]
    if style is not None:
        wanted = load_blend(style)
        chosen: dict[str, Any] = {} if mask is not None else {name: getattr(settings, name) for name in FOUND_WITH}
        subject = prepare(picture, mask=mask, **chosen)
    else:
        wanted = {label_text(label): load_blend(blend) for label, blend in (region_styles or {}).items()}
        subject = prepare(picture, mask=mask, labels=labels, painted_labels=list(wanted))
    if subject.matte.region is not None:  # a given matte says how it was found, which belongs in the recipe
        settings = settings.replace(**{name: getattr(subject.matte, name) for name in FOUND_WITH})
    importing.join()
    stylizer = stylizer or Stylizer.of(settings)
    return stylizer.paint(stylizer.plan(subject, wanted, settings), since=began).result(on_step)


def rerun(
    output: str | Path | bytes,
    *,
    photo: str | Path | None = None,
    style: Given = None,
    inputs: Given = None,
    on_step: OnStep | None = None,
) -> Result:
    """Make `output` again from the recipe in its metadata.

    output: a picture that `Result.save` wrote, a file or its bytes.
    photo:  where the photo is, if it is neither beside `output` nor in the current folder; there each input is found by its
            name, or by its contents if it was renamed.
    style:  the same of the style, or its name; a list for several.
    inputs: other files (mask, label map, background ...), and folders to search, one or a list.

    Raises InputError if an input is missing or has changed, and WeightsError if the encoder's weights have changed. A picture
    that was interrupted is painted to the end; a note says so.
    """
    return paint_job(read_job(output, photo=photo, style=style, inputs=inputs), on_step=on_step)


def paint_job(job: Job, photo: Photo | None = None, on_step: OnStep | None = None) -> Result:
    """The picture of a recipe's `job`; `photo` is its photo, if that is loaded already. Raises as `rerun` does."""
    picture = photo or load(job.photo)
    try:
        result = stylize(
            picture,
            job.style,
            mask=None if job.labels else job.mask,
            labels=job.labels,
            region_styles=job.region_styles,
            settings=job.settings,
            on_step=on_step,
            stylizer=Stylizer.of(job.settings, weights_sha256=job.weights_sha256, networks_sha256=job.networks_sha256),
        )
    except WeightsError as error:
        raise WeightsError(
            f"The weights of the encoder {job.settings.encoder} are not those that the picture was made with. "
            f"Paint the picture again with its photo and style. ({error})"
        ) from error
    if job.interrupted:
        result = replace(result, notes=(*result.notes, CONTINUED))
    return result if job.popart is None else as_popart(result, picture, job.popart)
