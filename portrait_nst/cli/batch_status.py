"""`portrait-nst batch-status DIR`."""

from __future__ import annotations

from typing import Annotated

import typer

from portrait_nst.cli import options


def command(
    folder: Annotated[
        str, typer.Argument(metavar="DIR", help="The --out folder of a batch, or its URL.", show_default=False)
    ],
    json: options.Json = False,
) -> None:
    """Say how far a batch is, also while it runs: what is done, what failed and why.

    **Example**

    `portrait-nst batch-status painted`
    """
    from portrait_nst.cli import batch_output

    batch_output.status(folder, json)
