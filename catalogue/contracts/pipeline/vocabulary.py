"""The enumerations of pipeline entries, and the transitions between their statuses."""

from catalogue.core.vocabulary import Vocabulary


class PipelineKind(Vocabulary):
    """The announcement that a pipeline entry makes."""

    CONTRACT_ENDING = "contract_ending", "A contract ends."
    PLANNED_PROCUREMENT = "planned_procurement", "The agency plans to procure something."


class PipelineStatus(Vocabulary):
    """The status of a pipeline entry."""

    DRAFT = "draft", "Not published yet. Only its agency sees it."
    PUBLISHED = "published", "Everybody can see it."
    WITHDRAWN = "withdrawn", "No longer published. Only its agency sees it."


class ProcurementCategory(Vocabulary):
    """The main procurement category, from the Open Contracting Data Standard."""

    GOODS = "goods", "Mainly goods, such as hardware."
    WORKS = "works", "Mainly construction works."
    SERVICES = "services", "Mainly services, such as software support."


STEPS: dict[PipelineStatus, frozenset[PipelineStatus]] = {
    PipelineStatus.DRAFT: frozenset({PipelineStatus.PUBLISHED}),
    PipelineStatus.PUBLISHED: frozenset({PipelineStatus.WITHDRAWN}),
    PipelineStatus.WITHDRAWN: frozenset({PipelineStatus.PUBLISHED}),
}
