"""Planning: each job finds its row in the manifest, a name for its output, and whether there is anything to do."""

from __future__ import annotations

import hashlib
import itertools
import json
import stat
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from sqlite3 import Row
from typing import Any

from portrait_nst import __version__
from portrait_nst.batch import storage
from portrait_nst.batch.manifest.digests import Digests, named_by, of_content
from portrait_nst.batch.manifest.manifest import Manifest, as_path, as_stored
from portrait_nst.batch.planning import output_paths
from portrait_nst.batch.planning.jobs import Job
from portrait_nst.batch.planning.style_spec import Mixture
from portrait_nst.batch.storage import Place, Url
from portrait_nst.errors import InputError
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.settings import Settings

REASONS = ("new", "changed", "failed", "unfinished", "missing", "redo")
DONE, TWICE, REFUSED, LEFT = "done", "twice", "refused", "left"
FOLDER = -1  # instead of a size, for a folder where a picture should be
_MACHINE = ("threads", "device")  # another machine paints the same picture


class Ledger:
    """Writes jobs into `manifest`.

    force:  outputs that are there already may be replaced.
    failed: only what failed before is done.
    redo:   what is done and unchanged is done again.
    counts: of the reasons so far: those in `REASONS` are to be done; "done" is done and unchanged, "twice" is the same job
            again, "refused" cannot be done, "left" is left for another run.
    others: how many of those done were painted by which other version of portrait_nst.
    """

    def __init__(self, manifest: Manifest, *, force: bool = False, failed: bool = False, redo: bool = False) -> None:
        self.manifest, self.force, self.failed, self.redo = manifest, force, failed, redo
        self.counts: Counter[str] = Counter()
        self.others: Counter[str] = Counter()
        self._settings: set[str] = set()
        self._here = storage.absolute(manifest.folder)
        self.look_again()

    def look_again(self) -> None:
        """From now on look anew at what is in stores."""
        storage.forget()
        self._digests = Digests()
        self._sizes = lru_cache(64)(storage.sizes_in)

    @property
    def todo(self) -> int:
        return sum(self.counts[reason] for reason in REASONS)

    def enter_all(self, jobs: Iterable[Job], limit: int | None = None) -> None:
        """Enter `jobs` until `limit` of them are to be done, and make that last."""
        if limit != 0:
            for job in jobs:
                self.enter(job)
                if limit is not None and self.todo >= limit:
                    break
        self.manifest.commit()

    def enter(self, job: Job, *, arrived: bool = False) -> str:
        """The reason why `job` is to be done, or one of the words why not.

        arrived: its photo was written during this run; if it was painted before that, it is painted again.
        """
        if self._is_our_own(job.photo):
            return LEFT
        settings = _settings_hash(job.kind, job.settings, job.popart, job.mixture)
        style_hash = self._style_hash(job)
        for count in itertools.count():
            key = _key(job, count)
            row = self.manifest.find(key)
            if row is None or row["run"] != self.manifest.run or (arrived and _arrived_anew(row, job)):
                break
            if job.fixed and (row["settings"], row["style_hash"]) != (settings, style_hash):
                job = replace(job, error=f"The output {job.output} is named for two jobs; give each its own.")
            elif (row["settings"], row["style_hash"]) == (settings, style_hash):
                self.counts[TWICE] += 1
                return TWICE
        reason = self._enter(job, key, row, settings, style_hash)
        self.counts[reason] += 1
        return reason

    def _enter(self, job: Job, key: str, row: Row | None, settings: str, style_hash: str) -> str:
        output, error = self._output(job, key, row)
        reason = REFUSED
        if not (job.error or error):
            reason = _reason(row, job, settings, style_hash, self._size(self.manifest.folder / output))
        if reason == DONE and self.redo:
            reason = "redo"
        if reason == DONE and row is not None and row["version"] != __version__:
            self.others[row["version"]] += 1
        if reason in REASONS and not self._may_write(job, self.manifest.folder / output, row):
            error = f"{output} exists already and is not what this batch wrote. Move it away, or use --force."
            reason = REFUSED
        if self.failed and reason in REASONS and reason != "failed":
            reason = LEFT
        number = None if row is None else row["id"]
        if reason in (DONE, LEFT) and number is not None:
            self.manifest.put(key, {"todo": ""}, number)
            return reason
        values: dict[str, Any] = {
            "photo": as_stored(job.photo),
            "style": as_stored(job.style),
            "mask": as_stored(job.mask),
            "kind": job.kind,
            "output": None if job.error or error else as_stored(output),
            "output_key": None if job.error or error else output_paths.same(output),
            "settings": settings,
            "style_hash": style_hash,
            "state": "failed" if reason == REFUSED else "pending",
            "error": job.error or error or None,
            "todo": reason if reason in REASONS else "",
        }
        if row is not None and row["state"] == "running" and reason in REASONS:
            values["state"] = "running"  # what was left half done stays known as such until it is done
        if row is not None and reason == REFUSED and row["output"] is not None:
            values |= {"output": row["output"], "output_key": row["output_key"]}
        if settings not in self._settings:
            self.manifest.put_settings(settings, _values(job.kind, job.settings, job.popart, job.mixture))
            self._settings.add(settings)
        self.manifest.put(key, values, number)
        return reason

    def _output(self, job: Job, key: str, row: Row | None) -> tuple[Path, str]:
        """The output's place below the folder, which stays the same from run to run; and why there is none."""
        if row is not None and row["output"] is not None:
            kept = as_path(row["output"])
            below = not kept.is_absolute() and ".." not in kept.parts  # a manifest may come from anywhere
            if below and kept.suffix == job.output.suffix:
                return kept, ""
        wanted = [job.output] if job.fixed else output_paths.candidates(job.output, job.photo, key)
        for output in wanted:
            if self.manifest.owner(output_paths.same(output)) in (None, key):
                return output, ""
        return job.output, f"The output {job.output} belongs to another job; name another."

    def _size(self, output: Place) -> int | None:
        """Bytes of what is there; None for nothing."""
        if isinstance(output, Url):
            return self._sizes(output.parent).get(output.name)
        try:
            state = output.lstat()
        except OSError:
            return None
        return FOLDER if stat.S_ISDIR(state.st_mode) else state.st_size

    def _may_write(self, job: Job, output: Place, row: Row | None) -> bool:
        size = self._size(output)
        if size is None:
            return True
        if row is not None and (row["state"] == "running" or row["written"] == size):
            return True
        if size == 0 and row is not None and row["written"]:  # ours, and lost in a crash or on a full disk
            return True
        if not self.force:
            return False
        if any(_same(output, path) for path in (job.photo, *_pictures(job))):
            return False
        return self.manifest.value("SELECT 1 FROM jobs WHERE photo = ?", as_stored(output.absolute())) is None

    def _is_our_own(self, photo: Place) -> bool:
        """Whether a picture below the output folder was painted by this batch."""
        if not str(photo).startswith(str(self._here)):  # most are not, and this is fast
            return False
        if type(photo) is not type(self._here) or not photo.is_relative_to(self._here):  # type: ignore[arg-type]
            return False
        return self.manifest.owner(output_paths.same(photo.relative_to(self._here))) is not None  # type: ignore[arg-type]

    def _style_hash(self, job: Job) -> str:
        named = _files(job.settings, job.popart.palette if job.popart else "")
        mixed = job.mixture.files if job.mixture else []
        return self._digests.of_all([*_pictures(job), *named, *mixed])


