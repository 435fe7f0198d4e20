"""The state machines of programmes and migrations: which state may follow which."""

from catalogue.core.errors import conflict
from catalogue.core.transitions import explain_refusal
from catalogue.programmes.gates.checklists import CHECKLISTS, GATE_OF
from catalogue.programmes.vocabulary import MigrationStage, ProgrammeStatus

_M, _P = MigrationStage, ProgrammeStatus

_HALTS = frozenset({_M.ON_HOLD, _M.CANCELLED})

_BEFORE_CUTOVER = (_M.IDENTIFIED, _M.ASSESSED, _M.PLANNED, _M.READY, _M.IN_PROGRESS)
"""Stages at which work can be halted, in their order."""

MIGRATION_STEPS: dict[MigrationStage, frozenset[MigrationStage]] = {
    _M.IDENTIFIED: frozenset({_M.ASSESSED}) | _HALTS,
    _M.ASSESSED: frozenset({_M.PLANNED}) | _HALTS,
    _M.PLANNED: frozenset({_M.READY}) | _HALTS,
    # What turns out not to be ready is planned again.
    _M.READY: frozenset({_M.IN_PROGRESS, _M.PLANNED}) | _HALTS,
    _M.IN_PROGRESS: frozenset({_M.CUTOVER}) | _HALTS,
    # Between two systems there is no resting: it goes on, or back.
    _M.CUTOVER: frozenset({_M.EARLY_LIFE_SUPPORT, _M.ROLLED_BACK}),
    _M.EARLY_LIFE_SUPPORT: frozenset({_M.COMPLETE, _M.ROLLED_BACK}),
    _M.COMPLETE: frozenset(),
    _M.ROLLED_BACK: frozenset({_M.PLANNED}) | _HALTS,
    # Work that was halted is taken up where it stood, or further back: see `list_next_stages`.
    _M.ON_HOLD: frozenset(_BEFORE_CUTOVER) | {_M.CANCELLED},
    _M.CANCELLED: frozenset(),
}
"""Each stage and those that may follow it."""

PROGRAMME_STEPS: dict[ProgrammeStatus, frozenset[ProgrammeStatus]] = {
    _P.PLANNED: frozenset({_P.ACTIVE, _P.ON_HOLD, _P.CANCELLED}),
    _P.ACTIVE: frozenset({_P.ON_HOLD, _P.CLOSED, _P.CANCELLED}),
    _P.ON_HOLD: frozenset({_P.PLANNED, _P.ACTIVE, _P.CANCELLED}),
    _P.CLOSED: frozenset(),
    _P.CANCELLED: frozenset(),
}

MOVED = frozenset({_M.EARLY_LIFE_SUPPORT, _M.COMPLETE})
"""Stages in which the users work on the new system: there is a day on which they went over."""

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
"""Stages in which the planned day is one that was agreed."""

NEED_REASON = _HALTS | {_M.ROLLED_BACK}
"""Stages that nobody enters without saying why."""


def list_next_stages(
    before: MigrationStage, halted_at: MigrationStage | None
) -> list[MigrationStage]:
    """The stages that may follow, in their order. `halted_at` is where work on hold stood, if that
    is known: it does not get past a gate by a rest.
    """
    follow = MIGRATION_STEPS[before]
    if before is _M.ON_HOLD and halted_at is not None:
        # After a roll-back, it is to be planned again.
        last = _M.PLANNED if halted_at is _M.ROLLED_BACK else halted_at
        if last in _BEFORE_CUTOVER:
            beyond = _BEFORE_CUTOVER[_BEFORE_CUTOVER.index(last) + 1 :]
            follow = follow.difference(beyond)
    return [stage for stage in MigrationStage if stage in follow]


def require_migration_step(
    before: MigrationStage, after: MigrationStage, *, halted_at: MigrationStage | None = None
) -> None:
    """Conflict, if one stage may not follow the other. It says which may, and what their gates ask
    for.
    """
    follow = list_next_stages(before, halted_at)
    if after in follow:
        return
    detail = explain_refusal(before, follow, after)
    for gate in (GATE_OF[stage] for stage in GATE_OF if stage in {*follow, after}):
        detail += f" The gate of {gate} asks for {', '.join(CHECKLISTS[gate])}."
    raise conflict("/stage", "transition", detail)
