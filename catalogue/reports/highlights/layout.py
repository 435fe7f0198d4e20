"""The layout of a report: its blocks in the order of a board's questions."""

from collections.abc import Iterator
from typing import Any

from catalogue.core.wording import NOTHING, counted, day, listed, sum_in_numbers
from catalogue.reports.highlights.blocks import (
    Block,
    Facts,
    Heading,
    Paragraph,
    Rating,
    Table,
)
from catalogue.reports.highlights.changes_section import changes_blocks
from catalogue.reports.highlights.costs_section import costs_blocks
from catalogue.reports.highlights.narrative import written
from catalogue.reports.highlights.schedule_section import schedule_blocks
from catalogue.reports.highlights.wording import label, rating

Document = dict[str, Any]

_BOARD_ACTIONS = {
    "information": "The board is asked to note this report.",
    "decision": "The board is asked to make the decisions below.",
    "direction": "The board is asked to give direction.",
}


def blocks_of(document: Document) -> list[Block]:
    """Return all blocks of a report, in order. The title is not a block."""
    return [
        *_front(document),
        *_attention(document["content"]),
        *_decisions(document),
        *changes_blocks(document["changes"], document["previous"]),
        *_achievability(document),
        *schedule_blocks(document),
        *costs_blocks(document),
        *_people(document),
        *_risks(document),
        *_next(document),
        *_end(document),
    ]


def _front(document: Document) -> Iterator[Block]:
    content = document["content"]
    period = f"{day(document['period_start'])} to {day(document['period_end'])}"
    readers = [content["programme"]["lead_agency"], *document["audience"]]
    audience = ", ".join(content["agencies"][code] for code in readers)
    yield Facts(
        [
            ("Programme", content["programme"]["title"]),
            ("Period", period),
            ("For", audience),
            ("Records as at", day(content["records_as_of"])),
            *(
                [
                    ("Approved by", document["approved_by"]),
                    ("Approved on", day(document["approved_at"])),
                ]
                if document["status"] == "approved"
                else [("Status", "Draft, not approved")]
            ),
        ]
    )
    yield Heading("Action for the board")
    yield Paragraph(_BOARD_ACTIONS[document["board_action"]])
    yield from written(document, "purpose")


def _attention(content: Document) -> Iterator[Block]:
    progress, attention = content["progress"], content["progress"]["attention"]
    total = progress["total"]
    confidence, risks = content["confidence"], content["risks"]
    overdue, at_risk = attention["update_overdue"], attention["at_risk"]
    needed = sum(decision["status"] == "open" for decision in content["decisions"])
    yield Heading("At a glance")
    yield Rating(
        "Delivery confidence",
        confidence["rag"],
        rating(confidence["rag"], confidence["previous_rag"]),
    )
    yield Table(
        "The programme in figures",
        ("Measure", "Number"),
        [
            ("Migrations, excluding cancelled ones", sum_in_numbers(total["migrations"])),
            ("Migrations whose users work on the new system", sum_in_numbers(total["moved"])),
            ("Late: an agreed or expected date has passed", sum_in_numbers(attention["late"])),
            ("Blocked by an issue that is not resolved", sum_in_numbers(attention["blocked"])),
            ("Update overdue: the due date of an update has passed", sum_in_numbers(overdue)),
            ("At risk of becoming late", sum_in_numbers(at_risk)),
            ("Risks that are not closed", f"{risks['open']:,} ({risks['red']:,} red)"),
            ("Decisions needed from the board", f"{needed:,}"),
        ],
        frozenset({1}),
    )


def _decisions(document: Document) -> Iterator[Block]:
    decisions = document["content"]["decisions"]
    yield Heading("Decisions")
    needed = [decision for decision in decisions if decision["status"] == "open"]
    decided = [decision for decision in decisions if decision["status"] == "decided"]
    if not needed:
        yield Paragraph("No decision is needed from the board.")
    else:
        yield Table(
            "Decisions needed from the board",
            ("Question", "Options", "Recommendation", "Needed by", "Owner"),
            [
                (
                    decision["question"],
                    decision["options"] or NOTHING,
                    decision["recommendation"] or NOTHING,
                    day(decision["needed_by"]),
                    decision["owner"] or NOTHING,
                )
                for decision in needed
            ],
        )
    if decided:
        yield Table(
            "Decided in this period",
            ("Question", "Outcome", "Decided on"),
            [(d["question"], d["outcome"], day(d["decided_on"])) for d in decided],
        )


def _achievability(document: Document) -> Iterator[Block]:
    confidence = document["content"]["confidence"]
    yield Heading("Achievability")
    yield from written(document, "achievability")
    if confidence["rag_narrative"]:
        yield Paragraph(confidence["rag_narrative"])
    if confidence["path_to_green"]:
        yield Paragraph(f"Path to green: {confidence['path_to_green']}")
    if not (document["narrative"]["achievability"] or confidence["rag_narrative"]):
        yield Paragraph(
            "The lead agency has not rated the programme."
            if confidence["rag"] is None
            else "The lead agency gave no reason for the rating."
        )


