"""What is known of a batch as a whole: its state, and what a run would take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait_nst import planning
from portrait_nst.batch import storage
from portrait_nst.batch.manifest.database import is_locked
from portrait_nst.batch.manifest.manifest import Manifest, as_place
from portrait_nst.batch.planning import estimate
from portrait_nst.batch.planning.discovery import check_there
from portrait_nst.batch.planning.jobs import Order
from portrait_nst.batch.planning.watch import folders_of
from portrait_nst.batch.storage import Place, Url
from portrait_nst.errors import InputError, PortraitError
from portrait_nst.imaging.reading import MIN_SIDE
from portrait_nst.settings import Settings, files_of, schema

if TYPE_CHECKING:
    from portrait_nst.batch.session import Session

LOOKED_AT, FETCHED = 200, 20  # photos whose headers stand for all; of them, in stores, each with a request
SECONDS_PER_WORK, FIXED_SECONDS, POPART_SECONDS = 4.0, 2.0, 4.0  # of one core, where nothing was painted yet
SHOWN = 20


@dataclass(frozen=True)
class Expected:
    """A forecast of a run.

    pictures: how many are to be made.
    seconds:  until the last one is saved.
    memory:   bytes that all workers take at most; left: bytes that they may take.
    known:    whether the seconds are judged by pictures that were painted into this folder before.
    notes:    what will be painted otherwise than asked, or not at all.
    hopeless: how many of the pictures that were looked at cannot be painted.
    """

    pictures: int
    seconds: float
    memory: float
    left: float
    workers: int
    known: bool
    notes: tuple[str, ...] = ()
    hopeless: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The forecast as JSON-ready values."""
        return {
            "pictures": self.pictures,
            "seconds": round(self.seconds, 1),
            "memory_bytes": round(self.memory),
            "memory_left_bytes": round(self.left),
            "workers": self.workers,
            "measured": self.known,
            "notes": list(self.notes),
            "cannot_be_painted": self.hopeless,
        }

    def in_words(self) -> str:
        """The forecast in one line for the user, and a line for each note."""
        by = "as measured here" if self.known else "a guess, nothing was painted here yet"
        memory = f"{self.memory / 1e9:.1f} GB of {self.left / 1e9:.1f} that may be used"
        some = f"{self.pictures} picture{'' if self.pictures == 1 else 's'}" + (
            f" (of which {self.hopeless} cannot be painted)" if self.hopeless else ""
        )
        line = f"{some} in about {planning.duration(self.seconds)} ({by}), {memory}, workers: {self.workers}"
        return "\n".join([line, *(f"note: {note}" for note in self.notes)])


def expect(session: Session) -> Expected:
    """What painting the planned jobs of `session` will take, judged by the plans of the first few of them."""
    manifest = session.manifest
    conditions, workers = session.conditions()
    budget = conditions.budget or 0.0
    rates = {
        kind: manifest.value(f"SELECT {what} FROM jobs WHERE state = 'done' AND kind = ?", kind)
        for kind, what in (("stylize", "sum(seconds) / sum(painted)"), ("popart", "avg(seconds)"))
    }
    seconds, memory, count, fetched, hopeless, notes = 0.0, 0.0, 0, 0, 0, []
    for row in manifest.todo():
        photo = as_place(row["photo"])
        fetched += isinstance(photo, Url)
        if count == LOOKED_AT or fetched > FETCHED:
            break
        count += 1
        settings = Settings.from_dict(manifest.settings(row["settings"])["settings"])
        limit = planning.allowed(settings, budget) or 0.0
        try:
            plan = estimate.make_plan(row["kind"], settings, _size(photo), limit, str(photo))
            notes += [f"{photo}: {note}" for note in plan.notes]
        except PortraitError as error:
            notes.append(f"cannot be painted: {error}")
            hopeless += 1
            continue
        memory = max(memory, plan.peak)
        if row["kind"] == "popart":
            seconds += rates["popart"] or POPART_SECONDS
        else:
            own = SECONDS_PER_WORK / (conditions.threads or planning.cores())
            seconds += plan.work * rates["stylize"] if rates["stylize"] else FIXED_SECONDS + plan.work * own
    todo = session.ledger.todo
    scale = todo / count / max(1, min(workers, todo)) if count else 0.0
    known = all(rates[kind] for kind in {session.order.kind})
    told = tuple(notes[:SHOWN])
    return Expected(todo, seconds * scale, memory * workers, budget * workers, workers, known, told, hopeless)


def _size(photo: Place) -> tuple[int, int]:
    """(height, width) by the photo's header; of an object in a store, of which only the beginning was looked at, a guess.

    Raises InputError where it is no picture, or too small a one.
    """
    size = estimate.picture_size(storage.header(photo))
    if size is None and not isinstance(photo, Url):
        raise InputError(f"{photo} is no picture that can be read.")
    if size is not None and min(size) < MIN_SIDE:
        raise InputError(f"{photo} is only {size[1]} x {size[0]} pixels; expected at least {MIN_SIDE} on each side.")
    return size or (1000, 1000)


def status(manifest: Manifest) -> dict[str, Any]:
    """JSON-ready: how many are in each state, whether a batch is running there, what failed last."""
    failures = manifest.database.execute(
        "SELECT photo, error FROM jobs WHERE state = 'failed' ORDER BY id DESC LIMIT ?", (SHOWN,)
    ).fetchall()
    return {
        "folder": str(manifest.folder),
        "states": manifest.counts(),
        "locked": is_locked(manifest.home),
        "seconds_per_picture": manifest.value("SELECT avg(seconds) FROM jobs WHERE state = 'done'"),
        "failures": [{"photo": str(as_place(row["photo"])), "error": row["error"] or ""} for row in failures],
    }


def check(order: Order, out: str | Path | Url, *, watch: bool = False) -> None:
    """Raise InputError now for an input that is not there, and what would fail in every job: a style, the encoder, a layer,
    a file that a setting names."""
    check_there(order.inputs)
    check_shared(order, out)
    if watch:
        folders_of(order.inputs)
    for style in order.styles:
        storage.load(storage.picture_of(storage.style(Path(), style)))
    settings = order.settings
    for name, path in files_of(settings).items() if order.kind == "stylize" else ():
        field = schema(Settings)[name]  # of those that take words too, their painter says what they take
        if not field.choices and not path.is_file():
            raise InputError(f"--{field.option} {getattr(settings, name)} is no file; check the name and the folder.")
    if settings.encoder == "embedded" and not (settings.style_layers or settings.content_layers):
        return
    from portrait_nst import encoders

    encoders.check_layers(settings.encoder, (*settings.style_layers, *settings.content_layers))


def check_shared(order: Order, out: str | Path | Url) -> None:
    """Raise InputError for what only this process sees, and no worker."""
    for name in (out, *order.inputs, *order.styles):
        place = storage.place(name)
        if isinstance(place, Url) and place.protocol == "memory":
            raise InputError(f"{place} is in the memory of this process; those that paint would not see it.")
