"""The enumerations of the supplier pipeline, and which state of an entry may follow which."""

from enum import StrEnum


class PipelineKind(StrEnum):
    """What an entry announces: that a contract ends, or that something will be procured."""

    CONTRACT_ENDING = "contract_ending"
    PLANNED_PROCUREMENT = "planned_procurement"


class PipelineStatus(StrEnum):
    """Where an entry stands: only its agency sees drafts, and what was withdrawn."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ProcurementCategory(StrEnum):
    """What is bought, in the words of OCDS."""

    GOODS = "goods"
    WORKS = "works"
    SERVICES = "services"


STEPS: dict[PipelineStatus, frozenset[PipelineStatus]] = {
    PipelineStatus.DRAFT: frozenset({PipelineStatus.PUBLISHED}),
    PipelineStatus.PUBLISHED: frozenset({PipelineStatus.WITHDRAWN}),
    PipelineStatus.WITHDRAWN: frozenset({PipelineStatus.PUBLISHED}),
}