def _people(document: Document) -> Iterator[Block]:
    yield Heading("Resources and vacancies")
    if not document["narrative"]["resources_and_vacancies"]:
        yield Paragraph("Nothing to report.")
    yield from written(document, "resources_and_vacancies")


def _risks(document: Document) -> Iterator[Block]:
    content = document["content"]
    risks, blockers = content["risks"], content["blockers"]
    yield Heading("Risks and issues")
    yield from written(document, "risks_and_issues")
    if risks["open"]:
        yield Paragraph(
            f"{counted(risks['open'], 'risk is', 'risks are')} not closed, "
            f"{risks['red'] or 'none'} of them red. "
            f"The overall exposure, which is the sum of their scores, is {risks['exposure']:,}."
        )
    else:
        yield Paragraph("Every recorded risk is closed, or no risk was recorded.")
    if risks["list"]:
        yield Table(
            "Risks, highest score first",
            ("Risk", "Score out of 25", "Status", "Rating", "Mitigation", "Owner"),
            [
                (
                    risk["title"],
                    _score(risk),
                    label(risk["status"]) + (" (new)" if risk["new"] else ""),
                    rating(risk["rag"], risk["previous_rag"]),
                    risk["mitigation"] or NOTHING,
                    risk["owner"] or NOTHING,
                )
                for risk in risks["list"]
            ],
        )
    if blockers:
        yield Table(
            "Issues that block the programme or a migration",
            ("Issue", "Raised", "Due", "Resolved", "Resolution", "Owner"),
            [
                (
                    blocker["title"],
                    day(blocker["raised_on"]),
                    day(blocker["due"]) + (" (overdue)" if _is_overdue(blocker, content) else ""),
                    day(blocker["resolved_on"]),
                    blocker["resolution"] or NOTHING,
                    blocker["owner"] or NOTHING,
                )
                for blocker in blockers
            ],
        )
    else:
        yield Paragraph("No issue is open, and none was resolved in this period.")
    if document["narrative"]["tolerances_and_changes"]:
        yield Heading("Tolerances and change requests", 3)
        yield from written(document, "tolerances_and_changes")


def _is_overdue(blocker: Document, content: Document) -> bool:
    due, resolved = blocker["due"], blocker["resolved_on"]
    return due is not None and resolved is None and due < content["records_as_of"]


def _score(risk: Document) -> str:
    before = risk["previous_score"]
    return (
        f"{risk['score']} (was {before})"
        if before not in {None, risk["score"]}
        else str(risk["score"])
    )


def _next(document: Document) -> Iterator[Block]:
    following = document["content"]["next_period"]
    yield Heading("Next period")
    yield from written(document, "next_period")
    span = f"{day(following['first'])} to {day(following['last'])}"
    expected = [
        (move["system"], "Cutover", day(move["forecast_date"] or move["planned_date"]))
        for move in following["cutovers"]
    ] + [
        (milestone["name"], "Milestone", day(milestone["expected"]))
        for milestone in following["milestones"]
    ]
    if expected:
        yield Table(f"Expected from {span}", ("Name", "Kind", "Expected date"), expected)
    else:
        yield Paragraph(f"No cutover or milestone is expected from {span}.")
    if document["narrative"]["lessons"]:
        yield Heading("Lessons")
        yield from written(document, "lessons")


def _end(document: Document) -> Iterator[Block]:
    yield Heading("About this report")
    yield Paragraph(
        "This report holds only the records and amounts that every agency receiving it can see."
    )
    parts = list(_left_out(document["content"]["withheld"]))
    yield Paragraph(f"The report leaves out {listed(parts)}." if parts else "Nothing is left out.")
    if document["status"] == "approved":
        yield Paragraph(
            "The report was frozen on approval. The SHA-256 hash of the approved content is "
            f"{document['content_hash']}."
        )


def _left_out(withheld: Document) -> Iterator[str]:
    migrations, users, costs = (withheld[name] for name in ("migrations", "users", "costs"))
    if migrations:
        yield counted(migrations, "migration", "migrations")
    if users:
        yield f"the user numbers of {counted(users, 'system', 'systems')}"
    if costs:
        yield f"the yearly costs of {counted(costs, 'system', 'systems')}"
    benefits = withheld.get("benefits", {"lines": 0, "savings": 0, "systems": 0})
    if benefits["lines"]:
        yield counted(benefits["lines"], "line of the baseline", "lines of the baseline")
    if benefits["savings"]:
        yield counted(benefits["savings"], "saving", "savings")
    if benefits["systems"]:
        yield f"the moving costs of {counted(benefits['systems'], 'system', 'systems')}"
