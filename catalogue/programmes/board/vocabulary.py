"""The enumerations of what a board looks after, and which state may follow which."""

from enum import StrEnum

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

RISK_STEPS: dict[RiskStatus, frozenset[RiskStatus]] = {
    _R.OPEN: frozenset({_R.ACCEPTED, _R.MATERIALISED, _R.CLOSED}),
    _R.ACCEPTED: frozenset({_R.OPEN, _R.MATERIALISED, _R.CLOSED}),
    # What has happened is no risk any more: it is dealt with, and then it is closed.
    _R.MATERIALISED: frozenset({_R.CLOSED}),
    _R.CLOSED: frozenset({_R.OPEN}),
}
"""Each status of a risk and those that may follow it."""

REQUIRED_DECISION_STEPS: dict[RequiredDecisionStatus, frozenset[RequiredDecisionStatus]] = {
    _D.OPEN: frozenset({_D.DECIDED, _D.WITHDRAWN}),
    # A board that thinks again is asked again.
    _D.DECIDED: frozenset(),
    _D.WITHDRAWN: frozenset({_D.OPEN}),
}
"""Each status of a question to the board and those that may follow it."""
