"""The fsspec drivers of stores: opening them by URL, and translating their exceptions into errors that a user can act on.

Credentials, endpoints and every other option of a driver come from fsspec's own configuration and from the environment.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator
from typing import Any

from portrait_nst.batch.storage.location import Url
from portrait_nst.errors import InputError, PortraitError, ResourceError, first_line

EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs"}
TRIES = 2  # of botocore times s3fs; by default a server that does not answer would be asked for seven minutes
_UNREACHABLE = ("connect", "timeout", "timed out", "endpoint", "resolve", "unreachable", "refused")


@contextlib.contextmanager
def translated_errors(url: Url, failure: str = "cannot be read") -> Iterator[None]:
    """Turn any exception in the block into an InputError or ResourceError of one line that names `url`."""
    try:
        yield
    except PortraitError:
        raise
    except Exception as error:  # a dozen drivers, each with exceptions of its own
        raise translate(url, error, failure) from error


def is_missing_bucket(error: Exception) -> bool:
    """Whether a "not found" error is about the whole bucket, rather than about a file in it."""
    return "bucket does not exist" in str(error).lower()


def translate(url: Url, error: Exception, failure: str) -> PortraitError:
    """The driver's `error` as one of ours; failure: "cannot be read", or "cannot be written"."""
    reason = first_line(error).rstrip(".")
    kind = type(error).__name__
    if isinstance(error, ImportError):
        extra = EXTRAS.get(url.protocol)
        how = f"pip install 'portrait-nst[{extra}]'" if extra else reason
        return InputError(f"{url} {failure}: URLs of {url.protocol}:// need one more package: {how}.")
    if isinstance(error, ValueError) and "protocol not known" in reason.lower():
        return InputError(
            f"{url} {failure}: {url.protocol}:// is no protocol that fsspec knows. Use s3://, gs:// or a local path."
        )
    if isinstance(error, FileNotFoundError):
        if is_missing_bucket(error):
            return InputError(
                f"{url} {failure}: {reason}. Check the bucket's name, and the endpoint (AWS_ENDPOINT_URL)."
            )
        return InputError(f"{url} does not exist; check the name and the folder.")
    if isinstance(error, PermissionError):
        return InputError(f"{url} {failure}: access is denied ({reason}). Check the credentials and their rights.")
    if "credential" in kind.lower() or "credential" in reason.lower():
        return InputError(
            f"{url} {failure}: there are no credentials ({reason}). Set them as the store's own tools take them, "
            "for S3 AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE."
        )
    if any(word in f"{kind} {reason}".lower() for word in _UNREACHABLE):
        return ResourceError(
            f"{url} {failure}: the server does not answer ({reason}). Is it there, and the endpoint right?"
        )
    return ResourceError(f"{url} {failure}: {kind}: {reason}.")


def open_store(url: Url) -> tuple[Any, str]:
    """The fsspec file system of `url`, and the path there. Raises InputError for a protocol without a driver."""
    protocol, _, path = url.text.partition("://")
    store = _store(protocol.lower(), path.partition("/")[0])  # without the path, in which :: would mean something
    return store, store._strip_protocol(url.text)


def refresh() -> None:
    """Forget what was listed of every store, because others write there too."""
    for protocol, root in tuple(_roots):
        _store(protocol, root).invalidate_cache()


_roots: set[tuple[str, str]] = set()


@functools.lru_cache(64)
def _store(protocol: str, root: str) -> Any:
    import fsspec

    with translated_errors(Url(f"{protocol}://{root}")):
        patient = "AWS_MAX_ATTEMPTS" in os.environ or "config_kwargs" in fsspec.config.conf.get("s3", {})
        if EXTRAS.get(protocol) != "s3" or patient:
            store = fsspec.core.url_to_fs(f"{protocol}://{root}")[0]
        else:
            retries = {"retries": {"total_max_attempts": TRIES}}
            store = fsspec.core.url_to_fs(f"{protocol}://{root}", config_kwargs=retries)[0]
            store.retries = TRIES
    _roots.add((protocol, root))
    return store
