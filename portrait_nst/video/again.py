"""A painted clip made again from the recipe in its metadata."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from portrait_nst.errors import InputError
from portrait_nst.pipeline.stylizer import Stylizer
from portrait_nst.recipe.entries import READ
from portrait_nst.recipe.job import popart_of
from portrait_nst.recipe.search import Given, Search
from portrait_nst.settings import Settings, schema
from portrait_nst.video.api import stylize_video
from portrait_nst.video.names import FILMS, WRITTEN
from portrait_nst.video.options import NAMES
from portrait_nst.video.progress import OnProgress
from portrait_nst.video.recipe import VIDEO
from portrait_nst.video.result import VideoResult

OTHER_NETWORK = "the network of the style is not the one that the clip was painted with, so that it looks otherwise"


def read_recipe(path: str | Path) -> dict[str, Any] | None:
    """The recipe of a clip that `stylize_video` wrote; None for any other file."""
    from portrait_nst.clips.join import recipe_in

    path = Path(path)
    if path.suffix.lower() not in FILMS.union(WRITTEN) or not path.is_file():
        return None
    found = recipe_in(path)
    return found if found is not None and found.get("command") == VIDEO else None


def rerun_video(
    made: str | Path,
    out: str | Path,
    *,
    clip: str | Path | None = None,
    style: Given = None,
    inputs: Given = None,
    recipe: bool = True,
    overwrite: bool = False,
    on_progress: OnProgress | None = None,
) -> VideoResult:
    """Make the clip `made` again from the recipe in it, into the file `out`; a clip that was interrupted is painted to its end.

    clip, style, inputs: where the inputs are now, as in `rerun`; otherwise they are searched beside `made` and in the current
    folder. The other arguments are those of `stylize_video`. Raises InputError where there is no recipe, or an input is missing
    or has changed, and WeightsError where the encoder's weights have changed.
    """
    found = read_recipe(made)
    if found is None or found.get("format") not in READ:
        raise InputError(f"{made} holds no recipe of a painted clip; paint it again with its clip and style.")
    search = Search(made, clip, style, inputs)
    try:
        entries = dict(found["inputs"])
        search.check(entries)
        paths = {role: search.find(role, entry) for role, entry in entries.items()}
        blend = [(paths[e["role"]], float(e["weight"])) for region in found["styles"] for e in region["blend"]]
        named = {role: str(path) for role, path in paths.items() if role in schema(Settings)}
        settings = Settings.from_recipe({**found["settings"], **named})
        options = {name: value for name, value in found["video"].items() if name in NAMES}
        if options.get("popart") is not None:
            options["popart"] = popart_of(options["popart"], entries, paths)
        weights = str(found.get("weights_sha256") or "")
        networks = [network["sha256"] for network in found.get("networks", ())]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"The recipe in {search.name} is damaged: it lacks something, or has it in another form ({error}). "
            "Paint the clip again with its clip and style."
        ) from error
    result = stylize_video(
        paths["clip"],
        blend or None,
        out,
        settings,
        mask=paths.get("mask"),
        **options,
        recipe=recipe,
        overwrite=overwrite,
        on_progress=on_progress,
        stylizer=Stylizer.of(settings, weights_sha256=weights),
    )
    if networks != [network["sha256"] for network in result.recipe.get("networks", ())]:
        return replace(result, notes=(*result.notes, OTHER_NETWORK))
    return result
