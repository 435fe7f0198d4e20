"""The server, for development and for production alike."""

import os
import signal
import socket
from typing import Any

import click

from catalogue.core.logs.formats import make_formatter

APPLICATION = "catalogue.app:serving_app"

LONGEST_STOP = 45
"""In seconds. A process that still runs so long after the signal to stop is killed."""


def run(
    *,
    host: str,
    port: int,
    workers: int,
    threads: int,
    log_format: str = "text",
    application: str = APPLICATION,
) -> None:
    """Serve until interrupted. Raises ClickException if the port is in use.

    More processes serve more requests than more threads, because Python runs one thread at a time.
    """
    require_free(host, port)

    from granian import Granian
    from granian.constants import Interfaces

    options: dict[str, Any] = {
        "address": host,
        "port": port,
        "interface": Interfaces.WSGI,
        "workers": workers,
        "blocking_threads": threads,
        "log_dictconfig": {
            "formatters": {
                "generic": {"()": make_formatter, "log_format": log_format},
                "access": {"()": make_formatter, "log_format": log_format},
            }
        },
        "websockets": False,
        "factory": True,
        "respawn_failed_workers": True,
        "workers_kill_timeout": LONGEST_STOP,
    }
    # A worker inherits the handler of its parent, which would swallow the signal while it starts.
    os.register_at_fork(after_in_child=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL))
    Granian(application, **options).serve()


def require_free(host: str, port: int) -> None:
    """Raise ClickException if another program has the port.

    The server would share the port with another server, and each would receive some requests.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} cannot be used ({error.strerror}). Choose another, such as "
                "`--port 8001` or `make demo PORT=8001`."
            ) from None
