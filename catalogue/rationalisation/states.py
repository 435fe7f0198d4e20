"""The state machines of overlaps and decisions: which state may follow which."""

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
