"""The server, for development and for production alike."""

from typing import Any

from catalogue.core.logs.formats import make_formatter

APPLICATION = "catalogue.app:serving_app"


def run(
    *,
    host: str,
    port: int,
    workers: int,
    threads: int,
    log_format: str = "text",
    application: str = APPLICATION,
) -> None:
    """Serve until interrupted.

    More processes serve more requests than more threads, because Python runs one thread at a time.
    """
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
    }
    Granian(application, **options).serve()
