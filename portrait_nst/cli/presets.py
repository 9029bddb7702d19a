"""`portrait-nst presets`."""

from __future__ import annotations

from typing import Any

from portrait_nst.cli import options
from portrait_nst.presets import PRESETS


def command(json: options.Json = False) -> None:
    """List the presets: what each sets, and where it comes from.

    **Examples**

    `portrait-nst presets`

    `portrait-nst stylize me.jpg starry.png --preset gatys2016 --region person`
    """
    from portrait_nst.cli import console

    if json:
        rows = {
            name: {"source": p.source, "settings": p.changes, "timelapse": p.timelapse} for name, p in PRESETS.items()
        }
        console.print_json(rows)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("Preset", "Sets", "Comes from", show_lines=True)
    for name, preset in PRESETS.items():
        sets = [f"{option.replace('_', '-')} {_shown(value)}" for option, value in preset.changes.items()]
        table.add_row(name, "\n".join([*sets, *(["writes a time-lapse"] if preset.timelapse else [])]), preset.source)
    Console().print(table)


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
