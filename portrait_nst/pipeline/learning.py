"""A painting in, the network that is learned for it out: found, gone on with or learned anew, and kept."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from portrait_nst import resources
from portrait_nst.errors import InputError, ResourceError
from portrait_nst.pipeline.inputs import check_type
from portrait_nst.pipeline.instant.networks import learned_with, name_of, paintings
from portrait_nst.pipeline.instant.style_file import LearnedStyle
from portrait_nst.pipeline.learned_before import LONGER, REPLACED, STAYS, is_shorter, suffices
from portrait_nst.pipeline.style_crop import shown
from portrait_nst.pipeline.styles import Blend, Style, load_blend

if TYPE_CHECKING:
    from portrait_nst.instant import Network
    from portrait_nst.instant.learning import Learning, LearnPainting, LearnSettings, LearnStep
    from portrait_nst.instant.network import Painting

OnLearnStep: TypeAlias = "Callable[[LearnStep], None]"
OnBegin: TypeAlias = "Callable[[Learning], None]"
CHECKPOINT = ".checkpoint"
HOW_LONG = ("quality", "minutes", "steps")  # settings that say how far is learned, not what
MACHINE = ("device", "threads", "precision")
FEW = 150  # steps after which a painting is hardly there: two idle cores make as many in a minute
NOTES = 5  # about files that were left out, of which a folder may have hundreds
FLAT = 2  # of 255: a painting whose colours differ by no more has none to learn


@dataclass(frozen=True, eq=False)
class Learned:
    """What `learn` gives.

    network: what paints.
    outcome: "learned"; "interrupted", with what is learned so far; or "known", where there was nothing left to learn.
    path:    its file in the cache, or, of an interrupted run, that of an earlier network that has more steps and stays; None
             where nothing can be written there, for a shorter one than what stays there, and for one that comes with the package.
    notes:   messages for the user.
    """

    network: Network = field(repr=False)
    outcome: Literal["learned", "interrupted", "known"]
    path: Path | None = None
    notes: tuple[str, ...] = ()

    def save(self, path: str | Path, *, compact: bool = False, overwrite: bool = False) -> Path:
        """Write the network to a file (.safetensors), to give away; whole or not at all. Raises InputError and ResourceError.

        compact: half as large, and coarser by a few of 255 levels.
        """
        from portrait_nst.instant import files

        return files.save(self.network, path, compact=compact, overwrite=overwrite)


def learn(
    painting: Style,
    *,
    settings: LearnSettings | None = None,
    photos: str | Path | None = None,
    again: bool = False,
    keep: bool = True,
    on_begin: OnBegin | None = None,
    on_step: OnLearnStep | None = None,
    **changes: Any,
) -> Learned:
    """Learn a network for `painting`, with which ``quality="instant"`` paints a photo in a tenth of a second.

    painting: a picture in any form that `load` takes, or a name from `portrait_nst.styles()`; a list of these, or of
              (picture, weight), is learned as one.
    settings: how to learn; keyword arguments, named as the fields of `LearnSettings`, change single ones, as in ``minutes=8``.
    photos:   a folder of photographs to learn on; by default what the package has.
    again:    learn from the start, whatever there is. Otherwise a network that was learned with the same settings, or comes with
              the package, is returned at once unless more minutes are asked for, and a run that was interrupted is gone on with.
    keep:     keep it in the cache, where `stylize` finds it: in the place of an earlier one, unless that was learned for longer
              and `again` is not given.
    on_begin: called with the `Learning` before its first step: it tells at which step it goes on with an earlier run, and has a
              `network()` at any time.
    on_step:  called with a `LearnStep` after each step; a KeyboardInterrupt raised in it (or by Ctrl-C) ends the learning, and
              what is learned so far is kept.

    Raises InputError, MaskError, ModelError or ResourceError; each message says what to do.
    """
    from portrait_nst import encoders
    from portrait_nst.instant import store
    from portrait_nst.instant.learning import Learning, LearnSettings, folder_material, package_material

    began = time.monotonic()
    if settings is not None:
        check_type(settings, LearnSettings, "settings", "a LearnSettings (single settings are keyword arguments)")
    settings = (settings or LearnSettings()).replace(**changes)
    for name, function in (("on_begin", on_begin), ("on_step", on_step)):
        if function is not None and not callable(function):
            raise InputError(f"{name} must be a function, not {type(function).__name__}.")
    blend = load_blend(painting)
    seen = paintings_of(blend, settings.style_region)
    encoder = encoders.get("embedded")
    described = paintings(blend)
    what = what_is_learned(settings, photos)
    folder = resources.kept_folder(store.FOLDER) if keep else None
    checkpoint = None if folder is None else folder / _checkpoint_name(described, encoder.sha256, what, settings)
    known = store.find(described, encoder.sha256, what)
    if again and checkpoint is not None:
        checkpoint.unlink(missing_ok=True)
    elif known is not None and suffices(known, what, settings) and not (checkpoint and checkpoint.exists()):
        return Learned(known, "known", _file_of(known, folder))
    if folder is not None:
        store.check_room(folder)
    material = package_material() if photos is None else folder_material(photos)
    start = store.universal(encoder.sha256)
    learning = Learning(seen, settings, encoder, start, material, checkpoint, began=began)
    if on_begin is not None:
        on_begin(learning)
    whole = _learn_on(learning, on_step)
    network = learning.network()
    length = {"minutes": round(settings.seconds / 60, 3)} if settings.steps is None else {"steps": settings.steps}
    network = replace(network, about=replace(network.about, settings={**what, **length}))
    notes = list(learning.notes[:NOTES])
    if more := len(learning.notes) - NOTES:
        notes += [f"and {more} more like these"] if more > 0 else []
    if whole and settings.steps is None and network.about.steps < FEW:
        notes.append(
            f"only {network.about.steps} steps were made in that time, fewer than {FEW}: the machine is slow, or busy with "
            "something else; give more --minutes"
        )
    path = None
    shorter = keep and known is not None and is_shorter(network, known, settings, whole=whole)
    if shorter and known is not None and not (whole and again):
        notes.append(STAYS if whole else LONGER)
        if whole:
            learning.discard()
        else:
            path = _file_of(known, folder)
    elif keep:
        path = store.keep(network)
        notes += [REPLACED] if shorter and path else []
        notes += [] if path else [resources.UNKEPT]
        if whole and path is not None:  # otherwise the checkpoint is all that is left of it here
            forget_unfinished(path.stem)
    return Learned(network, "learned" if whole else "interrupted", path, tuple(notes))


def _learn_on(learning: Learning, on_step: OnLearnStep | None) -> bool:
    """Take all steps; whether that was done, or interrupted after the first one. Raises KeyboardInterrupt before it."""
    steps = cast("Generator[LearnStep, None, None]", iter(learning))
    try:
        for step in steps:
            if on_step is not None:
                on_step(step)
    except KeyboardInterrupt:
        if not learning.step:
            raise
        return False
    finally:
        steps.close()  # which writes the checkpoint
    return True


def paintings_of(blend: Blend, style_region: str = "whole") -> list[LearnPainting]:
    """The paintings of `blend` with what of them counts. Raises InputError for one that has nothing to learn, MaskError."""
    from portrait_nst.instant.learning import LearnPainting

    found = []
    for picture, weight in blend:
        if isinstance(picture, LearnedStyle):
            raise InputError(f"{picture.path} is a learned network already; give the painting itself to learn it anew.")
        seen = shown(picture, style_region)
        visible = seen.rgb if seen.mask is None else seen.rgb[seen.mask > 0]
        if max(int(visible[..., i].max()) - int(visible[..., i].min()) for i in range(3)) <= FLAT:
            name = "The painting" if picture.path is None else picture.path
            raise InputError(
                f"{name} is of one colour, so that there is nothing to learn; give a picture with strokes."
            )
        found.append(LearnPainting(seen.rgb, seen.mask, weight, name_of(picture), picture.digest))
    return found


def what_is_learned(settings: LearnSettings, photos: str | Path | None = None) -> dict[str, Any]:
    """The settings by which one network differs from another of the same painting, however long and wherever they are learned.

    ``mask`` is the word of the style region or the sha256 of its file, and is left out for the whole painting.
    """
    from portrait_nst.instant.metadata import GREATEST, LONGEST_TEXT, printable

    aside = (*HOW_LONG, *MACHINE, "style_region")
    found = {name: value for name, value in settings.as_dict().items() if name not in aside}
    if settings.seed > GREATEST:  # of a number in a file
        found["seed"] = str(settings.seed)
    if photos is not None:
        found["photos"] = printable(Path(photos).absolute().name)[:LONGEST_TEXT]
    return found | learned_with(settings.style_region)


def check_kept() -> None:
    """Raise ResourceError where nothing that is learned could be kept: before minutes of learning for one picture."""
    from portrait_nst.instant import store

    folder = resources.kept_folder(store.FOLDER)
    if folder is None:
        raise ResourceError(
            f"The cache folder cannot be written, so that what is learned could not be kept. Set {resources.HOME} to a "
            "folder that can, or learn into a file (portrait-nst learn PAINTING -o FILE) and give that as the style."
        )
    store.check_room(folder)


def is_learned(painting: Style, style_region: str = "whole") -> bool:
    """Whether there is a network for `painting`, for however long it was learned: kept, of the package, or given as a file."""
    from portrait_nst import encoders
    from portrait_nst.instant import store

    blend = load_blend(painting)
    if any(isinstance(picture, LearnedStyle) for picture, _ in blend):
        return True
    return store.find(paintings(blend), encoders.get("embedded").sha256, learned_with(style_region)) is not None


def _checkpoint_name(
    described: list[Painting], encoder_sha256: str, what: Mapping[str, Any], settings: LearnSettings
) -> str:
    """The file of an unfinished run: the key of its network, and a digest of the settings, so that only the same goes on."""
    from portrait_nst.instant import store

    text = json.dumps([what, settings.seconds, settings.steps], sort_keys=True)
    return f"{store.key(described, encoder_sha256, what)}-{hashlib.sha256(text.encode()).hexdigest()[:16]}{CHECKPOINT}"


def forget(word: str) -> list[Path]:
    """Delete the networks that `word` names, or with "all" every kept one, with what is left of unfinished runs.

    word: a painting's name, at least six digits of its sha256, or a kept file. Returns the files of the networks. Raises
    InputError where nothing is kept under that name.
    """
    from portrait_nst.instant import store

    if word.casefold() != "all":
        gone = store.forget(word)
        for path in gone:
            forget_unfinished(path.stem)
        return gone
    gone = [path for kept, _, _ in store.kept() for path in store.forget(kept)]
    forget_unfinished("")
    return gone


def forget_unfinished(key: str) -> None:
    """Delete the checkpoints of the runs that learned the network with this `key`; of all with ""."""
    for path, _ in unfinished(key):
        with contextlib.suppress(OSError):
            path.unlink()


def unfinished(key: str = "") -> list[tuple[Path, int]]:
    """The checkpoints of the runs that were broken off, and their bytes: of the network with this `key`, or of all."""
    from portrait_nst.instant import store

    folder, found = resources.kept_folder(store.FOLDER), []
    for path in [] if folder is None else sorted(folder.glob(f"{key}*{CHECKPOINT}")):
        with contextlib.suppress(OSError):  # deleted by another process
            found.append((path, path.stat().st_size))
    return found


def _file_of(network: Network, folder: Path | None) -> Path | None:
    """The file in the cache under which `network` is kept; None where it comes with the package."""
    from portrait_nst.instant import files, store

    about = network.about
    name = store.key(about.paintings, about.encoder_sha256, about.settings)
    path = None if folder is None else folder / f"{name}{files.SUFFIX}"
    return path if path is not None and path.exists() else None
