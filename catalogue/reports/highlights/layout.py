"""What a report says to its readers, block by block, in the order in which a board asks."""

from collections.abc import Iterator
from typing import Any

from catalogue.reports.highlights import wording
from catalogue.reports.highlights.blocks import (
    Block,
    Chart,
    Facts,
    Heading,
    Paragraph,
    Rating,
    Table,
)
from catalogue.reports.highlights.changes_section import changes_said
from catalogue.reports.highlights.charts import Bar
from catalogue.reports.highlights.costs_section import costs_said
from catalogue.reports.highlights.wording import counted, day, days, rating, said

Document = dict[str, Any]

_ASKED = {
    "information": "The board is asked to note this report.",
    "decision": "The board is asked to decide.",
    "direction": "The board is asked for direction.",
}


def blocks_of(document: Document) -> list[Block]:
    """The whole report after its title."""
    return [
        *_front(document),
        *_attention(document["content"]),
        *_decisions(document),
        *changes_said(document["changes"], document["previous"]),
        *_achievability(document),
        *_schedule(document),
        *costs_said(document),
        *_people(document),
        *_risks(document),
        *_next(document),
        *_end(document),
    ]


def _written(document: Document, *names: str) -> Iterator[Block]:
    """What the lead wrote, where it did."""
    for name in names:
        if document["narrative"][name]:
            yield Paragraph(document["narrative"][name])


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
            ("Records as of", day(content["records_as_of"])),
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
    yield Heading("What the board is asked")
    yield Paragraph(_ASKED[document["asked_for"]])
    yield from _written(document, "purpose")


def _attention(content: Document) -> Iterator[Block]:
    progress, attention = content["progress"], content["progress"]["attention"]
    whole = progress["whole"]
    confidence = content["confidence"]
    yield Heading("At a glance")
    yield Rating(
        "Delivery confidence",
        confidence["rag"],
        rating(confidence["rag"], confidence["previous_rag"]),
    )
    yield Table(
        "The programme in figures",
        ("What", "How many"),
        [
            ("Migrations, without cancelled ones", str(whole["migrations"])),
            ("Users work on the new system", str(whole["moved"])),
            ("Late: a date has passed, and it has not moved", str(attention["late"])),
            ("Blocked: something holds it up", str(attention["blocked"])),
            ("Silent: an update is overdue", str(attention["silent"])),
            ("At risk", str(attention["at_risk"])),
            (
                "Risks not closed, of which red",
                f"{content['risks']['open']}, {content['risks']['red']}",
            ),
            ("Decisions asked for", str(sum(e["status"] == "open" for e in content["decisions"]))),
        ],
        frozenset({1}),
    )


def _decisions(document: Document) -> Iterator[Block]:
    decisions = document["content"]["decisions"]
    yield Heading("Decisions required")
    still = [each for each in decisions if each["status"] == "open"]
    decided = [each for each in decisions if each["status"] == "decided"]
    if not still:
        yield Paragraph("No decision is asked for.")
    else:
        yield Table(
            "Questions that the board has to answer",
            ("Question", "Options", "Recommended", "Needed by", "Owner"),
            [
                (
                    each["question"],
                    each["options"] or wording.NOTHING,
                    each["recommendation"] or wording.NOTHING,
                    day(each["needed_by"]),
                    each["owner"] or wording.NOTHING,
                )
                for each in still
            ],
        )
    if decided:
        yield Table(
            "Decided in this period",
            ("Question", "Outcome", "On"),
            [(e["question"], e["outcome"], day(e["decided_on"])) for e in decided],
        )


def _achievability(document: Document) -> Iterator[Block]:
    confidence = document["content"]["confidence"]
    yield Heading("Achievability")
    yield from _written(document, "achievability")
    if confidence["rag_narrative"]:
        yield Paragraph(confidence["rag_narrative"])
    if confidence["path_to_green"]:
        yield Paragraph(f"Path to green: {confidence['path_to_green']}")
    if not (document["narrative"]["achievability"] or confidence["rag_narrative"]):
        yield Paragraph("The programme has not been rated.")


