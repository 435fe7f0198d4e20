"""The enumerations of highlight reports, and the parts that the lead agency writes."""

from collections.abc import Mapping

from catalogue.core.actor import Scope
from catalogue.core.vocabulary import Vocabulary


class ReportStatus(Vocabulary):
    """The state of a highlight report."""

    DRAFT = "draft", "Only the lead agency can see the report, and it can still change."
    APPROVED = "approved", "The report is frozen, and its audience can read it."


class BoardAction(Vocabulary):
    """The action that a report requests from the board."""

    INFORMATION = "information", "The board notes the report."
    DECISION = "decision", "The board makes the decisions that the report lists."
    DIRECTION = "direction", "The board gives the lead agency direction."


class DocumentForm(Vocabulary):
    """The form of a report's document."""

    JSON = "json", "A JSON document for programs."
    HTML = "html", "An accessible web page."
    PDF = "pdf", "An accessible PDF (PDF/UA-1)."


NARRATIVE: Mapping[str, str] = {
    "purpose": "The purpose of the report, and the action for the board.",
    "achievability": "How confident the lead agency is that the programme will deliver, and why.",
    "schedule": "Progress, and changes to the agreed dates.",
    "costs": "Costs and benefits in words.",
    "resources_and_vacancies": "The people on the programme, its vacancies and their effects.",
    "risks_and_issues": "Overall exposure to risk, and how it changed.",
    "tolerances_and_changes": "Tolerances that are at risk, and change requests.",
    "this_period": "Work completed in this period.",
    "next_period": "Work planned for the next period.",
    "lessons": "Lessons learned.",
}
"""The parts that the lead agency writes, each with its description."""

MONEY_SCOPES = (Scope.COSTS_READ, Scope.SAVINGS_READ)
"""The scopes that decide which amounts a draft holds, and so who can read its documents."""
