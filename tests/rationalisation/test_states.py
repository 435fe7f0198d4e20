"""Every transition of the state machines, whether allowed or refused."""

from functools import partial
from itertools import product

import pytest

from catalogue.core.errors import Conflict
from catalogue.core.transitions import require_transition
from catalogue.rationalisation.states import (
    DECISION_STEPS,
    OPEN_DECISIONS,
    OVERLAP_STEPS,
)
from catalogue.rationalisation.vocabulary import DecisionStatus, OverlapStatus

OVERLAP_ARROWS = {
    ("candidate", "confirmed"),
    ("candidate", "rejected"),
    ("rejected", "confirmed"),
    ("confirmed", "decided"),
}
DECISION_ARROWS = {
    ("draft", "proposed"),
    ("draft", "withdrawn"),
    ("proposed", "agreed"),
    ("proposed", "refused"),
    ("proposed", "withdrawn"),
    ("agreed", "superseded"),
}


def judge(require, arrows, before, after):
    if (before, after) in arrows:
        require(before, after)
        return
    with pytest.raises(Conflict) as refused:
        require(before, after)
    assert refused.value.errors[0].pointer == "/status"


@pytest.mark.parametrize(("before", "after"), [*product(OverlapStatus, repeat=2)])
def test_an_overlap_status_allows_only_the_listed_transitions(before, after):
    judge(partial(require_transition, "overlap", OVERLAP_STEPS), OVERLAP_ARROWS, before, after)


@pytest.mark.parametrize(("before", "after"), [*product(DecisionStatus, repeat=2)])
def test_a_decision_status_allows_only_the_listed_transitions(before, after):
    judge(partial(require_transition, "decision", DECISION_STEPS), DECISION_ARROWS, before, after)


def test_every_status_has_its_transitions_and_no_final_decision_is_open():
    assert set(OVERLAP_STEPS) == set(OverlapStatus)
    assert set(DECISION_STEPS) == set(DecisionStatus)
    ends = {status for status, after in DECISION_STEPS.items() if not after}
    assert not ends & OPEN_DECISIONS
