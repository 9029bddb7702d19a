"""The `portrait-nst` command: its subcommands, and how errors end."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from portrait_nst import __version__
from portrait_nst.cli import compare, layers, mask, popart, rerun, stylize

app = typer.Typer(
    name="portrait-nst",
    help="Paint the person, keep the place: a photograph of a person in, the person painted in any style out.",
    epilog="Start with:  portrait-nst stylize samples/astronaut.jpg samples/styles/impasto.png",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("stylize")(stylize.command)
app.command("popart")(popart.command)
app.command("mask")(mask.command)
app.command("layers")(layers.command)
app.command("rerun")(rerun.command)
app.command("compare")(compare.command)


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(f"portrait-nst {__version__}")
        raise typer.Exit


def run() -> None:
    """Entry point: errors a user can cause end in one line and status 2, Ctrl-C in status 130."""
    from portrait_nst.errors import PortraitError

    try:
        app()
    except PortraitError as error:
        _fail(str(error), 2)
    except KeyboardInterrupt:
        _fail("Interrupted; nothing was written.", 130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except MemoryError:
        _fail("Out of memory. Use a smaller --size, or close other programs.", 2)
    except RuntimeError as error:
        if "out of memory" not in str(error).lower() and "can't allocate memory" not in str(error).lower():
            raise
        _fail("Out of memory. Use a smaller --size or --device cpu.", 2)


def _fail(message: str, status: int) -> None:
    from rich.console import Console

    console = Console(stderr=True, soft_wrap=True)
    console.print("[bold red]Error:[/] ", end="")
    console.print(message, markup=False, highlight=False)
    sys.exit(status)
