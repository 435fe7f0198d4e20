"""The enumerations that describe highlight reports, and the parts of their narrative."""

from collections.abc import Mapping
from enum import StrEnum

from catalogue.core.actor import Scope


class ReportStatus(StrEnum):
    """Whether a report may still change."""

    DRAFT = "draft"
    APPROVED = "approved"


class AskedFor(StrEnum):
    """What is asked of the board."""

    INFORMATION = "information"
    DECISION = "decision"
    DIRECTION = "direction"


class DocumentForm(StrEnum):
    """The forms in which a report is kept."""

    JSON = "json"
    HTML = "html"
    PDF = "pdf"


NARRATIVE: Mapping[str, str] = {
    "purpose": "What this report is for, and what the board is asked to do.",
    "achievability": "How confident the lead is that the programme delivers, and why.",
    "schedule": "Progress, and what moved against the agreed dates.",
    "costs": "Costs and benefits in words.",
    "resources_and_vacancies": "People: who is missing, and what follows from it.",
    "risks_and_issues": "Overall exposure, and what changed.",
    "tolerances_and_changes": "Tolerances that are at risk, and change requests.",
    "this_period": "What was done.",
    "next_period": "What comes next.",
    "lessons": "What was learned.",
}
"""The parts that the lead writes, and what belongs into each."""

MONEY_SCOPES = (Scope.COSTS_READ, Scope.SAVINGS_READ)
"""What a draft has of money depends on these, and so does who may read it."""
