"""State machines of programmes and migrations: the states that can follow each state."""

from catalogue.core.errors import conflict
from catalogue.core.transitions import explain_refusal
from catalogue.programmes.gates.checklists import CHECKLISTS, GATE_OF, in_words
from catalogue.programmes.vocabulary import MigrationStage, ProgrammeStatus

_M, _P = MigrationStage, ProgrammeStatus

_HALTS = frozenset({_M.ON_HOLD, _M.CANCELLED})

_BEFORE_CUTOVER = (_M.IDENTIFIED, _M.ASSESSED, _M.PLANNED, _M.READY, _M.IN_PROGRESS)
"""Stages before the cutover, in order. Work on hold can resume at each of them."""

MIGRATION_STEPS: dict[MigrationStage, frozenset[MigrationStage]] = {
    _M.IDENTIFIED: frozenset({_M.ASSESSED}) | _HALTS,
    _M.ASSESSED: frozenset({_M.PLANNED}) | _HALTS,
    _M.PLANNED: frozenset({_M.READY}) | _HALTS,
    # A migration that turns out not to be ready is planned again.
    _M.READY: frozenset({_M.IN_PROGRESS, _M.PLANNED}) | _HALTS,
    _M.IN_PROGRESS: frozenset({_M.CUTOVER}) | _HALTS,
    # A cutover cannot be paused between two systems: it continues, or is rolled back.
    _M.CUTOVER: frozenset({_M.EARLY_LIFE_SUPPORT, _M.ROLLED_BACK}),
    _M.EARLY_LIFE_SUPPORT: frozenset({_M.COMPLETE, _M.ROLLED_BACK}),
    _M.COMPLETE: frozenset(),
    _M.ROLLED_BACK: frozenset({_M.PLANNED}) | _HALTS,
    # Halted work resumes at its last stage or an earlier one: see `list_next_stages`.
    _M.ON_HOLD: frozenset(_BEFORE_CUTOVER) | {_M.CANCELLED},
    _M.CANCELLED: frozenset(),
}
"""The stages that can follow each stage of a migration."""

PROGRAMME_STEPS: dict[ProgrammeStatus, frozenset[ProgrammeStatus]] = {
    _P.PLANNED: frozenset({_P.ACTIVE, _P.ON_HOLD, _P.CANCELLED}),
    _P.ACTIVE: frozenset({_P.ON_HOLD, _P.CLOSED, _P.CANCELLED}),
    _P.ON_HOLD: frozenset({_P.PLANNED, _P.ACTIVE, _P.CANCELLED}),
    _P.CLOSED: frozenset(),
    _P.CANCELLED: frozenset(),
}

MOVED = frozenset({_M.EARLY_LIFE_SUPPORT, _M.COMPLETE})
"""Stages in which users work on the new system, so that there is an actual date."""

BASELINED = frozenset(
    {
        _M.PLANNED,
        _M.READY,
        _M.IN_PROGRESS,
        _M.CUTOVER,
        _M.EARLY_LIFE_SUPPORT,
        _M.COMPLETE,
        _M.ROLLED_BACK,
    }
)
"""Stages in which the planned date is an agreed baseline."""

NEED_REASON = _HALTS | {_M.ROLLED_BACK}
"""Stages that a migration can enter only with a reason."""


def list_next_stages(
    before: MigrationStage, halted_at: MigrationStage | None
) -> list[MigrationStage]:
    """List the stages that can follow the stage `before`, in order.

    `halted_at` is the stage at which work on hold stopped, if known. Work cannot resume beyond it,
    so that a pause does not avoid a gate.
    """
    follow = MIGRATION_STEPS[before]
    if before is _M.ON_HOLD and halted_at is not None:
        # After a roll-back, the migration must be planned again.
        last = _M.PLANNED if halted_at is _M.ROLLED_BACK else halted_at
        if last in _BEFORE_CUTOVER:
            beyond = _BEFORE_CUTOVER[_BEFORE_CUTOVER.index(last) + 1 :]
            follow = follow.difference(beyond)
    return [stage for stage in MigrationStage if stage in follow]


def require_migration_step(
    before: MigrationStage, after: MigrationStage, *, halted_at: MigrationStage | None = None
) -> None:
    """Raise Conflict if the stage `after` cannot follow `before`.

    The message names the stages that can follow, and the checklists of their gates.
    """
    follow = list_next_stages(before, halted_at)
    if after in follow:
        return
    detail = explain_refusal("migration", before, follow, after)
    for gate in (GATE_OF[stage] for stage in GATE_OF if stage in {*follow, after}):
        items = ", ".join(map(in_words, CHECKLISTS[gate]))
        detail += f" The {in_words(gate)} gate needs: {items}."
    raise conflict("/stage", "transition", detail)
