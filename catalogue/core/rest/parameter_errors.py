"""Errors in the names of query parameters, for lists and all other operations."""

from collections.abc import Iterable

from catalogue.core.codes import LONGEST_QUOTE, quote, suggest_names
from catalogue.core.errors import FieldError


def unknown_parameter(name: str, known: Iterable[str] = ()) -> FieldError:
    """Make the error for a query parameter that does not exist."""
    advice = suggest_names(name[:LONGEST_QUOTE], known) or " Remove it."
    detail = f"There is no parameter {quote(name)}."
    return FieldError(f"?{name}", "unknown_parameter", detail + advice)


def repeated_parameter(name: str) -> FieldError:
    """Make the error for a query parameter that is sent more than once."""
    return FieldError(
        f"?{name}", "repeated", f"The parameter `{name}` is sent more than once. Send it once."
    )
