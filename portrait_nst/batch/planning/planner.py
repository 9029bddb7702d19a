"""The planner enters jobs into the manifest: each gets a row, a name for its output, and a reason to be painted or not."""

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
from portrait_nst.batch.manifest.digests import Digests, content_digest, named_by
from portrait_nst.batch.manifest.manifest import Manifest
from portrait_nst.batch.manifest.paths import as_path, as_stored
from portrait_nst.batch.manifest.results import holds_recipe
from portrait_nst.batch.planning import output_paths, row_styles
from portrait_nst.batch.planning.aside import Aside
from portrait_nst.batch.planning.jobs import Job
from portrait_nst.batch.storage import Location, Url
from portrait_nst.errors import InputError, without_paths
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.settings import Settings
from portrait_nst.style_spec import StyleSpec

REASONS = ("new", "changed", "failed", "unfinished", "missing", "redo")
DONE, TWICE, REFUSED, LEFT = "done", "twice", "refused", "left"
FOLDER = -1  # instead of a size, for a folder where a picture should be
_MACHINE = ("threads", "device")  # settings that do not change the picture


class Planner:
    """Enters jobs into `manifest` and decides what is to be done with each.

    force:  outputs that exist already may be replaced.
    failed: only what failed before is done.
    redo:   what is done and unchanged is done again.
    counts: how many jobs got each reason. Those in `REASONS` are to be done; "done" means done and unchanged, "twice" the same
            job again, "refused" that it cannot be done, "left" that it is left for another run.
    aside:  what is left aside, which `plan` counts too.
    other_versions: how many of those done were painted by each other version of portrait_nst.
    """

    def __init__(self, manifest: Manifest, *, force: bool = False, failed: bool = False, redo: bool = False) -> None:
        self.manifest, self.force, self.failed, self.redo = manifest, force, failed, redo
        self.counts: Counter[str] = Counter()
        self.aside = Aside()
        self.other_versions: Counter[str] = Counter()
        self._settings: set[str] = set()
        self._results: set[Path] = set()
        self._limit: int | None = None
        self._remaining: set[tuple[str, str, str]] = set()
        self._here = storage.absolute(manifest.folder)
        self.refresh()

    def refresh(self) -> None:
        """Forget what was seen in stores, so that changes there are noticed."""
        storage.refresh()
        self._digests = Digests()
        self._sizes = lru_cache(64)(storage.list_sizes)
        self._recipe = lru_cache(4096)(holds_recipe)  # a photo is asked for once for each style

    @property
    def todo(self) -> int:
        """The number of jobs that are to be done in this run."""
        return sum(self.counts[reason] for reason in REASONS)

    @property
    def remaining(self) -> int:
        """How many jobs lie beyond the limit of `enter_all`, as far as that is known without reading new photos."""
        return len(self._remaining)

    def enter_all(self, jobs: Iterable[Job], limit: int | None = None) -> None:
        """Enter `jobs` until `limit` of them are to be done, count those that remain, and commit."""
        self._limit = limit
        if limit != 0:
            for job in jobs:
                self.enter(job)
        self.manifest.commit()

    def enter(self, job: Job, *, arrived: bool = False) -> str:
        """Enter `job`, and return its reason, as in `counts`.

        arrived: its photo was written during this run; if it was painted before that, it is painted again.
        """
        if self._is_output(job.photo):
            return LEFT
        style = None if job.style is None or job.style.is_single else job.style  # a single one has a column of its own
        settings = _settings_hash(job.kind, job.settings, job.popart, style)
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
        if self._limit is not None and self.todo >= self._limit:
            if self._remains(job, key, row, settings, style_hash):
                self._remaining.add((key, settings, style_hash))
            return LEFT
        if row is None and job.searched and isinstance(job.photo, Path) and self._recipe(job.photo):
            if job.photo not in self._results:
                self.aside.add_result()
                self._results.add(job.photo)
            return LEFT
        reason = self._enter(job, key, row, settings, style_hash)
        self.counts[reason] += 1
        return reason

    def _remains(self, job: Job, key: str, row: Row | None, settings: str, style_hash: str) -> bool:
        """Whether a run without a limit would do the job; nothing is written, and a photo without a row is not opened."""
        if job.error or (self.failed and (row is None or row["state"] != "failed")):
            return False
        if row is None or self.redo:
            return True
        output, error = self._output(job, key, row)
        return not error and _reason(row, job, settings, style_hash, self._size(self.manifest.folder / output)) != DONE

    def _enter(self, job: Job, key: str, row: Row | None, settings: str, style_hash: str) -> str:
        output, error = self._output(job, key, row)
        reason = REFUSED
        if not (job.error or error):
            reason = _reason(row, job, settings, style_hash, self._size(self.manifest.folder / output))
        if reason == DONE and self.redo:
            reason = "redo"
        if reason == DONE and row is not None and row["version"] != __version__:
            self.other_versions[row["version"]] += 1
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
            "photo": as_stored(job.photo, self._here),
            "style": as_stored(job.main_style, self._here),
            "mask": as_stored(job.mask, self._here),
            "kind": job.kind,
            "output": None if job.error or error else as_stored(output),
            "output_key": None if job.error or error else output_paths.canonical(output),
            "settings": settings,
            "style_hash": style_hash,
            "state": "failed" if reason == REFUSED else "pending",
            "error": without_paths(job.error or error) or None,
            "origin": job.origin or None,
            "todo": reason if reason in REASONS else "",
        }
        if row is not None and row["state"] == "running" and reason in REASONS:
            values["state"] = "running"  # a job that was interrupted stays known as such until it is done
        if row is not None and reason == REFUSED and row["output"] is not None:
            values |= {"output": row["output"], "output_key": row["output_key"]}
        if settings not in self._settings:
            self.manifest.put_settings(settings, _values(job.kind, job.settings, job.popart, job.style))
            self._settings.add(settings)
        self.manifest.put(key, values, number)
        return reason

    def _output(self, job: Job, key: str, row: Row | None) -> tuple[Path, str]:
        """The output's path below the folder, which stays the same from run to run, and "" or why there is none."""
        if row is not None and row["output"] is not None:
            kept = as_path(row["output"])
            below = not kept.is_absolute() and ".." not in kept.parts  # a manifest may have been edited
            if below and kept.suffix == job.output.suffix:
                return kept, ""
        wanted = [job.output] if job.fixed else output_paths.candidates(job.output, job.photo, key)
        for output in wanted:
            if self.manifest.owner(output_paths.canonical(output)) in (None, key):
                return output, ""
        return job.output, f"The output {job.output} belongs to another job; name another."

    def _size(self, output: Location) -> int | None:
        """The bytes of the file at `output`, `FOLDER` for a folder, or None where nothing is there."""
        if isinstance(output, Url):
            return self._sizes(output.parent).get(output.name)
        try:
            state = output.lstat()
        except OSError:
            return None
        return FOLDER if stat.S_ISDIR(state.st_mode) else state.st_size

    def _may_write(self, job: Job, output: Location, row: Row | None) -> bool:
        """Whether nothing is at `output`, or what is there was painted by this batch, or `force` allows to replace it."""
        size = self._size(output)
        if size is None:
            return True
        if row is not None and (row["state"] == "running" or row["written"] == size):
            return True
        if size == 0 and row is not None and row["written"]:  # ours, and lost in a crash or on a full disk
            return True
        if not self.force:
            return False
        if any(_same(output, path) for path in (job.photo, *_main_files(job))):
            return False
        names = (
            as_stored(output.absolute()),
            as_stored(output.absolute(), self._here),
        )  # manifests of before had the first
        return self.manifest.value("SELECT 1 FROM jobs WHERE photo IN (?, ?)", *names) is None

    def _is_output(self, photo: Location) -> bool:
        """Whether `photo` was painted by this batch itself."""
        if not str(photo).startswith(str(self._here)):  # true for most, and fast
            return False
        if type(photo) is not type(self._here) or not photo.is_relative_to(self._here):  # type: ignore[arg-type]
            return False
        return self.manifest.owner(output_paths.canonical(photo.relative_to(self._here))) is not None  # type: ignore[arg-type]

    def _style_hash(self, job: Job) -> str:
        named = named_by(job.settings, job.popart.palette if job.popart else "")
        more = job.style.files if job.style else []
        mixed = [storage.style_picture(storage.locate(name)) for name in (more[1:] if job.main_style else more)]
        return self._digests.digest_all([*_main_files(job), *named, *mixed])