def _schedule(document: Document) -> Iterator[Block]:
    content = document["content"]
    schedule, progress, agencies = content["schedule"], content["progress"], content["agencies"]
    yield Heading("Schedule")
    yield from _written(document, "schedule")
    yield from _stages(progress)
    if progress["by_wave"]:
        yield from _waves(progress)
    yield Heading("Done in this period", 3)
    yield from _written(document, "this_period")
    yield _done(schedule)
    yield Heading("Slippage", 3)
    yield _slippage(schedule, agencies)
    yield from _to_ask_after(schedule, agencies)
    if schedule["milestones"]:
        yield Heading("Milestones", 3)
        yield _milestones(schedule)


def _stages(progress: Document) -> Iterator[Block]:
    stages = [each for each in progress["by_stage"] if each["count"]]
    if stages:
        listed = ", ".join(f"{said(e['stage'])} {e['count']}" for e in stages)
        yield Chart(
            "Migrations by stage",
            f"How many migrations are at each stage: {listed}.",
            [Bar(said(e["stage"]), e["count"], str(e["count"])) for e in stages],
        )


def _waves(progress: Document) -> Iterator[Block]:
    named = [(each["wave"] or "In no wave", each) for each in progress["by_wave"]]
    yield Chart(
        "How far each wave has moved",
        "Of the migrations of each wave, how many have moved: "
        + ", ".join(f"{n} {e['moved']} of {e['migrations']}" for n, e in named)
        + ".",
        [
            Bar(n, e["migrations"], f"{e['moved']} of {e['migrations']}", e["moved"])
            for n, e in named
        ],
    )
    yield Table(
        "Progress by wave",
        ("Wave", "Migrations", "Moved", "Users", "Users moved"),
        [
            (n, *(str(e[f]) for f in ("migrations", "moved", "users", "users_moved")))
            for n, e in named
        ],
        frozenset({1, 2, 3, 4}),
    )


def _done(schedule: Document) -> Block:
    if not schedule["stage_changes"]:
        return Paragraph("No migration entered another stage.")
    return Table(
        "Stages that migrations entered",
        ("System", "Entered", "On", "Reason"),
        [
            (e["system"], said(e["stage"]), day(e["on"]), e["reason"] or wording.NOTHING)
            for e in schedule["stage_changes"]
        ],
    )


def _slippage(schedule: Document, agencies: Document) -> Block:
    if not schedule["slipped"]:
        return Paragraph("No migration is expected after its agreed date.")
    return Table(
        "Migrations expected, or done, after the agreed date",
        ("System", "Agency", "Agreed", "Now expected or done", "Slippage"),
        [
            (
                each["system"],
                agencies[each["agency"]],
                day(each["planned_date"]),
                day(each["actual_date"] or each["forecast_date"]),
                days(each["slipped_days"]),
            )
            for each in schedule["slipped"]
        ],
    )


def _to_ask_after(schedule: Document, agencies: Document) -> Iterator[Block]:
    asked_after = [e for e in schedule["migrations"] if e["late"] or e["blocked"] or e["silent"]]
    if asked_after:
        yield Table(
            "Migrations that are late, blocked or silent",
            ("System", "Agency", "Stage", "Agreed", "Expected", "Why it is listed"),
            [
                (
                    each["system"],
                    agencies[each["agency"]],
                    said(each["stage"]),
                    day(each["planned_date"]),
                    day(each["forecast_date"]),
                    ", ".join(n for n in ("late", "blocked", "silent", "at_risk") if each[n])
                    .replace("_", " ")
                    .capitalize(),
                )
                for each in asked_after
            ],
        )


