"""Every step of the state machines, and every step that there is not."""

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.core.errors import Conflict
from catalogue.programmes.stages import (
    MIGRATION_STEPS,
    PROGRAMME_STEPS,
    require_migration_step,
    require_programme_step,
)
from catalogue.programmes.vocabulary import MigrationStage, ProgrammeStatus

FORWARD = [
    "identified",
    "assessed",
    "planned",
    "ready",
    "in_progress",
    "cutover",
    "early_life_support",
    "complete",
]
BEFORE_CUTOVER = FORWARD[:5]
MIGRATION_ARROWS = (
    set(pairwise(FORWARD))
    | {(stage, "on_hold") for stage in [*BEFORE_CUTOVER, "rolled_back"]}
    | {(stage, "cancelled") for stage in [*BEFORE_CUTOVER, "rolled_back", "on_hold"]}
    | {("on_hold", stage) for stage in BEFORE_CUTOVER}
    | {("cutover", "rolled_back"), ("early_life_support", "rolled_back")}
    | {("rolled_back", "planned"), ("ready", "planned")}
)
PROGRAMME_ARROWS = {
    ("planned", "active"),
    ("planned", "on_hold"),
    ("planned", "cancelled"),
    ("active", "on_hold"),
    ("active", "closed"),
    ("active", "cancelled"),
    ("on_hold", "planned"),
    ("on_hold", "active"),
    ("on_hold", "cancelled"),
}


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
