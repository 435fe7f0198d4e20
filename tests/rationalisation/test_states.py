"""Every step of the state machines, and every step that there is not."""

from itertools import product

import pytest

from catalogue.core.errors import Conflict
from catalogue.rationalisation.states import (
    DECISION_STEPS,
    OPEN_DECISIONS,
    OVERLAP_STEPS,
    require_decision_step,
    require_overlap_step,
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
def test_steps_of_an_overlap(before, after):
    judge(require_overlap_step, OVERLAP_ARROWS, before, after)


@pytest.mark.parametrize(("before", "after"), [*product(DecisionStatus, repeat=2)])
def test_steps_of_a_decision(before, after):
    judge(require_decision_step, DECISION_ARROWS, before, after)


def test_the_tables_are_complete():
    assert set(OVERLAP_STEPS) == set(OverlapStatus)
    assert set(DECISION_STEPS) == set(DecisionStatus)
    ends = {status for status, after in DECISION_STEPS.items() if not after}
    assert not ends & OPEN_DECISIONS
