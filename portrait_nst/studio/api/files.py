"""Files that the server answers with, read at once instead of piece by piece, each of which would wait for a thread."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

SMALL = 2_000_000  # bytes of a file that is read at once
FOR_GOOD = {"Cache-Control": "private, max-age=31536000, immutable"}  # of what an address always means the same by


def described(*media: str, words: str = "The file.") -> dict[int | str, dict[str, Any]]:
    """How the API's description says that a route answers with a file of one of these media types."""
    binary, json = {"type": "string", "format": "binary"}, {"type": "object"}
    content = {one: {"schema": json if one.endswith("json") else binary} for one in media}
    return {200: {"content": content, "description": words}}


class Kept(StaticFiles):
    """The files of the page, from memory: a page asks for a hundred of them, and they are few. One that changed is read anew."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)
        self._kept: dict[str, tuple[tuple[int, int], bytes]] = {}

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The answer with the file `path` of the folder. Raises HTTPException for what is not there."""
        if scope["method"] in ("GET", "HEAD"):
            try:
                found, seen = self.lookup_path(path)
            except (OSError, ValueError):  # a name that no file can have
                found, seen = "", None
            if seen is not None and stat.S_ISREG(seen.st_mode) and seen.st_size <= SMALL:
                return self.file_response(found, seen, scope)
        return await super().get_response(path, scope)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, or that the browser's own is the right one."""
        answer = super().file_response(full_path, stat_result, scope, status_code)
        if not isinstance(answer, FileResponse) or stat_result.st_size > SMALL:
            return answer
        return at_once(answer, self._bytes(os.fspath(full_path), stat_result))

    def _bytes(self, path: str, seen: os.stat_result) -> bytes:
        version = seen.st_mtime_ns, seen.st_size
        if (kept := self._kept.get(path)) is None or kept[0] != version:
            kept = self._kept[path] = version, Path(path).read_bytes()
        return kept[1]


def picture(path: Path, media: str, headers: dict[str, str]) -> Response:
    """The answer with the file `path`, read in this thread where it is small. Raises FileNotFoundError."""
    seen = path.stat()
    answer = FileResponse(path, media_type=media, headers=headers, stat_result=seen)
    return at_once(answer, path.read_bytes()) if seen.st_size <= SMALL and media.startswith("image/") else answer


def at_once(answer: FileResponse, data: bytes) -> Response:
    """`answer` with the bytes of its file."""
    headers = {name: value for name, value in answer.headers.items() if name not in ("accept-ranges", "content-length")}
    return Response(data, answer.status_code, headers)
