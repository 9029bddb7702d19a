"""A batch as a whole: the states of its jobs, and a forecast of the time and memory that a run would take."""

from __future__ import annotations

from dataclasses import dataclass
from sqlite3 import Row
from typing import Any

from portrait_nst import planning
from portrait_nst.batch.manifest.database import is_locked
from portrait_nst.batch.manifest.manifest import Manifest
from portrait_nst.batch.obstacles import Examiner
from portrait_nst.batch.planning import estimate, films
from portrait_nst.batch.session import Session
from portrait_nst.batch.storage import Location, Url
from portrait_nst.errors import PortraitError
from portrait_nst.settings import Settings
from portrait_nst.video.names import is_film

LOOKED_AT = 200  # the number of photos whose headers are read, to judge all photos by them
FETCHED = 20  # the number of these that may lie in stores, where each takes a request
SECONDS_PER_WORK, FIXED_SECONDS, POPART_SECONDS = 4.0, 2.0, 4.0  # for one core; used where nothing was painted yet
SHOWN = 20  # the greatest number of notes, and of failures


@dataclass(frozen=True)
class Expected:
    """A forecast of a run.

    pictures: how many are to be made. films: how many, beside these; frames: of those films that were examined, on this machine.
    seconds:  until the last one is saved.
    memory:   bytes that all workers take at most; left: bytes that they may take.
    known:    whether the seconds are estimated from what was painted into this folder before.
    notes:    remarks on pictures that will be painted otherwise than asked for, or not at all.
    hopeless: how many of the pictures that were examined cannot be painted.
    """

    pictures: int
    seconds: float
    memory: float
    left: float
    workers: int
    known: bool
    notes: tuple[str, ...] = ()
    hopeless: int = 0
    films: int = 0
    frames: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The forecast as JSON-ready values."""
        return {
            "pictures": self.pictures,
            "films": self.films,
            "frames": self.frames,
            "seconds": round(self.seconds, 1),
            "memory_bytes": round(self.memory),
            "memory_left_bytes": round(self.left),
            "workers": self.workers,
            "measured": self.known,
            "notes": list(self.notes),
            "cannot_be_painted": self.hopeless,
        }

    def in_words(self) -> str:
        """The forecast, without its notes, in one line for the user."""
        such = "pictures" if self.pictures else "films"
        by = "as measured here" if self.known else f"a guess, no batch has made such {such} here yet"
        memory = f"{self.memory / 1e9:.1f} GB of {self.left / 1e9:.1f} that may be used"
        kinds = [_counted(self.pictures, "picture")] if self.pictures or not self.films else []
        if self.films:
            kinds.append(_counted(self.films, "film") + (f" of {self.frames} frames" if self.frames else ""))
        some = " and ".join(kinds) + (f" (of which {self.hopeless} cannot be painted)" if self.hopeless else "")
        return f"{some} in about {planning.duration(self.seconds)} ({by}), {memory}, workers: {self.workers}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def expect(session: Session) -> Expected:
    """What painting the planned jobs of `session` will take, judged by the plans of the first few of them."""
    manifest = session.manifest
    conditions, workers = session.conditions()
    budget = conditions.budget or 0.0
    # A plan sets what it will do again to "pending". How long a film took says nothing of pictures.
    written = "written IS NOT NULL AND state != 'failed' AND instr(coalesce(scores, ''), '\"frames\"') = 0"
    rates = {
        kind: manifest.value(f"SELECT {what} FROM jobs WHERE {written} AND kind = ?", kind)
        for kind, what in (("stylize", "sum(seconds) / sum(painted)"), ("popart", "avg(seconds)"))
    }
    seconds, memory, count, fetched, frames, guessed = 0.0, 0.0, 0, 0, 0, False
    hopeless: list[str] = []
    notes: list[str] = []
    kinds, examiner = set(), Examiner()
    for row in manifest.todo():
        photo = manifest.location(row["photo"])
        fetched += isinstance(photo, Url)
        if count == LOOKED_AT or fetched > FETCHED:
            break
        count += 1
        settings = Settings.from_dict(manifest.settings(row["settings"])["settings"])
        limit = planning.allowed(settings, budget) or 0.0
        try:
            size = examiner.photo_size(session.task(row))
            plan = estimate.make_plan(row["kind"], settings, size, limit, str(photo))
            notes += [f"{photo}: {note}" for note in plan.notes]
        except PortraitError as error:
            hopeless.append(f"cannot be painted: {_where(row, photo, str(error))}")
            continue
        memory = max(memory, plan.peak)
        own = SECONDS_PER_WORK / (conditions.threads or planning.cores())
        if is_film(photo.name):
            clip = examiner.film(photo)
            if clip is None:
                notes.append(f"{photo}: how long a film in a store takes is not known before it is fetched")
                continue
            rate = films.measured_rate(manifest, row)
            guessed = guessed or rate is None
            rate = rate or films.usual_rate(row["kind"], settings, clip.size, plan.work, own)
            frames += films.frames_of(clip)
            seconds += films.frames_of(clip) * rate
            continue
        kinds.add(row["kind"])
        if row["kind"] == "popart":
            seconds += rates["popart"] or POPART_SECONDS
        else:
            seconds += plan.work * rates["stylize"] if rates["stylize"] else FIXED_SECONDS + plan.work * own
    todo = session.planner.todo
    scale = todo / count / max(1, min(workers, todo)) if count else 0.0
    known = not guessed and all(rates[kind] for kind in kinds or ({session.order.kind} if not frames else ()))
    moving = films.count(manifest)
    return Expected(
        todo - moving,
        seconds * scale,
        memory * workers,
        budget * workers,
        workers,
        known,
        tuple([*hopeless, *notes][:SHOWN]),
        len(hopeless),
        moving,
        frames,
    )


def _where(row: Row, photo: Location, error: str) -> str:
    """`error` with the line of the file of jobs and the photo, where it does not name them itself."""
    named = error if str(photo) in error else f"{photo}: {error}"
    return f"{_origin(row)['row']}: {named}" if _origin(row) else named


def status(manifest: Manifest) -> dict[str, Any]:
    """How many jobs are in each state, whether a batch is running there, and what failed last; ready for JSON."""
    failures = manifest.database.execute(
        "SELECT * FROM jobs WHERE state = 'failed' ORDER BY id DESC LIMIT ?", (SHOWN,)
    ).fetchall()
    return {
        "folder": str(manifest.folder),
        "states": manifest.counts(),
        "locked": is_locked(manifest.home),
        "seconds_per_picture": manifest.value("SELECT avg(seconds) FROM jobs WHERE state = 'done'"),
        "failures": [
            {"photo": str(manifest.location(row["photo"])), "error": row["error"] or "", **_origin(row)}
            for row in failures
        ],
    }


def _origin(row: Row) -> dict[str, str]:
    """{"row": the line of a file of jobs} where there is one; a manifest of an older version does not know."""
    return {"row": row["origin"]} if "origin" in row.keys() and row["origin"] else {}  # noqa: SIM118 - `in` sees values
