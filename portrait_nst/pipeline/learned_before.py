"""How what was learned before compares with what is asked for, and with what is learned now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portrait_nst.instant import Network
    from portrait_nst.instant.learning import LearnSettings

PACKAGED = 180.0  # seconds for which a network of the package counts as learned, however fast its machine was
ALMOST = 0.9  # of a time counts as that time: a run ends before a step that would take too long
STAYS = (
    "it is not kept in the cache, where what was learned before had more steps and stays; --again lets this replace it"
)
LONGER = "what was learned before had more steps, and is kept until this is learned to its end"
REPLACED = "what was learned before had more steps; this takes its place, as --again says"


def suffices(known: Network, what: Mapping[str, Any], settings: LearnSettings) -> bool:
    """Whether there is nothing left to learn: `known` was learned for as long at least, and by the same settings.

    Compared is what was done, not what had been asked for. what: the settings that change what is learned.
    """
    from portrait_nst.instant.learning.learning import ENDING

    about = known.about
    if about.settings.get("photos") != what.get("photos"):  # None: those of the package
        return False
    if any(about.settings.get(name, value) != value for name, value in what.items()):
        return False
    if settings.steps is not None:
        return about.steps >= settings.steps
    return seconds(known) >= ALMOST * (settings.seconds - ENDING)


def is_shorter(network: Network, known: Network, settings: LearnSettings, *, whole: bool) -> bool:
    """Whether `network`, learned now, was learned less than `known`, and so does not take its place.

    Steps are what counts. A run by the clock that was made to its end (`whole`) may have fewer if it took as long: the machine
    was busier, but the time is what was asked for.
    """
    if network.about.steps >= known.about.steps:
        return False
    by_clock = whole and settings.steps is None
    return not (by_clock and network.about.seconds >= ALMOST * seconds(known))


def seconds(network: Network) -> float:
    """For how long a network counts as learned."""
    from portrait_nst.instant import store

    return PACKAGED if store.is_packaged(network) else network.about.seconds
