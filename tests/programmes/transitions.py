"""Allowed transitions of stages and statuses, written independently of the product."""

from itertools import pairwise

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
MIGRATION_TRANSITIONS = (
    set(pairwise(FORWARD))
    | {(stage, "on_hold") for stage in [*BEFORE_CUTOVER, "rolled_back"]}
    | {(stage, "cancelled") for stage in [*BEFORE_CUTOVER, "rolled_back", "on_hold"]}
    | {("on_hold", stage) for stage in BEFORE_CUTOVER}
    | {("cutover", "rolled_back"), ("early_life_support", "rolled_back")}
    | {("rolled_back", "planned"), ("ready", "planned")}
)
PROGRAMME_TRANSITIONS = {
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
GATES = {
    "ready": ["dpia_approved", "notices_planned"],
    "cutover": ["data_migrated", "users_trained", "fallback_tested", "go_no_go_signed"],
    "early_life_support": ["data_reconciled", "interfaces_repointed"],
    "complete": ["support_handed_over"],
}
NEED_REASON = {"on_hold", "cancelled", "rolled_back"}
