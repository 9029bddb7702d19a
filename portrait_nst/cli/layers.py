"""`portrait-nst layers ENCODER`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from portrait_nst.cli import options

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder, Layer

WIDE = 10_000


def command(
    encoder: Annotated[str, typer.Argument(help="The encoder: embedded, vgg19, resnet50 ...", show_default=False)],
    json: options.Json = False,
) -> None:
    """List the layers of ENCODER: their names, channels, stride and receptive field in pixels.

    Any of a layer's names can be given to `stylize` for style and content. Nothing is downloaded.

    **Examples**

    `portrait-nst layers resnet50`

    `portrait-nst layers efficientnet_b0 --json`
    """
    from portrait_nst import encoders
    from portrait_nst.cli import console

    found = encoders.blueprint(encoder)
    rows = [_row(found, layer) for layer in found.described]
    if json:
        console.print_json({"encoder": encoder, "layers": rows})
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("layer", "torchvision", "Keras", "literature", title=f"{encoder} (* style, + content by default)")
    for heading in ("channels", "stride", "field"):
        table.add_column(heading, justify="right")
    for row in rows:
        mark = ("*" if row["style"] else "") + ("+" if row["content"] else "")
        names = (f"{row['name']}{mark}", *(row[key] for key in ("torchvision", "keras", "literature")))
        table.add_row(*names, *(str(row[key]) for key in ("channels", "stride", "field")))
    out = Console() if sys.stdout.isatty() else Console(width=WIDE)  # names must not be cut in a pipe
    out.print(table, markup=False, highlight=False)


def _row(encoder: Encoder, layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "torchvision": layer.torchvision,
        "keras": layer.keras,
        "literature": layer.literature,
        "channels": layer.channels,
        "stride": layer.geometry.jump,
        "field": layer.geometry.field,
        "style": layer.name in encoder.style_layers,
        "content": layer.name in encoder.content_layers,
    }
