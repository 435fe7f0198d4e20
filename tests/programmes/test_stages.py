"""Every transition of the state machines, allowed or not."""

from functools import partial
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.core.errors import Conflict
from catalogue.core.transitions import require_transition
from catalogue.programmes.stages import (
    MIGRATION_STEPS,
    PROGRAMME_STEPS,
    list_next_stages,
    require_migration_step,
)
from catalogue.programmes.vocabulary import MigrationStage, ProgrammeStatus
from tests.programmes.transitions import (
    BEFORE_CUTOVER,
    MIGRATION_TRANSITIONS,
    PROGRAMME_TRANSITIONS,
)


def check_transition(require, transitions, before, after, pointer):
    if (before, after) in transitions:
        require(before, after)
        return
    with pytest.raises(Conflict) as refused:
        require(before, after)
    assert refused.value.errors[0].pointer == pointer


@pytest.mark.parametrize(("before", "after"), [*product(MigrationStage, repeat=2)])
def test_a_migration_stage_allows_only_the_listed_transitions(before, after):
    check_transition(require_migration_step, MIGRATION_TRANSITIONS, before, after, "/stage")


@pytest.mark.parametrize(("before", "after"), [*product(ProgrammeStatus, repeat=2)])
def test_a_programme_status_allows_only_the_listed_transitions(before, after):
    check_transition(
        partial(require_transition, "programme", PROGRAMME_STEPS),
        PROGRAMME_TRANSITIONS,
        before,
        after,
        "/status",
    )


@pytest.mark.parametrize("halted_at", BEFORE_CUTOVER)
def test_a_migration_on_hold_resumes_no_further_than_where_it_stopped(halted_at):
    upto = BEFORE_CUTOVER[: BEFORE_CUTOVER.index(halted_at) + 1]
    follow = list_next_stages(MigrationStage.ON_HOLD, MigrationStage(halted_at))
    assert follow == [*upto, "cancelled"]
    for stage in set(BEFORE_CUTOVER) - set(upto):
        with pytest.raises(Conflict, match=f"not to `{stage}`"):
            require_migration_step(
                MigrationStage.ON_HOLD,
                MigrationStage(stage),
                halted_at=MigrationStage(halted_at),
            )


def test_a_rolled_back_migration_on_hold_resumes_by_planned_at_the_latest():
    follow = list_next_stages(MigrationStage.ON_HOLD, MigrationStage.ROLLED_BACK)
    assert follow == ["identified", "assessed", "planned", "cancelled"]


def test_every_stage_and_status_has_its_transitions():
    assert set(MIGRATION_STEPS) == set(MigrationStage)
    assert set(PROGRAMME_STEPS) == set(ProgrammeStatus)


@given(st.lists(st.integers(0, 10), max_size=40))
def test_a_complete_migration_has_been_cut_over_and_stays_complete(choices):
    stage, past = MigrationStage.IDENTIFIED, []
    for choice in choices:
        after = sorted(MIGRATION_STEPS[stage])
        if not after:
            break
        past.append(stage)
        stage = after[choice % len(after)]
    if stage is MigrationStage.COMPLETE:
        assert past[-2:] == [MigrationStage.CUTOVER, MigrationStage.EARLY_LIFE_SUPPORT]
        assert MIGRATION_STEPS[stage] == frozenset()
