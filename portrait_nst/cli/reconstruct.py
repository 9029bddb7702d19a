"""`portrait-nst reconstruct content PHOTO` and `portrait-nst reconstruct style PAINTING`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

from portrait_nst.cli import options
from portrait_nst.cli.options import EXPERT, option
from portrait_nst.cli.setting_options import takes_settings
from portrait_nst.settings import Settings

app = typer.Typer(
    name="reconstruct",
    help="What layers know of a picture: its content, or its style, made again from noise.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
PictureArgument = Annotated[
    Path, typer.Argument(help="The picture: JPEG, PNG, WebP, TIFF, HEIC or AVIF.", show_default=False)
]
Layer = Annotated[list[str] | None, option(EXPERT, "--layer", help="Layer, or layer:weight; repeat.")]


def _command(what: Literal["content", "style"], text: str) -> Callable[..., None]:
    """The command that reconstructs `what` of a picture, with `text` as its help."""

    @takes_settings()
    def command(
        picture: PictureArgument,
        layer: Layer = None,
        *,
        settings: Settings,
        output: options.OutputOption = None,
        no_recipe: options.NoRecipe = False,
        force: options.Force = False,
        json: options.Json = False,
        quiet: options.Quiet = False,
        verbose: options.Verbose = False,
    ) -> None:
        from portrait_nst import imaging, named_styles
        from portrait_nst.cli import console, pipes

        pipes.files_only("reconstruct", picture=picture, output=output)

        if what == "style":
            picture = named_styles.style_file(picture)
        target = output or Path(f"{picture.stem}-{what}.png")
        photo = imaging.load(picture)
        imaging.check_output(target, overwrite=force, inputs=[picture, *settings.files], size=photo.rgb.shape[:2])
        if layer:
            settings = settings.replace(**{f"{what}_layers": tuple(layer)})
        from portrait_nst import pipeline

        with console.progress(quiet or json) as on_step:
            result = pipeline.reconstruct(what, photo, settings=settings, on_step=on_step)
        written = result.save(target, overwrite=force, recipe=not no_recipe)
        console.report(result, written, as_json=json, quiet=quiet, verbose=verbose)

    command.__doc__ = text
    return command


CONTENT = """
Make a picture from noise that has, at the layers, the features of PICTURE: shallow layers keep it, deep ones its drawing.

**Example**

`portrait-nst reconstruct content me.jpg --layer conv3_2 -o content.png`
"""
STYLE = """
Make a texture from noise that has, at the layers, the statistics of PICTURE: its style without its content.

**Example**

`portrait-nst reconstruct style starry.png --layer relu1_1 --layer relu2_1 -o texture.png`
"""
app.command("content")(_command("content", CONTENT))
app.command("style")(_command("style", STYLE))
