"""State machines of overlaps and decisions: the states that can follow each state."""

from catalogue.rationalisation.vocabulary import DecisionStatus, OverlapStatus

_O, _D = OverlapStatus, DecisionStatus

OVERLAP_STEPS: dict[OverlapStatus, frozenset[OverlapStatus]] = {
    _O.CANDIDATE: frozenset({_O.CONFIRMED, _O.REJECTED}),
    _O.CONFIRMED: frozenset({_O.DECIDED}),
    _O.REJECTED: frozenset({_O.CONFIRMED}),
    _O.DECIDED: frozenset(),
}
"""An overlap that was rejected in error can be confirmed. A rejected overlap also counts as a
candidate again once a member joins or changes, which the read model works out."""

DECISION_STEPS: dict[DecisionStatus, frozenset[DecisionStatus]] = {
    _D.DRAFT: frozenset({_D.PROPOSED, _D.WITHDRAWN}),
    _D.PROPOSED: frozenset({_D.AGREED, _D.REFUSED, _D.WITHDRAWN}),
    _D.AGREED: frozenset({_D.SUPERSEDED}),
    _D.REFUSED: frozenset(),
    _D.WITHDRAWN: frozenset(),
    _D.SUPERSEDED: frozenset(),
}
"""A draft can be withdrawn, because while it is open no other decision can take its systems."""

OPEN_DECISIONS = frozenset({_D.DRAFT, _D.PROPOSED})
"""The states in which a decision keeps its systems out of other decisions."""