def _main_files(job: Job) -> list[Location]:
    """The files of a job's main style and mask."""
    style = [] if job.main_style is None else [storage.style_picture(job.main_style)]
    return [*style, *([job.mask] if job.mask else [])]


def _reason(row: Row | None, job: Job, settings: str, style_hash: str, size: int | None) -> str:
    """One of `REASONS`, or `DONE`, by the job's `row` and the `size` of its output."""
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
    """Whether the photo changed after it was painted in this run."""
    return row["state"] in ("done", "failed") and row["todo"] == "" and _changed(row, job.photo)


def _changed(row: Row, photo: Location) -> bool:
    """Whether the photo is not the one that was painted; it is read only where its fingerprint differs."""
    try:
        state = storage.fingerprint(photo)
        if state is None or state == (row["input_size"], row["input_mtime"]):
            return state is None
        return bool(state[0] != row["input_size"] or content_digest(photo) != row["input_hash"])
    except (OSError, InputError):
        return True


def _same(output: Location, other: Location) -> bool:
    """Whether both are the same file or object."""
    if isinstance(output, Url) or isinstance(other, Url):
        return output == other
    return bool(other.exists() and output.samefile(other))


def _key(job: Job, count: int) -> str:
    """The job's identity, whatever its settings; `count` distinguishes several jobs of one photo and style."""
    style = job.style.main if job.style else None
    identity = ("output", str(job.output)) if job.fixed else (str(job.photo), str(style), job.kind, str(count))
    if job.error:
        identity = ("error", str(job.photo), job.error, str(count))
    return hashlib.sha256("\0".join(identity).encode(errors="surrogateescape")).hexdigest()[:32]


@lru_cache(maxsize=1024)
def _settings_hash(kind: str, settings: Settings, popart: PopartSettings | None, style: StyleSpec | None) -> str:
    values = _values(kind, settings, popart, style)
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def _values(kind: str, settings: Settings, popart: PopartSettings | None, style: StyleSpec | None) -> dict[str, Any]:
    """What the manifest keeps of a job's settings; its hash tells whether they changed, so the form must stay as it is."""
    values = {k: v for k, v in settings.as_dict().items() if k not in _MACHINE}
    found = {"kind": kind, "settings": values, "popart": None if popart is None else asdict(popart)}
    more = row_styles.as_stored(style)
    return found if more is None else {**found, "mixture": more}
