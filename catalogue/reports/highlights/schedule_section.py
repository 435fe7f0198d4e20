"""The schedule section of a highlight report."""

from collections.abc import Iterator
from typing import Any

from catalogue.core.wording import NOTHING, counted, day, sum_in_numbers
from catalogue.reports.highlights.blocks import Block, Chart, Heading, Paragraph, Table
from catalogue.reports.highlights.charts import Bar
from catalogue.reports.highlights.narrative import written
from catalogue.reports.highlights.wording import rating, stage_label

Document = dict[str, Any]

_REASONS = {
    "late": "late",
    "blocked": "blocked",
    "update_overdue": "update overdue",
    "at_risk": "at risk",
}


def schedule_blocks(document: Document) -> Iterator[Block]:
    """Yield the schedule section: stages, waves, slippage and milestones."""
    content = document["content"]
    schedule, progress, agencies = content["schedule"], content["progress"], content["agencies"]
    yield Heading("Schedule")
    yield from written(document, "schedule")
    yield from _stages(progress)
    if progress["by_wave"]:
        yield _waves(progress)
    yield Heading("Completed in this period", 3)
    yield from written(document, "this_period")
    yield _stage_changes(schedule)
    yield Heading("Slippage", 3)
    yield from _slippage(schedule, agencies)
    yield from _needing_attention(schedule, agencies)
    if schedule["milestones"]:
        yield Heading("Milestones", 3)
        yield _milestones(schedule)


def _stages(progress: Document) -> Iterator[Block]:
    stages = [
        (stage_label(each["stage"]), each["count"])
        for each in progress["by_stage"]
        if each["count"]["value"]
    ]
    if stages:
        counts = ", ".join(f"{stage} {sum_in_numbers(count)}" for stage, count in stages)
        yield Chart(
            "Migrations by stage",
            f"The number of migrations at each stage: {counts}.",
            [
                Bar(stage, count["value"], sum_in_numbers(count), complete=not count["withheld"])
                for stage, count in stages
            ],
        )


def _waves(progress: Document) -> Block:
    waves = [(sums["wave"] or "In no wave", sums) for sums in progress["by_wave"]]
    moved = {name: _moved(sums) for name, sums in waves}
    return Chart(
        "Migrations moved in each wave",
        "The part of each wave's migrations that has moved: "
        + ", ".join(f"{name} {count}" for name, count in moved.items())
        + ".",
        [
            Bar(
                name,
                sums["moved"]["value"] or 0,
                moved[name],
                whole=sums["migrations"]["value"] or 0,
                complete=not sums["migrations"]["withheld"],
            )
            for name, sums in waves
        ],
        table=Table(
            "Progress by wave",
            ("Wave", "Migrations", "Moved", "Users", "Users moved"),
            [
                (
                    name,
                    *(
                        sum_in_numbers(sums[figure])
                        for figure in ("migrations", "moved", "users", "users_moved")
                    ),
                )
                for name, sums in waves
            ],
            frozenset({1, 2, 3, 4}),
        ),
    )


def _moved(sums: Document) -> str:
    moved, migrations = sums["moved"], sums["migrations"]
    if migrations["value"] is None:
        return sum_in_numbers(migrations)
    words = f"{moved['value']:,} of {migrations['value']:,}"
    return f"{words} (part withheld)" if migrations["withheld"] else words


def _stage_changes(schedule: Document) -> Block:
    if not schedule["stage_changes"]:
        return Paragraph("No migration entered a new stage in this period.")
    return Table(
        "Stages entered by migrations",
        ("System", "Stage", "Entered on", "Reason"),
        [
            (
                change["system"],
                stage_label(change["stage"]),
                day(change["on"]),
                change["reason"] or NOTHING,
            )
            for change in schedule["stage_changes"]
        ],
    )


def _slippage(schedule: Document, agencies: Document) -> Iterator[Block]:
    milestones = [each for each in schedule["milestones"] if (each["slipped_days"] or 0) > 0]
    if not schedule["slipped"]:
        yield Paragraph("No migration is expected after its agreed date.")
    else:
        yield Table(
            "Migrations that are expected, or were completed, after the agreed date",
            ("System", "Agency", "Agreed date", "Expected or actual date", "Slippage"),
            [
                (move["system"], agencies[move["agency"]], *_slip_of(move))
                for move in schedule["slipped"]
            ],
        )
    if not milestones:
        yield Paragraph("No milestone is expected after its agreed date.")
    else:
        yield Table(
            "Milestones that are expected, or were reached, after the agreed date",
            ("Milestone", "Owner", "Agreed date", "Expected or actual date", "Slippage"),
            [
                (milestone["name"], milestone["owner"] or NOTHING, *_slip_of(milestone))
                for milestone in milestones
            ],
        )


def _slip_of(record: Document) -> tuple[str, str, str]:
    return (
        day(record["planned_date"]),
        day(record["actual_date"] or record["forecast_date"]),
        f"{counted(record['slipped_days'], 'day', 'days')} later",
    )


def _needing_attention(schedule: Document, agencies: Document) -> Iterator[Block]:
    moves = [
        move
        for move in schedule["migrations"]
        if move["late"] or move["blocked"] or move["update_overdue"]
    ]
    if moves:
        yield Table(
            "Migrations that are late, blocked or overdue for an update",
            ("System", "Agency", "Stage", "Agreed date", "Expected date", "Reason"),
            [
                (
                    move["system"],
                    agencies[move["agency"]],
                    stage_label(move["stage"]),
                    day(move["planned_date"]),
                    day(move["forecast_date"]),
                    ", ".join(word for flag, word in _REASONS.items() if move[flag]).capitalize(),
                )
                for move in moves
            ],
        )


def _milestones(schedule: Document) -> Block:
    return Table(
        "Milestones and their agreed dates",
        ("Milestone", "Agreed date", "Expected date", "Reached on", "Rating", "Owner"),
        [
            (
                milestone["name"],
                day(milestone["planned_date"]),
                day(milestone["forecast_date"]) + (" (overdue)" if milestone["overdue"] else ""),
                day(milestone["actual_date"]),
                rating(milestone["rag"], milestone["previous_rag"]),
                milestone["owner"] or NOTHING,
            )
            for milestone in schedule["milestones"]
        ],
    )
