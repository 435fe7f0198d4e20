"""The state machines of overlaps and decisions: which state may follow which."""

from catalogue.core.errors import Conflict, FieldError
from catalogue.rationalisation.vocabulary import DecisionStatus, OverlapStatus

_O, _D = OverlapStatus, DecisionStatus

OVERLAP_STEPS: dict[OverlapStatus, frozenset[OverlapStatus]] = {
    _O.CANDIDATE: frozenset({_O.CONFIRMED, _O.REJECTED}),
    _O.CONFIRMED: frozenset({_O.DECIDED}),
    _O.REJECTED: frozenset({_O.CONFIRMED}),
    _O.DECIDED: frozenset(),
}
"""A rejected overlap counts as a candidate again once a member has changed or come anew; and who
finds that it was rejected in error confirms it."""

DECISION_STEPS: dict[DecisionStatus, frozenset[DecisionStatus]] = {
    _D.DRAFT: frozenset({_D.PROPOSED, _D.WITHDRAWN}),
    _D.PROPOSED: frozenset({_D.AGREED, _D.REFUSED, _D.WITHDRAWN}),
    _D.AGREED: frozenset({_D.SUPERSEDED}),
    _D.REFUSED: frozenset(),
    _D.WITHDRAWN: frozenset(),
    _D.SUPERSEDED: frozenset(),
}
"""A draft may be withdrawn too: while it is open, its systems are in no other decision."""

OPEN_DECISIONS = frozenset({_D.DRAFT, _D.PROPOSED})
"""The states in which a decision holds its systems."""


def require_overlap_step(before: OverlapStatus, after: OverlapStatus) -> None:
    """Conflict, if one state of an overlap may not follow the other."""
    if after not in OVERLAP_STEPS[before]:
        raise _refused("overlap", before, after)


def require_decision_step(before: DecisionStatus, after: DecisionStatus) -> None:
    """Conflict, if one state of a decision may not follow the other."""
    if after not in DECISION_STEPS[before]:
        raise _refused("decision", before, after)


def _refused(what: str, before: str, after: str) -> Conflict:
    detail = f"The {what} is {before}; it cannot become {after}."
    return Conflict(detail, errors=[FieldError("/status", "transition", detail)])
