"""The names of hosts to which the demonstration responds."""

from urllib.parse import urlsplit

from flask import request

from catalogue.core.application import settings
from catalogue.core.config import LOCAL_NAMES
from catalogue.core.errors import Forbidden


def refuse_other_names() -> None:
    """Raise Forbidden unless the request names this machine.

    Another website can point its own name to 127.0.0.1 (DNS rebinding). Its scripts could then sign
    in without a password, and read the responses.
    """
    try:
        name = urlsplit(f"//{request.host}").hostname
    except ValueError:
        name = None
    if name not in LOCAL_NAMES:
        raise Forbidden(
            "The demonstration responds only at addresses of this machine. "
            f"Open {settings().public_url}/ instead."
        )