def _milestones(schedule: Document) -> Block:
    return Table(
        "Milestones against their agreed dates",
        ("Milestone", "Agreed", "Now expected", "Reached", "Confidence", "Owner"),
        [
            (
                each["name"],
                day(each["planned_date"]),
                day(each["forecast_date"]) + (" (overdue)" if each["overdue"] else ""),
                day(each["actual_date"]),
                rating(each["rag"], each["previous_rag"]),
                each["owner"] or wording.NOTHING,
            )
            for each in schedule["milestones"]
        ],
    )


def _people(document: Document) -> Iterator[Block]:
    yield Heading("Resources and vacancies")
    if not document["narrative"]["resources_and_vacancies"]:
        yield Paragraph("Nothing to report.")
    yield from _written(document, "resources_and_vacancies")


def _risks(document: Document) -> Iterator[Block]:
    content = document["content"]
    risks, blockers = content["risks"], content["blockers"]
    yield Heading("Risks and issues")
    yield from _written(document, "risks_and_issues")
    yield Paragraph(
        f"{counted(risks['open'], 'risk is', 'risks are')} not closed, of which {risks['red']} red. "
        f"Overall exposure, the sum of their scores, is {risks['exposure']}."
    )
    if risks["list"]:
        yield Table(
            "Risks, the highest score first",
            ("Risk", "Score of 25", "Status", "Confidence", "What is done", "Owner"),
            [
                (
                    each["title"],
                    _score(each),
                    said(each["status"]) + (" (new)" if each["new"] else ""),
                    rating(each["rag"], each["previous_rag"]),
                    each["mitigation"] or wording.NOTHING,
                    each["owner"] or wording.NOTHING,
                )
                for each in risks["list"]
            ],
        )
    if blockers:
        yield Table(
            "Issues: what holds migrations or the programme up",
            ("Issue", "Raised", "Resolved", "Resolution", "Owner"),
            [
                (
                    each["title"],
                    day(each["raised_on"]),
                    day(each["resolved_on"]),
                    each["resolution"] or wording.NOTHING,
                    each["owner"] or wording.NOTHING,
                )
                for each in blockers
            ],
        )
    else:
        yield Paragraph("Nothing is blocked.")
    if document["narrative"]["tolerances_and_changes"]:
        yield Heading("Tolerances and change requests", 3)
        yield from _written(document, "tolerances_and_changes")


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
    yield from _written(document, "next_period")
    span = f"{day(following['first'])} to {day(following['last'])}"
    expected = [
        (e["system"], "Cutover", day(e["forecast_date"] or e["planned_date"]))
        for e in following["cutovers"]
    ] + [(e["name"], "Milestone", day(e["expected"])) for e in following["milestones"]]
    if expected:
        yield Table(f"Expected from {span}", ("What", "Kind", "Expected"), expected)
    else:
        yield Paragraph(f"No cutover and no milestone is expected from {span}.")
    if document["narrative"]["lessons"]:
        yield Heading("Lessons")
        yield from _written(document, "lessons")


def _end(document: Document) -> Iterator[Block]:
    withheld = document["content"]["withheld"]
    yield Heading("About this report")
    yield Paragraph(
        "It holds what all agencies that it is for may see. Left out and counted here: "
        f"{counted(withheld['migrations'], 'migration', 'migrations')}; the users of "
        f"{counted(withheld['users'], 'system', 'systems')}; the yearly costs of "
        f"{counted(withheld['costs'], 'system', 'systems')}"
        + _benefits_withheld(withheld.get("benefits"))
        + "."
    )
    if document["status"] == "approved":
        yield Paragraph(
            "It was frozen when it was approved. SHA-256 of what was approved: "
            f"{document['content_hash']}."
        )


def _benefits_withheld(left_out: Document | None) -> str:
    if left_out is None:
        return ""
    return (
        f"; {counted(left_out['lines'], 'line', 'lines')} of the baseline, "
        f"{counted(left_out['savings'], 'saving', 'savings')}, and the costs of moving of "
        f"{counted(left_out['systems'], 'system', 'systems')}"
    )
