"""What the drivers of stores raise, in words that a user can act on."""

from __future__ import annotations

from typing import Any

import pytest

from portrait_nst.batch import storage
from portrait_nst.batch.planning.discovery import find_pictures
from portrait_nst.batch.storage import locate
from portrait_nst.errors import InputError, ResourceError


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("nonsense://bucket/x", None, "nonsense:// is no protocol"),
        ("simplecache::s3://bucket/x", None, "a store within another"),
        ("memory://x", PermissionError("Forbidden"), r"memory://x cannot be read: access is denied \(Forbidden\)"),
        ("memory://x", FileNotFoundError("The specified bucket does not exist"), "bucket does not exist.*endpoint"),
        ("memory://x", RuntimeError("Unable to locate credentials\nat all"), "there are no credentials.*AWS_PROFILE"),
        ("memory://x", OSError("Connect call failed"), "the server does not answer"),
        ("memory://x", KeyError("odd"), "cannot be read: KeyError: 'odd'"),
    ],
)
def test_errors_of_drivers_are_one_line(
    name: str, error: Exception | None, words: str, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        assert error is not None
        raise error

    if error is not None:
        monkeypatch.setattr(type(memory), "info", fail)
    with pytest.raises((InputError, ResourceError), match=words) as caught:
        list(find_pictures([name]))
    assert "\n" not in str(caught.value)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import fsspec

    def missing(*_: Any, **__: Any) -> None:
        raise ImportError("Install s3fs to access S3")

    for call, extra in (("s3://a-bucket/x", "s3"), ("gs://a-bucket/x", "gcs")):
        monkeypatch.setattr(fsspec.core, "url_to_fs", missing)
        with pytest.raises(InputError, match=rf"pip install 'portrait-nst\[{extra}\]'"):
            storage.entry_type(locate(call))
