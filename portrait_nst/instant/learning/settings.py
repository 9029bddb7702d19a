"""How a network is learned, with the defaults, which are written down nowhere else. Imported without torch."""

from dataclasses import dataclass
from typing import Annotated, Literal

from portrait_nst.settings.base import Described
from portrait_nst.settings.devices import OneDevice
from portrait_nst.settings.markers import File, Help, Panel, Range, Unit

MINUTES = {"draft": 1.0, "standard": 3.0, "fine": 8.0}  # by --quality


@dataclass(frozen=True)
class LearnSettings(Described):
    """How to learn a network for a painting. Immutable.

    Each field says what it takes and does; `portrait_nst.settings.describe(LearnSettings)` lists that. Raises InputError, in a
    line, for what is not allowed.
    """

    quality: Annotated[
        Literal["draft", "standard", "fine"],
        Help("draft, standard or fine: 1, 3 or 8 minutes.", "On a GPU a tenth of that does the same."),
        Panel.LOOK,
    ] = "standard"
    minutes: Annotated[
        float | None,
        Range(0.1, 1440.0),
        Unit("minutes"),
        Help(
            "How long to learn, 0.1 to 1440; instead of --quality.",
            "Of wall time, whatever the machine manages meanwhile.",
        ),
        Panel.LOOK,
    ] = None
    size: Annotated[
        int,
        Range(64, 2048),
        Unit("pixels"),
        Help("Longest side at which the painting is looked at.", "Strokes come out as broad as they are at this size."),
        Panel.LOOK,
    ] = 512
    style_region: Annotated[
        Literal["whole", "person"] | str,
        File(),
        Help("whole painting, its sitter (person), or a mask for it (FILE)."),
        Panel.LOOK,
    ] = "whole"
    steps: Annotated[
        int | None,
        Range(1, 1_000_000),
        Unit("steps"),
        Help("Learn exactly so many steps, however long they take.", "The same steps give the same network again."),
        Panel.EXPERT,
    ] = None
    seed: Annotated[int, Range(0, 2**63 - 1), Help("Of everything random."), Panel.EXPERT] = 0
    device: OneDevice = "auto"
    precision: Annotated[Literal["auto", "float32", "bfloat16"], Help("auto, float32 or bfloat16."), Panel.MACHINE] = (
        "auto"
    )
    threads: Annotated[int | None, Range(1, 1024), Help("CPU threads; default: all."), Panel.MACHINE] = None

    @property
    def seconds(self) -> float:
        """The wall time of a run whose number of steps is not given."""
        return 60 * (MINUTES[self.quality] if self.minutes is None else self.minutes)
