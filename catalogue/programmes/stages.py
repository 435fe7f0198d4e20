"""The state machines of programmes and migrations: which state may follow which."""

from catalogue.core.errors import Conflict, FieldError
from catalogue.programmes.vocabulary import MigrationStage, ProgrammeStatus

_M, _P = MigrationStage, ProgrammeStatus

_HALTS = frozenset({_M.ON_HOLD, _M.CANCELLED})

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
    # Work that was halted is taken up where it stood, or further back.
    _M.ON_HOLD: frozenset(
        {_M.IDENTIFIED, _M.ASSESSED, _M.PLANNED, _M.READY, _M.IN_PROGRESS, _M.CANCELLED}
    ),
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


def require_migration_step(before: MigrationStage, after: MigrationStage) -> None:
    """Conflict, if one stage may not follow the other."""
    if after not in MIGRATION_STEPS[before]:
        follow = ", ".join(sorted(MIGRATION_STEPS[before])) or "nothing"
        detail = f"{before} may be followed by {follow}, not by {after}."
        raise Conflict(detail, errors=[FieldError("/stage", "transition", detail)])


def require_programme_step(before: ProgrammeStatus, after: ProgrammeStatus) -> None:
    """Conflict, if one status may not follow the other."""
    if after not in PROGRAMME_STEPS[before]:
        follow = ", ".join(sorted(PROGRAMME_STEPS[before])) or "nothing"
        detail = f"{before} may be followed by {follow}, not by {after}."
        raise Conflict(detail, errors=[FieldError("/status", "transition", detail)])
