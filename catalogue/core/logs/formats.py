"""The formats of the log: lines of text for people, or JSON for programs.

Every line of a request names the request. Lines go to standard error.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from catalogue.core.logs.current_request import current_request
from catalogue.core.text import on_one_line

VALUES = "catalogue_values"
"""The attribute of a log record that holds values for programs, by their names."""


class _Formatter(logging.Formatter):
    """A formatter whose times are in UTC."""

    def _time(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _fault(self, record: logging.LogRecord) -> str:
        parts = [self.formatException(record.exc_info)] if record.exc_info else []
        return "\n".join([*parts, *([record.stack_info] if record.stack_info else [])])

    def _values(self, record: logging.LogRecord) -> dict[str, Any]:
        request = current_request()
        values = request.values() if request else {}
        return values | getattr(record, VALUES, {})


class TextFormatter(_Formatter):
    """One line of text for each message, and the traceback of a fault below it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. A line end within a message cannot begin another line."""
        values = self._values(record)
        message = on_one_line(record.getMessage())
        line = f"{self._time(record)} {record.levelname} {record.name}: {message}"
        named = " ".join(
            f"{name}={on_one_line(str(value))}"
            for name, value in values.items()
            # The line of a request shows the rest in its usual form.
            if name in {"request_id", "trace_id", "client_id", "person", "address"}
        )
        line += f" [{named}]" if named else ""
        fault = self._fault(record)
        return f"{line}\n{fault}" if fault else line


class JsonFormatter(_Formatter):
    """One JSON object on one line for each message, with the traceback as a member."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object."""
        document = {
            "time": self._time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **self._values(record),
        }
        fault = self._fault(record)
        if fault:
            document["exception"] = fault
        return orjson.dumps(_encodable(document), default=str).decode()


def _encodable(document: dict[str, Any]) -> dict[str, Any]:
    """Replace characters that UTF-8 cannot encode, such as half of a surrogate pair."""
    return {
        name: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for name, value in document.items()
    }


FORMATTERS: dict[str, Callable[[], logging.Formatter]] = {
    "text": TextFormatter,
    "json": JsonFormatter,
}


def make_formatter(log_format: str = "text") -> logging.Formatter:
    """Make the formatter of a value of CATALOGUE_LOG_FORMAT. An unknown value means text."""
    return FORMATTERS.get(log_format, TextFormatter)()


class _Handler(logging.StreamHandler[Any]):
    """The handler of this product, which `configure` recognises when it is called again."""


def configure(log_format: str) -> None:
    """Write warnings and errors of all libraries in this format.

    A program that has configured its own log, such as another server, keeps it.
    """
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(_Handler())
        root.setLevel(logging.WARNING)
    for handler in root.handlers:
        if isinstance(handler, _Handler):
            handler.setFormatter(make_formatter(log_format))
