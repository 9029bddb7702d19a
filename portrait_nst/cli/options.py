"""Options that several commands share, and their panels in the help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from portrait_nst.errors import InputError
from portrait_nst.settings import Panel, Settings, schema

LOOK, REGION, EXPERT, MACHINE = (panel.value for panel in (Panel.LOOK, Panel.REGION, Panel.EXPERT, Panel.MACHINE))
OUTPUT = "Output"
PERSON_FIELD, REGION_FIELD, SEGMENTER_FIELD = (schema(Settings)[name] for name in ("person", "region", "segmenter"))


def option(panel: str, *flags: str, help: str, **more: Any) -> Any:
    """An option of a command's own, under the heading `panel` of its help; more: as `typer.Option` takes it."""
    return typer.Option(*flags, help=help, rich_help_panel=panel, **more)


PhotoArgument = Annotated[
    Path,
    typer.Argument(
        help="The photograph: JPEG, PNG, WebP, TIFF, HEIC or AVIF; - for standard input.", show_default=False
    ),
]
_STYLE = typer.Argument(
    help="The style: any picture of a painting, - for standard input, or a name: see `portrait-nst styles`.",
    show_default=False,
)
StyleArgument = Annotated[Path, _STYLE]
OptionalStyle = Annotated[Path | None, _STYLE]
OutputOption = Annotated[Path | None, option(OUTPUT, "-o", "--output", help="File to write.")]
PipedOutput = Annotated[
    Path | None, option(OUTPUT, "-o", "--output", help="File to write; - for standard output, without --json.")
]
Format = Annotated[
    str | None,
    option(
        OUTPUT, "--format", help="Of -o - (png if left out) or of the default name: png, jpg, webp, tif, avif, heic."
    ),
]
Force = Annotated[bool, option(OUTPUT, "--force", "-f", help="Overwrite the output if it exists.")]
Json = Annotated[bool, option(OUTPUT, "--json", help="Print the result as JSON on standard output.")]
Quiet = Annotated[bool, option(OUTPUT, "--quiet", "-q", help="No progress and no talk.")]
Verbose = Annotated[bool, option(OUTPUT, "--verbose", "-v", help="Say more.")]
KeepMetadata = Annotated[
    bool, option(OUTPUT, "--keep-metadata", help="Keep all of the photo's EXIF, also place, owner and serial numbers.")
]
Profile = Annotated[
    str,
    option(
        OUTPUT,
        "--profile",
        help="photo: its own colours and depth, as far as the format holds them; srgb: 8-bit sRGB.",
        metavar="[photo|srgb]",
    ),
]
NoRecipe = Annotated[
    bool, option(OUTPUT, "--no-recipe", help="Write no recipe into the picture; rerun cannot make it again then.")
]
Mask = Annotated[
    Path | None, option(REGION, "--mask", help="Your own mask (white is painted, any size) instead of segmentation.")
]
Person = Annotated[str, option(REGION, "--person", help=PERSON_FIELD.help.text)]
Region = Annotated[str, option(REGION, "--region", help=REGION_FIELD.help.text)]
Segmenter = Annotated[str, option(REGION, "--segmenter", help=SEGMENTER_FIELD.help.text)]


def check_segmenter(segmenter: str, *, quiet: bool) -> None:
    """Raise InputError or ModelError for a `--segmenter` that cannot work; say, unless `quiet`, that it will fetch its model."""
    if SEGMENTER_FIELD.check(segmenter) == SEGMENTER_FIELD.default:
        return
    from portrait_nst import segmentation

    if (note := segmentation.download_note(segmenter)) and not quiet:
        from portrait_nst.cli.console import say

        say(f"note: {note}")


def check_profile(profile: str) -> None:
    """Raise InputError, before the work, for a `--profile` that is no word for one."""
    from portrait_nst import imaging

    if profile not in imaging.PROFILES:
        raise InputError(f"--profile must be {' or '.join(imaging.PROFILES)}, not {profile!r}.")
