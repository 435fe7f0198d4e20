"""The enumerations of what a board looks after, and which state may follow which."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from catalogue.core.errors import Conflict, FieldError

RED_SCORE = 15
"""From this score on, of 25, a risk is red."""


class RiskStatus(StrEnum):
    """What is made of a risk."""

    OPEN = "open"
    ACCEPTED = "accepted"
    MATERIALISED = "materialised"
    CLOSED = "closed"


class RequiredDecisionStatus(StrEnum):
    """Whether the board has decided."""

    OPEN = "open"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


_R, _D = RiskStatus, RequiredDecisionStatus

RISK_STEPS: Mapping[Any, frozenset[Any]] = {
    _R.OPEN: frozenset({_R.ACCEPTED, _R.MATERIALISED, _R.CLOSED}),
    _R.ACCEPTED: frozenset({_R.OPEN, _R.MATERIALISED, _R.CLOSED}),
    # What has happened is no risk any more: it is dealt with, and then it is closed.
    _R.MATERIALISED: frozenset({_R.CLOSED}),
    _R.CLOSED: frozenset({_R.OPEN}),
}
"""Each status of a risk and those that may follow it."""

REQUIRED_DECISION_STEPS: Mapping[Any, frozenset[Any]] = {
    _D.OPEN: frozenset({_D.DECIDED, _D.WITHDRAWN}),
    # A board that thinks again is asked again.
    _D.DECIDED: frozenset(),
    _D.WITHDRAWN: frozenset({_D.OPEN}),
}
"""Each status of a question to the board and those that may follow it."""


def require_step(steps: Mapping[Any, frozenset[Any]], before: StrEnum, after: StrEnum) -> None:
    """Conflict, if one status may not follow the other."""
    if after is not before and after not in steps[before]:
        follow = ", ".join(sorted(steps[before])) or "nothing"
        detail = f"{before} may be followed by {follow}, not by {after}."
        raise Conflict(detail, errors=[FieldError("/status", "transition", detail)])
