"""Enumerations of board records, and the transitions between their states."""

from catalogue.core.vocabulary import Vocabulary

RED_SCORE = 15
"""The lowest score at which a risk is red. The highest possible score is 25."""


class RiskStatus(Vocabulary):
    """The state of a risk, which determines whether it still needs attention."""

    OPEN = "open", "The risk exists and is being managed."
    ACCEPTED = "accepted", "The risk exists, and the programme accepts it."
    MATERIALISED = "materialised", "The risk has become a fact that the programme must deal with."
    CLOSED = "closed", "The risk no longer exists or has been dealt with."


class RequiredDecisionStatus(Vocabulary):
    """The state of a required decision: whether the board must still decide."""

    OPEN = "open", "The board has not decided yet."
    DECIDED = "decided", "The board has decided. This is final."
    WITHDRAWN = "withdrawn", "The board no longer needs to decide."


_R, _D = RiskStatus, RequiredDecisionStatus

RISK_STEPS: dict[RiskStatus, frozenset[RiskStatus]] = {
    _R.OPEN: frozenset({_R.ACCEPTED, _R.MATERIALISED, _R.CLOSED}),
    _R.ACCEPTED: frozenset({_R.OPEN, _R.MATERIALISED, _R.CLOSED}),
    # A risk that became a fact cannot be open or accepted again: it is dealt with and closed.
    _R.MATERIALISED: frozenset({_R.CLOSED}),
    _R.CLOSED: frozenset({_R.OPEN}),
}
"""The statuses that can follow each status of a risk."""

REQUIRED_DECISION_STEPS: dict[RequiredDecisionStatus, frozenset[RequiredDecisionStatus]] = {
    _D.OPEN: frozenset({_D.DECIDED, _D.WITHDRAWN}),
    # A board that reconsiders gets a new question, so that the first answer stays on record.
    _D.DECIDED: frozenset(),
    _D.WITHDRAWN: frozenset({_D.OPEN}),
}
"""The statuses that can follow each status of a required decision."""
