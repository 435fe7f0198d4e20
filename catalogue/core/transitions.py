"""State machines: which state of a record may follow which."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from catalogue.core.errors import conflict

State = TypeVar("State", bound=StrEnum)


def require_transition(
    steps: Mapping[State, frozenset[State]], before: State, after: State
) -> None:
    """Conflict, if one status may not follow the other. It says which may."""
    if after not in steps[before]:
        raise conflict(
            "/status", "transition", explain_refusal(before, sorted(steps[before]), after)
        )


def explain_refusal(before: str, follow: Iterable[str], after: str) -> str:
    """Why a step is refused."""
    return f"{before} may be followed by {', '.join(follow) or 'nothing'}, not by {after}."
