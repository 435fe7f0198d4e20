"""JSON that is stored exactly as it was sent, or refused.

RFC 8259 leaves two things to the reader: an object with the same key twice, and a number that the
reader cannot hold. The parser orjson keeps the last of two values, and rounds such a number. Both
change what a client sent, so both are faults here (RFC 7493, I-JSON, has the same rules).
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from catalogue.core.errors import FieldError

SMALLEST_WHOLE, LARGEST_WHOLE = -(2**63), 2**64 - 1
"""The range of the whole numbers that orjson reads without rounding."""

MOST_FAULTS = 100
_ALWAYS_EXACT = 15
"""A double holds every decimal number of this many digits."""


@dataclass(frozen=True)
class Faults:
    """The faults of a document, in its order, with the JSON Pointer of each."""

    repeated: list[FieldError]
    inexact: list[FieldError]


def find_faults(document: str) -> Faults:
    """Find repeated keys and inexact numbers in valid JSON.

    Raises ValueError if the text is not JSON, or RecursionError if it is nested too deeply.
    """
    try:
        _QUICK.decode(document)
    except _SuspectError:
        return _locate(document)
    return Faults([], [])


class _SuspectError(Exception):
    """The document has a fault, whose place a second reading finds."""


def _check_keys(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise _SuspectError


def _check_number(text: str) -> None:
    # Most numbers are short, and a short one without an exponent is always exact.
    if (len(text) > _ALWAYS_EXACT or "e" in text or "E" in text) and _fault_of(text):
        raise _SuspectError


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


@dataclass(frozen=True)
class _Inexact:
    reason: str


class _Pairs(list[tuple[str, Any]]):
    """The entries of an object, with every key that it repeats."""


def _read_number(text: str) -> _Inexact | None:
    reason = _fault_of(text)
    return _Inexact(reason) if reason else None


_QUICK = json.JSONDecoder(
    object_pairs_hook=_check_keys,
    parse_int=_check_number,
    parse_float=_check_number,
    parse_constant=_refuse_constant,
)
_LOCATING = json.JSONDecoder(
    object_pairs_hook=_Pairs,
    parse_int=_read_number,
    parse_float=_read_number,
    parse_constant=_refuse_constant,
)


def _fault_of(text: str) -> str:
    """Return what a double or a 64-bit integer loses of a number, or an empty text."""
    if not {".", "e", "E"} & set(text):
        # Python refuses to read a number of thousands of digits, so the length is first.
        within = len(text) <= 20 and SMALLEST_WHOLE <= int(text) <= LARGEST_WHOLE
        return "" if within else "The whole number needs more than 64 bits."
    nearest, sent = float(text), Decimal(text)
    if math.isinf(nearest):
        return "The number is too large."
    if nearest == 0 and sent:
        return "The number is too close to zero, and would become 0."
    same = Decimal(repr(nearest)) == sent
    return "" if same else "The number has more digits than can be stored without rounding."


def _locate(document: str) -> Faults:
    faults = Faults([], [])
    for fault in _walk(_LOCATING.decode(document)):
        found = faults.repeated if fault.code == "repeated" else faults.inexact
        if len(found) < MOST_FAULTS:
            found.append(fault)
    return faults


def _walk(document: Any) -> Iterator[FieldError]:
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        pointer, value = waiting.pop()
        if isinstance(value, _Inexact):
            detail = f"{value.reason} Send the number as text, or a number that fits."
            yield FieldError(pointer, "out_of_range", detail)
        elif isinstance(value, _Pairs):
            seen: set[str] = set()
            inner = [(pointer + pointer_to(name), name, each) for name, each in value]
            for place, name, _ in inner:
                if name in seen:
                    detail = "The object has this key more than once. Send each key once."
                    yield FieldError(place, "repeated", detail)
                seen.add(name)
            waiting += [(place, each) for place, _, each in reversed(inner)]
        elif isinstance(value, list):
            waiting += [(f"{pointer}/{i}", each) for i, each in reversed([*enumerate(value)])]


def pointer_to(name: str) -> str:
    """Return the JSON Pointer (RFC 6901) of a key of the whole document."""
    return "/" + name.replace("~", "~0").replace("/", "~1")
