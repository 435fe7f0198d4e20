"""State machines: the states of a record that can follow each state."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from catalogue.core.errors import conflict

State = TypeVar("State", bound=StrEnum)


def require_transition(
    steps: Mapping[State, frozenset[State]], before: State, after: State
) -> None:
    """Conflict if a status cannot follow another. The error names those that can."""
    if after not in steps[before]:
        raise conflict(
            "/status", "transition", explain_refusal(before, sorted(steps[before]), after)
        )


def explain_refusal(before: str, follow: Iterable[str], after: str) -> str:
    """Explain why a status cannot follow another."""
    allowed = ", ".join(f"`{state}`" for state in follow)
    if not allowed:
        return f"`{before}` is final, and cannot change to `{after}`."
    return f"`{before}` can change to {allowed}, but not to `{after}`."
