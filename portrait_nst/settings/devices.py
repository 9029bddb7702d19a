"""The device of a computation: the CPU, a GPU, one of several GPUs by its number; and several of them, for a batch."""

from typing import Annotated, Literal, TypeAlias

from portrait_nst.errors import InputError
from portrait_nst.settings.markers import Help, Panel, Pattern

_Word: TypeAlias = Annotated[Literal["auto", "cpu", "cuda", "mps"] | str, Pattern("cuda:(0|[1-9][0-9]{0,2})", "cuda:1")]
OneDevice: TypeAlias = Annotated[
    _Word,
    Help("auto, cpu, cuda, cuda:1 or mps.", "cuda is the first GPU and cuda:N the one with the number N, from 0."),
    Panel.MACHINE,
]
Device: TypeAlias = Annotated[
    _Word,
    Help(
        "auto, cpu, cuda, cuda:1 or mps; for batch also several: cuda:0,cuda:1.",
        "cuda is the first GPU and cuda:N the one with the number N, from 0. A batch deals its workers evenly to the GPUs that "
        "are named, with commas between them.",
    ),
    Panel.MACHINE,
]


def split(text: str) -> tuple[str, ...]:
    """The devices that a batch is given: one, or several GPUs by number with commas between them. Raises InputError.

    Each is checked by `Settings` where it is used; here only what several must have in common.
    """
    names = tuple(part.strip() for part in text.split(","))
    if len(names) == 1:
        return names
    if odd := [name for name in names if not name.startswith("cuda:")]:
        raise InputError(
            f"device must be one device, or several GPUs by number, such as cuda:0,cuda:1; not {text!r}, which has {odd[0]!r}."
        )
    if twice := [name for name in names if names.count(name) > 1]:
        raise InputError(f"device {text!r} names {twice[0]} twice; for more workers on a GPU use --workers.")
    return names
