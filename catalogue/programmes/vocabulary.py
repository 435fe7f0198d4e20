"""The enumerations that describe programmes and migrations."""

from enum import StrEnum


class ProgrammeStatus(StrEnum):
    """How far a programme is."""

    PLANNED = "planned"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class MigrationStage(StrEnum):
    """How far the move of a system is."""

    IDENTIFIED = "identified"
    ASSESSED = "assessed"
    PLANNED = "planned"
    READY = "ready"
    IN_PROGRESS = "in_progress"
    CUTOVER = "cutover"
    EARLY_LIFE_SUPPORT = "early_life_support"
    COMPLETE = "complete"
    ROLLED_BACK = "rolled_back"
    ON_HOLD = "on_hold"
    CANCELLED = "cancelled"


class CutoverStyle(StrEnum):
    """How users go over to the new system."""

    PHASED = "phased"
    BIG_BANG = "big_bang"
    PARALLEL_RUN = "parallel_run"
    PILOT_THEN_ROLL_OUT = "pilot_then_roll_out"


class Rag(StrEnum):
    """Delivery confidence: red, amber or green."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class Lateness(StrEnum):
    """Whether a migration keeps its dates. Derived; the first that holds, from the end."""

    ON_TIME = "on_time"
    SILENT = "silent"
    LATE = "late"
    COMPLETE = "complete"
    CANCELLED = "cancelled"
