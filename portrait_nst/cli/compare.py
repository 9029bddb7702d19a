"""`portrait-nst compare PHOTO STYLE --vary ...`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from portrait_nst.cli import options
from portrait_nst.cli.options import LOOK, OUTPUT, option
from portrait_nst.cli.setting_options import takes_settings
from portrait_nst.errors import InputError
from portrait_nst.settings import Settings

if TYPE_CHECKING:
    from portrait_nst.report import Comparison, Run


@takes_settings()
def command(
    photo: options.PhotoArgument,
    style: options.StyleArgument,
    vary: Annotated[
        list[str] | None,
        option(
            LOOK,
            "--vary",
            help="A setting and its values, as name=a,b,c; repeat for every combination. Join layers by +.",
        ),
    ] = None,
    *,
    settings: Settings,
    set_: Annotated[
        list[str] | None, option(LOOK, "--set", help="A setting that all runs share, as name=value; repeat.")
    ] = None,
    folder: Annotated[
        Path | None,
        option(
            OUTPUT, "-o", "--output", help="Folder for pictures, records and overview.  [default: PHOTO-STYLE-compare]"
        ),
    ] = None,
    mask: options.Mask = None,
    profile: options.Profile = "photo",
    force: Annotated[
        bool, option(OUTPUT, "--force", "-f", help="Paint all again, and into a folder that holds other files.")
    ] = False,
    no_recipe: options.NoRecipe = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Paint PHOTO in STYLE with every combination of some settings, and set the results side by side.

    The folder gets each picture, and an overview: `index.html`, `sheet.png`, `runs.csv`, `losses.png`. The same command again
    goes on where it was interrupted; more values paint only what is new.

    **Examples**

    `portrait-nst compare me.jpg starry.png --vary optimizer=lbfgs,adam --vary content-layer=relu2_1,relu3_1 --set method=gram`

    `portrait-nst compare me.jpg starry.png --quality draft --vary strength=0.3,0.5,0.7 -o strengths`
    """
    from portrait_nst import named_styles, report
    from portrait_nst.cli import console, pipes

    options.check_profile(profile)
    pipes.one_pipe(photo=photo, style=style, mask=mask)
    style = style if style == pipes.PIPE else named_styles.style_file(style)
    settings = report.parse_set(set_ or [], settings)
    varied = report.parse_vary(vary or [])
    if not quiet and not json:
        from portrait_nst.report.vary import assignments, expand, unused_in_all

        shared = [name for name, _ in assignments("--set", set_ or [], "name=value")]
        for note in unused_in_all(expand(varied, settings), shared):
            console.say(f"note: {note}")
    if folder == pipes.PIPE:
        raise InputError("-o is a folder for many files, which cannot go to standard output; name a folder.")
    names = ["photo" if photo == pipes.PIPE else photo.stem, "style" if style == pipes.PIPE else style.stem]
    target = folder or Path(f"{'-'.join(names)}-compare")
    # Files stay paths here: `report.compare` refuses settings that no run could use before it reads them.
    photo_given = pipes.load(photo, "photo") if photo == pipes.PIPE else photo
    style_given = pipes.load(style, "style") if style == pipes.PIPE else style
    mask_given = pipes.given(mask, "mask")
    if settings.instant and settings.learn:
        from portrait_nst.cli import learn_output, learn_runs

        learn_runs.before_many([style_given], settings, learn_output.Talk(quiet, json))

    def on_run(run: Run, done: int, total: int, kept: bool) -> None:
        if not quiet and not json:
            console.say(f"{done}/{total}  {run.name}  {_outcome(run, kept)}")

    with console.progress(quiet or json, forecast=False) as on_step:
        made = report.compare(
            photo_given,
            style_given,
            varied,
            settings,
            target,
            mask=mask_given,
            overwrite=force,
            profile=profile,
            recipe=not no_recipe,
            on_run=on_run,
            on_step=on_step,
        )
    _print_result(made, json, quiet)


def _outcome(run: Run, kept: bool) -> str:
    if run.error:
        return f"failed: {run.error}"
    style = f"style {run.losses['style']:.4f}" if "style" in run.losses else ""
    return f"{style}  {'there already' if kept else f'{run.seconds:.1f} s'}".strip()


def _print_result(made: Comparison, as_json: bool, quiet: bool) -> None:
    """Print the result. The exit status is 130 after Ctrl-C, and 2 where a run failed."""
    from portrait_nst.cli import console

    if as_json:
        console.print_json(_values(made))
    else:
        console.print_path(made.files["page"])
    if made.interrupted:
        console.say("Interrupted: what is done was kept; the same command goes on from there.")
        raise typer.Exit(130)
    if made.failed:
        if not quiet:
            console.say(f"{len(made.failed)} of {len(made.runs)} runs failed; their records say why.")
        raise typer.Exit(2)


def _values(made: Comparison) -> dict[str, Any]:
    runs = [
        {
            "run": run.index,
            "varied": run.varied,
            "picture": None if run.picture is None else str(made.folder / run.picture),
            "settings_hash": run.settings_hash,
            "steps": run.steps,
            "seconds": round(run.seconds, 2),
            "losses": run.losses,
            "scores": run.scores,
            "error": run.error,
        }
        for run in made.runs
    ]
    files = {name: str(path) for name, path in made.files.items()}
    return {"folder": str(made.folder), **files, "painted": made.painted, "runs": runs}
