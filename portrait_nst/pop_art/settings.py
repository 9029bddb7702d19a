"""The settings of a pop-art portrait, with their defaults, which are written down nowhere else."""

from dataclasses import dataclass
from typing import Annotated, Literal

from portrait_nst.errors import InputError
from portrait_nst.settings.base import Described
from portrait_nst.settings.markers import Help, HexColour, Panel, Range, Unit


@dataclass(frozen=True)
class PopartSettings(Described):
    """How to divide and colour a portrait.

    Each field says what it takes and does; `portrait_nst.settings.describe(PopartSettings)` lists that. Raises InputError, in a
    line, for what is not allowed.
    """

    tones: Annotated[int, Range(3, 8), Help("How many tones, 3 to 8."), Panel.LOOK] = 5
    detail: Annotated[float, Range(0.0, 1.0), Help("0: few large segments, 1: many small ones."), Panel.LOOK] = 0.5
    segments: Annotated[
        int | None,
        Range(8, 400),
        Help("How many segments to aim for.", "The background counts too. By default --detail decides."),
        Panel.LOOK,
    ] = None
    mode: Annotated[
        Literal["ramp", "facets", "dots", "grid"],
        Help(
            "ramp, facets, dots or grid.",
            "One hue a tone, several hues a tone, Ben-Day dots and ink, or Warhol's repetition in several palettes.",
        ),
        Panel.LOOK,
    ] = "ramp"
    palette: Annotated[
        str,
        Help(
            "fiesta, electric, teal, primary, marilyn, neon, riviera, jungle, cherry, ocean, sunset, wpap, ink, a file, "
            "or '#..,#..' dark to light; for grid several with ';'."
        ),
        Panel.LOOK,
    ] = ""
    grid: Annotated[
        tuple[int, int], Range(1, 4), Unit("columns x rows"), Help("Columns x rows of mode grid."), Panel.LOOK
    ] = (2, 2)
    background: Annotated[
        Literal["colour", "keep", "transparent"] | str,
        HexColour(),
        Help("colour (the palette's), keep, transparent or '#rrggbb'."),
        Panel.LOOK,
    ] = "colour"
    frame: Annotated[
        Literal["auto", "photo", "bust"],
        Help(
            "photo, bust (head and shoulders), or auto: a bust unless the background is kept.",
            "A bust needs a face; auto shows all of the photo where none is found.",
        ),
        Panel.LOOK,
    ] = "auto"
    outlines: Annotated[
        bool | None, Help("Ink on the silhouette and strong borders; as a rule in dots only."), Panel.LOOK
    ] = None
    likeness: Annotated[
        bool,
        Help(
            "Check that the face is still found, and try again with more detail where not.",
            "Three times at most, with tamer colours too.",
        ),
        Panel.REGION,
    ] = True

    def __post_init__(self) -> None:
        """Check every field by itself, and then those that must go together."""
        super().__post_init__()
        if self.mode != "grid" and len([part for part in self.palette.split(";") if part.strip()]) > 1:
            raise InputError(f"Several palettes, {self.palette!r}, are for mode grid only; name one, or use mode grid.")
        if self.background == "keep" and (self.frame == "bust" or self.mode == "grid"):
            raise InputError("A kept background needs the whole photo: use frame photo, and another mode than grid.")