def _pictures(job: Job) -> list[Place]:
    """The files of a job's style and mask."""
    style = [] if job.style is None else [storage.picture_of(job.style)]
    return [*style, *([job.mask] if job.mask else [])]


def _reason(row: Row | None, job: Job, settings: str, style_hash: str, size: int | None) -> str:
    if row is None or row["state"] == "pending":
        return "new"
    if row["state"] == "running":
        return "unfinished"
    if row["state"] == "failed":
        return "failed"
    if (row["settings"], row["style_hash"]) != (settings, style_hash) or _changed(row, job.photo):
        return "changed"
    if size in (None, 0, FOLDER):
        return "missing"
    return DONE


def _arrived_anew(row: Row, job: Job) -> bool:
    return row["state"] in ("done", "failed") and row["todo"] == "" and _changed(row, job.photo)


def _changed(row: Row, photo: Place) -> bool:
    """Whether the photo is another one than was painted; it is read only where size or time (or ETag) differ."""
    try:
        state = storage.stamp(photo)
        if state is None or state == (row["input_size"], row["input_mtime"]):
            return state is None
        return state[0] != row["input_size"] or of_content(photo) != row["input_hash"]
    except (OSError, InputError):
        return True


def _same(output: Place, other: Place) -> bool:
    if isinstance(output, Url) or isinstance(other, Url):
        return output == other
    return other.exists() and output.samefile(other)


def _key(job: Job, count: int) -> str:
    """Who a job is, whatever its settings: `count` tells several of one photo and style apart."""
    who = ("output", str(job.output)) if job.fixed else (str(job.photo), str(job.style), job.kind, str(count))
    if job.error:
        who = ("error", str(job.photo), job.error, str(count))
    return hashlib.sha256("\0".join(who).encode(errors="surrogateescape")).hexdigest()[:32]


@lru_cache(maxsize=1024)
def _settings_hash(kind: str, settings: Settings, popart: PopartSettings | None, mixture: Mixture | None) -> str:
    values = _values(kind, settings, popart, mixture)
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def _values(kind: str, settings: Settings, popart: PopartSettings | None, mixture: Mixture | None) -> dict[str, Any]:
    values = {k: v for k, v in settings.as_dict().items() if k not in _MACHINE}
    found = {"kind": kind, "settings": values, "popart": None if popart is None else asdict(popart)}
    return found if mixture is None else {**found, "mixture": mixture.as_dict()}


@lru_cache(maxsize=1024)
def _files(settings: Settings, palette: str) -> list[Path]:
    return named_by(settings, palette)
