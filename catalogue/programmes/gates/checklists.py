"""What is asked for before a migration enters a stage."""

from catalogue.programmes.vocabulary import CheckItem, Gate, MigrationStage

_I = CheckItem

CHECKLISTS: dict[Gate, tuple[CheckItem, ...]] = {
    Gate.READY: (_I.DPIA_APPROVED, _I.NOTICES_PLANNED),
    Gate.CUTOVER: (_I.DATA_MIGRATED, _I.USERS_TRAINED, _I.FALLBACK_TESTED, _I.GO_NO_GO_SIGNED),
    Gate.EARLY_LIFE_SUPPORT: (_I.DATA_RECONCILED, _I.INTERFACES_REPOINTED),
    Gate.COMPLETE: (_I.SUPPORT_HANDED_OVER,),
}
"""Each gate, in the order in which they are passed, and its checklist."""

GATE_OF: dict[MigrationStage, Gate] = {MigrationStage(gate): gate for gate in Gate}
"""The gates by the stages that they lead to."""


def said(name: str) -> str:
    """A stage, gate or item in the words of a sentence."""
    return name.replace("dpia", "DPIA").replace("go_no_go", "go/no-go").replace("_", " ")
