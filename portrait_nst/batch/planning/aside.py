"""What a search for pictures leaves aside, counted by reason: other kinds of files, hidden ones, what we made ourselves."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

from portrait_nst.batch.manifest.database import LOCK, NAME
from portrait_nst.batch.manifest.results import results_of
from portrait_nst.batch.planning.output_paths import canonical
from portrait_nst.batch.storage import Location

HIDDEN, RESULTS, BARE, SPECIAL = "hidden", "made by portrait-nst", "without a suffix", "no file"
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_KINDS = {
    "camera raw": ".arw .cr2 .cr3 .crw .dng .erf .kdc .mrw .nef .nrw .orf .pef .raf .raw .rw2 .sr2 .srf .srw .x3f",
    "drawing": ".svg .svgz .pdf .eps .ai",
}
_KIND_OF = {suffix: kind for kind, suffixes in _KINDS.items() for suffix in suffixes.split()}
SHOWN = 8  # reasons that are told one by one


class Aside:
    """Counts of files that were left aside by reason: a suffix in lower case, or one of the words above."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add_name(self, name: str) -> None:
        """Count a file that is left aside because of its name."""
        if name == LOCK or name.startswith(NAME):
            return  # a batch's own, with what SQLite puts beside it
        suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122 - fast
        if name.startswith("."):
            self.counts[HIDDEN] += 1
        else:
            self.counts[suffix if _SUFFIX.fullmatch(suffix) else BARE] += 1

    def add_result(self) -> None:
        """Count a picture that an earlier batch, or another command of ours, made."""
        self.counts[RESULTS] += 1

    def add_special(self) -> None:
        """Count a pipe, socket or device that has the name of a picture."""
        self.counts[SPECIAL] += 1

    def in_words(self) -> str:
        """All of it in one line, such as "12 files left aside: 8 .dng (camera raw), 3 .txt, 1 hidden"; "" where there is nothing."""
        total = self.counts.total()
        if not total:
            return ""
        parts = [
            f"{count} {reason}" + (f" ({_KIND_OF[reason]})" if reason in _KIND_OF else "")
            for reason, count in sorted(self.counts.items(), key=lambda entry: (-entry[1], entry[0]))
        ]
        if len(parts) > SHOWN:
            rest = total - sum(int(part.split(" ", 1)[0]) for part in parts[:SHOWN])
            parts = [*parts[:SHOWN], f"{rest} others"]
        return f"{total} file{'' if total == 1 else 's'} left aside: {', '.join(parts)}"


class Results:
    """The results of batches whose manifests a search has met, which it counts when it meets them."""

    def __init__(self, aside: Aside | None) -> None:
        self._aside = aside
        self._known: dict[Location, frozenset[str]] = {}

    def enter(self, folder: Location) -> None:
        """Learn what the batch of `folder`, which holds a manifest, painted there and below."""
        if self._aside is not None:
            self._known[folder] = results_of(folder)

    def holds(self, picture: Location) -> bool:
        """Whether `picture` is one of these results; it is counted as left aside then."""
        for folder, names in self._known.items():
            if picture.is_relative_to(folder) and canonical(Path(picture.relative_to(folder))) in names:  # type: ignore[arg-type]
                assert self._aside is not None
                self._aside.add_result()
                return True
        return False
