"""The `portrait-nst` command: its subcommands, and how a command that fails ends."""

from __future__ import annotations

import atexit
import gc
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from portrait_nst import __version__
from portrait_nst.cli import (
    batch,
    batch_status,
    compare,
    export,
    interrupts,
    layers,
    learn,
    live,
    mask,
    movements,
    popart,
    presets,
    reconstruct,
    rerun,
    streams,
    studio,
    styles,
    stylize,
    video,
)
from portrait_nst.cli.setting_options import field_of


class _Interrupted(Exception):
    """Stands for Ctrl-C inside a command, because Typer turns KeyboardInterrupt itself into a silent exit status."""


class _Unread(Exception):
    """Stands for a pipe that nobody reads any more, which Typer would turn into the exit status 1."""


class _Commands(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        interrupts.as_usual()
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise _Interrupted from None
        except BrokenPipeError:
            raise _Unread from None


app = typer.Typer(
    name="portrait-nst",
    cls=_Commands,
    help="Paint the person, keep the place: a photograph of a person in, the person painted in any style out.",
    epilog="Start with:  portrait-nst stylize me.jpg impasto",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("stylize")(stylize.command)
app.command("video")(video.command)
app.command("live")(live.command)
app.command("studio")(studio.command)
app.command("styles")(styles.command)
app.command("learn")(learn.command)
app.command("popart")(popart.command)
app.command("mask")(mask.command)
app.command("layers")(layers.command)
app.command("rerun")(rerun.command)
app.command("presets")(presets.command)
app.command("movements")(movements.command)
app.add_typer(reconstruct.app)
app.command("compare")(compare.command)
app.command("export")(export.command)
app.command("batch")(batch.command)
app.command("batch-status")(batch_status.command)


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    """Print the version, if asked; the commands do everything else."""
    if version:
        typer.echo(f"portrait-nst {__version__}")
        raise typer.Exit


def run() -> None:
    """Entry point: errors a user can cause end in one line and status 2, Ctrl-C in status 130, a closed pipe in 141."""
    from portrait_nst.errors import PortraitError, is_out_of_memory

    streams.prepare()
    # Otherwise Python searches all objects that torch has made for cycles at its end, although the process ends anyway.
    atexit.register(gc.freeze)
    try:
        status = app(standalone_mode=False)
        with streams.checked_output():
            sys.stdout.flush()
        sys.exit(status)
    except PortraitError as error:
        _fail(str(error), 2)
    except (KeyboardInterrupt, _Interrupted, typer.Abort):
        _fail(interrupts.MESSAGE, interrupts.STATUS)
    except (BrokenPipeError, _Unread):
        streams.abandon()
        sys.exit(141)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        _fail("Out of memory. Use a smaller --size or --max-memory, or --device cpu, or close other programs.", 2)
    except Exception as error:
        if not hasattr(error, "format_message"):  # Typer's exceptions for a wrong command line have no public names
            raise
        _usage(error)


def _usage(error: Any) -> None:
    """End with a line that says what is wrong with the command line; without a command, with the help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        sys.exit(error.exit_code)
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "portrait-nst"
    option = getattr(error, "param", None)
    field = None if option is None or type(error).__name__ != "BadParameter" else field_of(option.name, option.help)
    if field is not None:
        _fail(f"--{field.option} must be {field.each}. See `{command} --help`.", 2)
    dashed = next((word for word in sys.argv[1:] if word.startswith("-") and Path(word).is_file()), None)
    aside = (
        f" (for the file of that name write ./{dashed})" if dashed and type(error).__name__ == "NoSuchOption" else ""
    )
    _fail(f"{' '.join(error.format_message().split()).rstrip('.')}{aside}. See `{command} --help`.", 2)


def _fail(message: str, status: int) -> None:
    from rich.console import Console

    from portrait_nst.cli.console import printable

    console = Console(stderr=True, soft_wrap=True)
    console.print("[bold red]Error:[/] ", end="")
    console.print(printable(message), markup=False, highlight=False)
    sys.exit(status)
