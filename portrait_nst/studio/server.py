"""The studio's server: it listens, answers until it is told to end, and ends in order."""

from __future__ import annotations

import contextlib
import errno
import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from portrait_nst.errors import InputError
from portrait_nst.studio.options import Options

MISSING = "The studio needs its extra: pip install 'portrait-nst[studio]'"


def serve(
    options: Options,
    *,
    ready: Callable[[str], None] = lambda url: None,
    say: Callable[[str], None] = lambda line: None,
    log: bool = False,
    stop: threading.Event | None = None,
) -> None:
    """Serve until Ctrl-C, SIGTERM or `stop`; the second Ctrl-C is a KeyboardInterrupt, further SIGTERMs change nothing.

    ready: gets the address as soon as the server answers, with its token where there is one.
    say:   gets lines for the user. log: whether it says each request too.

    Raises InputError where FastAPI is missing, the port is taken, the address is not this machine's, or it is not only this
    machine's and there is no token.
    """
    try:
        import fastapi  # noqa: F401
        import uvicorn  # noqa: F401
        import websockets  # noqa: F401
    except ImportError:
        raise InputError(MISSING) from None
    from portrait_nst.studio.api.app import make_app
    from portrait_nst.studio.api.catalogue import check_library
    from portrait_nst.studio.ending import Ending
    from portrait_nst.studio.opening import opened
    from portrait_nst.studio.running import Server, config
    from portrait_nst.studio.security.stack import guarded

    check(options)
    if options.library is not None:
        check_library(options.library)
    stop = stop or threading.Event()
    with signals(stop, say), contextlib.closing(listening(options)) as listener, opened(options) as studio:
        ending = Ending(make_app(studio))
        app = guarded(ending, options, say if log else None)
        server = Server(config(app), stop, studio.events, ending.end)
        address = url(options, listener.getsockname()[1])
        server.ready = lambda: ready(address)
        server.run(sockets=[listener])


def check(options: Options) -> None:
    """Raise InputError where others could reach the studio without a token, or with one that is found by trying."""
    if options.token and not re.fullmatch(r"[!-~]{16,200}", options.token):
        raise InputError("--token must have 16 letters or more, without blanks, so that nobody finds it by trying.")
    if (options.names or not options.is_loopback) and not options.token:
        import secrets

        how = f"--host {options.host}" if not options.is_loopback else f"--allow-host {options.names[0]}"
        raise InputError(
            f"{how} lets others reach the studio, which needs a token that they must know. "
            f"Give --token, such as --token {secrets.token_urlsafe(18)}"
        )


def listening(options: Options) -> socket.socket:
    """A socket that listens where `options` say. Raises InputError where it cannot."""
    host, port = options.host, options.port
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        found = socket.socket(family, kind, protocol)
    except OSError as error:
        raise InputError(f"--host {host} is no address of this machine ({error.strerror or error}).") from None
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(place)
        found.listen(512)
    except OSError as error:
        found.close()
        if error.errno == errno.EADDRINUSE:
            why = f"Port {port} is taken; is a studio running already? Give another with --port, or --port 0 for any free one."
        elif error.errno == errno.EACCES:
            why = f"Port {port} may not be used by you; give one from 1024 on with --port."
        else:
            why = f"--host {host} is no address of this machine ({error.strerror or error})."
        raise InputError(why) from None
    return found


def url(options: Options, port: int) -> str:
    """The address to open in a browser on this machine; with the token, where there is one."""
    from urllib.parse import quote

    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(options.host, options.host)
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"http://{host}:{port}/" + (f"?token={quote(options.token, safe='')}" if options.token else "")


@contextlib.contextmanager
def signals(stop: threading.Event, say: Callable[[str], None]) -> Iterator[None]:
    """Inside this block the first Ctrl-C or SIGTERM sets `stop`, and the next Ctrl-C is a KeyboardInterrupt.

    A SIGTERM is always that alone: `timeout` and others send it to a process and to its group, so that it comes twice.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = [signal.SIGINT, signal.SIGTERM]
    before = {number: signal.getsignal(number) for number in asked}

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()
        if number == signal.SIGINT:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            say("Ending; Ctrl-C again gives up. What is being painted begins anew with the next start.")

    for number in asked:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
