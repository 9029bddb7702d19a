"""The drivers of stores: opened by URL, and what they raise in words that a user can act on.

Credentials, endpoints and all else that a driver takes are fsspec's business: its configuration and the environment say them.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator
from typing import Any

from portrait_nst.batch.storage.urls import Url
from portrait_nst.errors import InputError, PortraitError, ResourceError

EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs"}
TRIES = 2  # of botocore, times those of s3fs: by default a server that is silent would be asked for seven minutes
_UNREACHABLE = ("connect", "timeout", "timed out", "endpoint", "resolve", "unreachable", "refused")


@contextlib.contextmanager
def said(url: Url, what: str = "cannot be read") -> Iterator[None]:
    """Raise InputError or ResourceError, one line that names `url`, for whatever is raised within."""
    try:
        yield
    except PortraitError:
        raise
    except Exception as error:  # a dozen drivers, each with exceptions of its own
        raise translated(url, error, what) from error


def is_root(error: Exception) -> bool:
    """Whether what is not there is the whole bucket, and not a file in it."""
    return "bucket does not exist" in str(error).lower()


def translated(url: Url, error: Exception, what: str) -> PortraitError:
    """`error` of the driver of `url`; what: "cannot be read", or "cannot be written"."""
    reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    kind = type(error).__name__
    if isinstance(error, ImportError):
        extra = EXTRAS.get(url.protocol)
        how = f"pip install 'portrait-nst[{extra}]'" if extra else reason
        return InputError(f"{url} {what}: URLs of {url.protocol}:// need one more package: {how}.")
    if isinstance(error, ValueError) and "protocol not known" in reason.lower():
        return InputError(
            f"{url} {what}: {url.protocol}:// is no protocol that fsspec knows. Use s3://, gs:// or a local path."
        )
    if isinstance(error, FileNotFoundError):
        if is_root(error):
            return InputError(f"{url} {what}: {reason}. Check the bucket's name, and the endpoint (AWS_ENDPOINT_URL).")
        return InputError(f"{url} does not exist; check the name and the folder.")
    if isinstance(error, PermissionError):
        return InputError(f"{url} {what}: access is denied ({reason}). Check the credentials and their rights.")
    if "credential" in kind.lower() or "credential" in reason.lower():
        return InputError(
            f"{url} {what}: there are no credentials ({reason}). Set them as the store's own tools take them, "
            "for S3 AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE."
        )
    if any(word in f"{kind} {reason}".lower() for word in _UNREACHABLE):
        return ResourceError(
            f"{url} {what}: the server does not answer ({reason}). Is it there, and the endpoint right?"
        )
    return ResourceError(f"{url} {what}: {kind}: {reason}.")


def opened(url: Url) -> tuple[Any, str]:
    """The file system of `url`, and its path there. Raises InputError for a protocol without a driver."""
    protocol, _, path = url.text.partition("://")
    store = _store(protocol.lower(), path.partition("/")[0])  # without the path, in which :: would mean something
    return store, store._strip_protocol(url.text)


def forget() -> None:
    """Look at stores anew from now on: others write there too."""
    for protocol, root in tuple(_roots):
        _store(protocol, root).invalidate_cache()


_roots: set[tuple[str, str]] = set()


@functools.lru_cache(64)
def _store(protocol: str, root: str) -> Any:
    import fsspec

    with said(Url(f"{protocol}://{root}")):
        patient = "AWS_MAX_ATTEMPTS" in os.environ or "config_kwargs" in fsspec.config.conf.get("s3", {})
        if EXTRAS.get(protocol) != "s3" or patient:
            store = fsspec.core.url_to_fs(f"{protocol}://{root}")[0]
        else:
            retries = {"retries": {"total_max_attempts": TRIES}}
            store = fsspec.core.url_to_fs(f"{protocol}://{root}", config_kwargs=retries)[0]
            store.retries = TRIES
    _roots.add((protocol, root))
    return store
