"""State machines: the states of a record that can follow each state."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from catalogue.core.errors import conflict

State = TypeVar("State", bound=StrEnum)


def require_transition(
    noun: str, steps: Mapping[State, frozenset[State]], before: State, after: State
) -> None:
    """Raise Conflict if `after` cannot follow `before`. The error names the states that can."""
    if after not in steps[before]:
        detail = explain_refusal(noun, before, sorted(steps[before]), after)
        raise conflict("/status", "transition", detail)


def explain_refusal(noun: str, before: str, follow: Iterable[str], after: str) -> str:
    """Explain why a status cannot follow another.

    `noun` is the kind of record, such as `system`.
    """
    record = f"{'An' if noun[0] in 'aeiou' else 'A'} {noun}"
    *others, last = ["", *(f"`{state}`" for state in follow)]
    if not last:
        return f"{record} at `{before}` has reached its end, and cannot move to `{after}`."
    allowed = f"{', '.join(others[1:])} or {last}" if others[1:] else last
    return f"{record} at `{before}` can move to {allowed}, not to `{after}`."
