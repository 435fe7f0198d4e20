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


class MigrationKind(StrEnum):
    """Whether a system moves to a shared one, or an agency leaves a shared one for its own."""

    CONSOLIDATION = "consolidation"
    SEPARATION = "separation"


class Gate(StrEnum):
    """The stages that are entered through a gate."""

    READY = "ready"
    CUTOVER = "cutover"
    EARLY_LIFE_SUPPORT = "early_life_support"
    COMPLETE = "complete"


class CheckItem(StrEnum):
    """What has to be so before a migration enters a stage."""

    DPIA_APPROVED = "dpia_approved"
    NOTICES_PLANNED = "notices_planned"
    DATA_MIGRATED = "data_migrated"
    USERS_TRAINED = "users_trained"
    FALLBACK_TESTED = "fallback_tested"
    GO_NO_GO_SIGNED = "go_no_go_signed"
    DATA_RECONCILED = "data_reconciled"
    INTERFACES_REPOINTED = "interfaces_repointed"
    SUPPORT_HANDED_OVER = "support_handed_over"


class CheckState(StrEnum):
    """What is said of an item: that it is so, or that it does not arise."""

    DONE = "done"
    NOT_APPLICABLE = "not_applicable"


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
    UPDATE_OVERDUE = "silent"
    LATE = "late"
    COMPLETE = "complete"
    CANCELLED = "cancelled"


class SkipReason(StrEnum):
    """Why a member of a decision was not taken into a programme."""

    STAYS = "stays"
    ALREADY_IN_PROGRAMME = "already_in_programme"
