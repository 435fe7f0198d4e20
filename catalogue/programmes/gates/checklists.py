"""Checklists of the gates that a migration must pass before certain stages."""

from catalogue.programmes.vocabulary import CheckItem, Gate, MigrationStage

_I = CheckItem

CHECKLISTS: dict[Gate, tuple[CheckItem, ...]] = {
    Gate.READY: (_I.DPIA_APPROVED, _I.NOTICES_PLANNED),
    Gate.CUTOVER: (_I.DATA_MIGRATED, _I.USERS_TRAINED, _I.FALLBACK_TESTED, _I.GO_NO_GO_SIGNED),
    Gate.EARLY_LIFE_SUPPORT: (_I.DATA_RECONCILED, _I.INTERFACES_REPOINTED),
    Gate.COMPLETE: (_I.SUPPORT_HANDED_OVER,),
}
"""The items of each gate, with the gates in the order in which a migration passes them."""

GATE_OF: dict[MigrationStage, Gate] = {MigrationStage(gate): gate for gate in Gate}
"""The gate before each stage that has one."""


def in_words(name: str) -> str:
    """Write a stage, gate or item as words for a sentence."""
    return name.replace("dpia", "DPIA").replace("go_no_go", "go/no-go").replace("_", " ")
