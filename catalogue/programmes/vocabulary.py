"""Enumerations of programmes, migrations and their gates."""

from catalogue.core.vocabulary import Vocabulary


class ProgrammeStatus(Vocabulary):
    """The state of a programme, from planned to closed or cancelled."""

    PLANNED = "planned", "The programme has not started."
    ACTIVE = "active", "The programme is under way."
    ON_HOLD = "on_hold", "The programme is paused. It can be planned or active again."
    CLOSED = "closed", "The programme has ended after its work was done. This is final."
    CANCELLED = "cancelled", "The programme has been stopped. This is final."


class MigrationStage(Vocabulary):
    """The stage that a migration has reached."""

    IDENTIFIED = "identified", "The system is listed for migration, and nothing is assessed yet."
    ASSESSED = "assessed", "The migration has been assessed, but has no agreed date."
    PLANNED = "planned", "The planned date is agreed and is the migration's baseline."
    READY = "ready", "The ready gate is passed, and work can start."
    IN_PROGRESS = "in_progress", "The work is under way, and users still use the old system."
    CUTOVER = "cutover", "Users are being switched to the new system."
    EARLY_LIFE_SUPPORT = (
        "early_life_support",
        "Users work on the new system, with extra support after the cutover.",
    )
    COMPLETE = "complete", "Users work on the new system, and nothing is left to do."
    ROLLED_BACK = "rolled_back", "The cutover was reversed, and users are on the old system again."
    ON_HOLD = "on_hold", "The work is paused. It can resume at the stage where it stopped."
    CANCELLED = "cancelled", "The migration will not take place. This is final."


class MigrationKind(Vocabulary):
    """The kind of move: a whole system, or one agency out of a shared system."""

    CONSOLIDATION = "consolidation", "The whole system moves to another, usually shared, system."
    SEPARATION = (
        "separation",
        "One agency leaves a shared system, which other agencies can go on using.",
    )


class Gate(Vocabulary):
    """A stage that a migration can enter only through a gate."""

    READY = "ready", "The gate before work starts."
    CUTOVER = "cutover", "The gate before users are switched to the new system."
    EARLY_LIFE_SUPPORT = "early_life_support", "The gate after the cutover, before extra support."
    COMPLETE = "complete", "The gate before the migration is closed."


class CheckItem(Vocabulary):
    """An item on the checklist of a gate."""

    DPIA_APPROVED = (
        "dpia_approved",
        "The data protection impact assessment (DPIA) is approved. Item of the ready gate.",
    )
    NOTICES_PLANNED = (
        "notices_planned",
        "Notices to the people affected are planned. Item of the ready gate.",
    )
    DATA_MIGRATED = "data_migrated", "The data is in the new system. Item of the cutover gate."
    USERS_TRAINED = "users_trained", "The users are trained. Item of the cutover gate."
    FALLBACK_TESTED = (
        "fallback_tested",
        "The return to the old system has been tested. Item of the cutover gate.",
    )
    GO_NO_GO_SIGNED = (
        "go_no_go_signed",
        "The decision to go ahead is signed. Item of the cutover gate.",
    )
    DATA_RECONCILED = (
        "data_reconciled",
        "The data agrees in both systems. Item of the early life support gate.",
    )
    INTERFACES_REPOINTED = (
        "interfaces_repointed",
        "Interfaces connect to the new system. Item of the early life support gate.",
    )
    SUPPORT_HANDED_OVER = (
        "support_handed_over",
        "Support is with the permanent team. Item of the complete gate.",
    )


class CheckState(Vocabulary):
    """The result of checking a gate item."""

    DONE = "done", "The item is done. The check needs `evidence` or a `note`."
    NOT_APPLICABLE = (
        "not_applicable",
        "The item does not apply to this migration. The check needs a `note`.",
    )


class CutoverStyle(Vocabulary):
    """The way in which users switch to the new system."""

    PHASED = "phased", "Groups of users switch one after another."
    BIG_BANG = "big_bang", "All users switch at the same time."
    PARALLEL_RUN = "parallel_run", "Both systems are used side by side for a time."
    PILOT_THEN_ROLL_OUT = "pilot_then_roll_out", "A pilot group switches first, then the others."


class Rag(Vocabulary):
    """Delivery confidence: red, amber or green."""

    GREEN = "green", "Delivery as planned is likely."
    AMBER = "amber", "Delivery as planned is at risk. `path_to_green` is needed."
    RED = "red", "Delivery as planned is unlikely without action. `path_to_green` is needed."


class Lateness(Vocabulary):
    """The schedule status of a migration. If several values apply, the last of this list is shown."""

    ON_TIME = "on_time", "No date has passed without the migration or its update."
    UPDATE_OVERDUE = "update_overdue", "The date in `next_update_due` has passed."
    LATE = "late", "The planned or forecast date has passed, and the system has not moved."
    COMPLETE = "complete", "The stage is `complete`."
    CANCELLED = "cancelled", "The stage is `cancelled`."


class SkipReason(Vocabulary):
    """The reason why an adoption created no migration for a system of the decision."""

    STAYS = "stays", "The decision keeps the system."
    ALREADY_IN_PROGRAMME = (
        "already_in_programme",
        "The programme already has a migration of the system.",
    )
