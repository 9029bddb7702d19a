"""How a studio is run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from portrait_nst.resources import cache_folder

MEGABYTE, GIGABYTE = 10**6, 10**9
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Options:
    """How a studio is run.

    folder:  where it keeps photos, jobs and results; None for the folder ``studio`` of `resources.cache_folder`.
    host:    the address on which it listens; any but this machine's own (`LOOPBACK`) needs a `token`.
    port:    0 for any free one.
    names:   further names by which others may address it, which needs a `token` too; where `host` is not this machine's own,
             addresses in numbers always may.
    token:   what every request must bring, as a bearer or, in a browser, as a cookie; "" for none.
    page:    whether the page is served, or the API alone.
    quota:   bytes that results and uploads may take on the disk, before the oldest that are not starred are removed.
    upload:  bytes of a picture at most. clip: bytes of a film at most. pixels: of a picture at most.
    threads: CPU threads that paint; None for all.
    device:  as `Settings.device`.
    library: a folder with a folder of paintings for each art movement; None for no movements.
    """

    folder: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8765
    names: tuple[str, ...] = ()
    token: str = ""
    page: bool = True
    quota: int = 10 * GIGABYTE
    upload: int = 100 * MEGABYTE
    clip: int = 2 * GIGABYTE
    pixels: int = 200_000_000
    threads: int | None = None
    device: str = "auto"
    library: Path | None = None

    @property
    def home(self) -> Path:
        """The folder in which everything is kept, from the root of the disk, so that messages can leave it out."""
        return (self.folder if self.folder is not None else cache_folder() / "studio").absolute()

    @property
    def is_loopback(self) -> bool:
        """Whether only programs of this machine can reach it."""
        return self.host in LOOPBACK
