"""`portrait-nst movements FOLDER`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from portrait_nst.cli import options


def command(
    library: Annotated[
        Path, typer.Argument(help="A folder with a folder of paintings for each movement.", show_default=False)
    ],
    json: options.Json = False,
) -> None:
    """List the art movements of a library, with the number of paintings of each.

    **Examples**

    `portrait-nst movements wikiart/`

    `portrait-nst stylize me.jpg --movement impressionism --library wikiart/ --pick nearest`
    """
    from portrait_nst.cli import console
    from portrait_nst.pipeline.movements import movements

    found = {name: len(paintings) for name, paintings in movements(library).items()}
    if json:
        console.print_json(found)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("Movement", "Paintings")
    for name, count in found.items():
        table.add_row(name, str(count))
    Console().print(table)
