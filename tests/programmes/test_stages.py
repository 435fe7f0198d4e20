"""Every step of the state machines, and every step that there is not."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.core.errors import Conflict
from catalogue.programmes.stages import (
    MIGRATION_STEPS,
    PROGRAMME_STEPS,
    may_follow,
    require_migration_step,
    require_programme_step,
)
from catalogue.programmes.vocabulary import MigrationStage, ProgrammeStatus
from tests.programmes.arrows import BEFORE_CUTOVER, MIGRATION_ARROWS, PROGRAMME_ARROWS


def judge(require, arrows, before, after, pointer):
    if (before, after) in arrows:
        require(before, after)
        return
    with pytest.raises(Conflict) as refused:
        require(before, after)
    assert refused.value.errors[0].pointer == pointer


@pytest.mark.parametrize(("before", "after"), [*product(MigrationStage, repeat=2)])
def test_steps_of_a_migration(before, after):
    judge(require_migration_step, MIGRATION_ARROWS, before, after, "/stage")


@pytest.mark.parametrize(("before", "after"), [*product(ProgrammeStatus, repeat=2)])
def test_steps_of_a_programme(before, after):
    judge(require_programme_step, PROGRAMME_ARROWS, before, after, "/status")


@pytest.mark.parametrize("halted_at", BEFORE_CUTOVER)
def test_a_rest_leads_past_no_gate(halted_at):
    """What was on hold goes on where it stood, or further back."""
    upto = BEFORE_CUTOVER[: BEFORE_CUTOVER.index(halted_at) + 1]
    follow = may_follow(MigrationStage.ON_HOLD, MigrationStage(halted_at))
    assert follow == [*upto, "cancelled"]
    for stage in set(BEFORE_CUTOVER) - set(upto):
        with pytest.raises(Conflict, match=f"not by {stage}"):
            require_migration_step(
                MigrationStage.ON_HOLD,
                MigrationStage(stage),
                halted_at=MigrationStage(halted_at),
            )


def test_what_was_rolled_back_and_put_on_hold_is_planned_again():
    follow = may_follow(MigrationStage.ON_HOLD, MigrationStage.ROLLED_BACK)
    assert follow == ["identified", "assessed", "planned", "cancelled"]


def test_the_tables_are_complete():
    assert set(MIGRATION_STEPS) == set(MigrationStage)
    assert set(PROGRAMME_STEPS) == set(ProgrammeStatus)


@given(st.lists(st.integers(0, 10), max_size=40))
def test_no_way_leads_out_of_the_end_or_round_the_cutover(choices):
    """Whatever is done, what is complete has been cut over, and stays complete."""
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
