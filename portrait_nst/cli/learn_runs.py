"""The orders of `portrait-nst learn`, learned one after the other."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait_nst import resources
from portrait_nst.cli.learn_arguments import SUFFIX, Order
from portrait_nst.cli.learn_output import Talk, how_far
from portrait_nst.errors import InputError, ResourceError
from portrait_nst.types import Photo

if TYPE_CHECKING:
    from portrait_nst.instant import Network
    from portrait_nst.instant.learning import Learning, LearnSettings, LearnStep
    from portrait_nst.report.learning_sheet import LearningSheet
    from portrait_nst.settings import Settings
    from portrait_nst.types import UInt8Array

NAMED = 3  # pictures of a style by which it is called; a movement has dozens
PREVIEW_EVERY = 15.0  # seconds; painting two photos takes a quarter of one


@dataclass(frozen=True)
class Orders:
    """What is to be learned.

    all:       the networks, one after the other.
    targets:   the file of each beside the cache, or None.
    photos:    a folder of photographs to learn on, or None for those of the package.
    again:     whether what is there is learned anew.
    compact, overwrite: how files of `targets` are written.
    """

    all: Sequence[Order]
    targets: Sequence[Path | None]
    settings: LearnSettings
    photos: Path | None
    again: bool
    compact: bool
    overwrite: bool


def check(orders: Orders) -> None:
    """Raise now, before minutes of learning, what any of the orders would raise."""
    from portrait_nst.instant import store
    from portrait_nst.pipeline.learning import paintings_of, what_is_learned

    if None in orders.targets and resources.kept_folder(store.FOLDER) is None:
        raise ResourceError(
            f"The cache folder cannot be written, so that nothing that is learned could be kept. Set {resources.HOME} to a "
            "folder that can, or give a file with -o."
        )
    for folder in {target.parent for target in orders.targets if target is not None}:
        store.check_room(folder)
    what_is_learned(orders.settings, orders.photos)
    if len(orders.all) > 1:  # of one, it is found out at once
        for order in orders.all:
            paintings_of(tuple(order.load([])), orders.settings.style_region)


def run(orders: Orders, sheet: LearningSheet | None, talk: Talk) -> bool:
    """Learn all, and say what became of each; whether that was done, or interrupted. Raises PortraitError."""
    check(orders)
    for order, target in zip(orders.all, orders.targets):
        if not _learn(orders, order, target, sheet, talk):
            talk.end()
            return False
    talk.end()
    return True


def _learn(orders: Orders, order: Order, target: Path | None, sheet: LearningSheet | None, talk: Talk) -> bool:
    """Learn one, and write its file; whether it was learned to its end."""
    from portrait_nst import pipeline

    notes: list[str] = []
    blend = order.load(notes)
    preview = _Preview(sheet, blend[0][0].rgb)

    def begun(learning: Learning) -> None:
        preview.learning = learning
        if learning.resumed:
            talk.say(f"{order.name}: going on after step {learning.resumed}, where it was broken off")

    with talk.progress(order.name, preview.on_step) as on_step:
        found = pipeline.learn(
            list(blend),
            settings=orders.settings,
            photos=orders.photos,
            again=orders.again,
            on_begin=begun,
            on_step=on_step,
        )
    if target is None and found.path is None and found.outcome != "known":
        target = _free(order.name)  # the disk of the cache is full, say: minutes of learning are not thrown away
    if target is not None:
        found.save(target, compact=orders.compact, overwrite=orders.overwrite)
    if sheet is not None:
        preview.write(found.network)
        talk.say(f"wrote {sheet.path}")
    talk.learned(order, found, target, notes, orders.settings.style_region)
    return found.outcome != "interrupted"


def _free(name: str) -> Path:
    """A file for a network in the working folder whose name is not taken."""
    names = (f"{name}{end}{SUFFIX}" for end in itertools.chain([""], (f"-{i}" for i in itertools.count(2))))
    return next(path for path in map(Path, names) if not path.exists())


def before_painting(styles: Mapping[str, Any], settings: Settings, talk: Talk) -> None:
    """With `--learn`: learn the styles of a painting that are not learned yet. Ctrl-C paints with what is learned by then.

    styles: the keyword arguments of `pipeline.stylize` that give the style or the regions' styles.
    """
    from portrait_nst import pipeline
    from portrait_nst.pipeline.learning import check_kept, is_learned
    from portrait_nst.settings import Picture, parse_background

    wanted = [(style, settings.style_region) for style in styles.get("region_styles", {}).values()]
    wanted += [(styles["style"], settings.style_region)] if "style" in styles else []
    behind = parse_background(settings.background)
    wanted += [([(behind.path, 1.0)], "whole")] if isinstance(behind, Picture) else []
    machine = {name: getattr(settings, name) for name in ("device", "precision", "threads")}
    for style, region in wanted:
        if is_learned(style, region):
            continue
        check_kept()
        files = [getattr(picture, "path", picture) for picture, _ in style[:NAMED]]
        name = "+".join("style" if file is None else Path(file).stem for file in files)
        with talk.progress(name, lambda step: None) as on_step:
            found = pipeline.learn(style, style_region=region, on_step=on_step, **machine)
        for note in found.notes:
            talk.say(f"note: {note}")
        talk.say(f"{found.outcome} {name} ({how_far(found.network)})")


def before_many(styles: Iterable[Any], settings: Settings, talk: Talk) -> None:
    """The same for each of `styles`, before many pictures are painted: otherwise every worker would learn them, in silence.

    What cannot be learned is said; the pictures that need it will fail. URLs are left to the workers.
    """
    for style in styles:
        if isinstance(style, (Path, Photo)):
            try:
                before_painting({"style": [(style, 1.0)]}, settings, talk)
            except InputError as error:
                talk.say(f"note: not learned: {error}")


class _Preview:
    """The sheet of `--preview`, written now and then while a painting is learned."""

    def __init__(self, sheet: LearningSheet | None, painting: UInt8Array) -> None:
        self.sheet, self.painting = sheet, painting
        self.learning: Learning | None = None
        self.written = time.monotonic() - PREVIEW_EVERY * 2 / 3  # the first one soon

    def on_step(self, step: LearnStep) -> None:
        """Write the sheet, if the last one is `PREVIEW_EVERY` seconds old."""
        if self.sheet is not None and self.learning and time.monotonic() - self.written > PREVIEW_EVERY:
            self.write(self.learning.network())
            self.written = time.monotonic()

    def write(self, network: Network) -> None:
        """Write the sheet."""
        if self.sheet is not None:
            self.sheet.write(self.painting, network, f"after {network.about.steps} steps")
