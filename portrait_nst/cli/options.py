"""Options that several commands share, and their panels in the help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from portrait_nst.settings import Panel, Settings, schema

LOOK, REGION, EXPERT, MACHINE = (panel.value for panel in (Panel.LOOK, Panel.REGION, Panel.EXPERT, Panel.MACHINE))
OUTPUT = "Output"
PERSON_FIELD, REGION_FIELD = (schema(Settings)[name] for name in ("person", "region"))

PhotoArgument = Annotated[Path, typer.Argument(help="The photograph: JPEG, PNG, WebP or TIFF.", show_default=False)]
_STYLE = typer.Argument(
    help="The style: any picture of a painting, or a name: see `portrait-nst styles`.", show_default=False
)
StyleArgument = Annotated[Path, _STYLE]
OptionalStyle = Annotated[Path | None, _STYLE]
OutputOption = Annotated[
    Path | None, typer.Option("-o", "--output", help="File to write.", rich_help_panel=OUTPUT, show_default=False)
]
Force = Annotated[
    bool, typer.Option("--force", "-f", help="Overwrite the output if it exists.", rich_help_panel=OUTPUT)
]
Json = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON on standard output.", rich_help_panel=OUTPUT)
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no talk.", rich_help_panel=OUTPUT)]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say more.", rich_help_panel=OUTPUT)]
KeepMetadata = Annotated[
    bool,
    typer.Option(
        "--keep-metadata",
        help="Keep all of the photo's EXIF, also place, owner and serial numbers.",
        rich_help_panel=OUTPUT,
    ),
]
Mask = Annotated[
    Path | None,
    typer.Option(
        "--mask",
        help="Your own mask (white is painted, any size) instead of segmentation.",
        rich_help_panel=REGION,
        show_default=False,
    ),
]
Person = Annotated[str, typer.Option("--person", help=PERSON_FIELD.help.text, rich_help_panel=REGION)]
Region = Annotated[str, typer.Option("--region", help=REGION_FIELD.help.text, rich_help_panel=REGION)]
