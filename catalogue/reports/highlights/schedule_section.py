"""The schedule section of a highlight report."""

from collections.abc import Iterator
from typing import Any

from catalogue.reports.highlights.blocks import Block, Chart, Heading, Paragraph, Table
from catalogue.reports.highlights.charts import Bar
from catalogue.reports.highlights.narrative import written
from catalogue.reports.highlights.wording import (
    NOTHING,
    WITHHELD,
    counted,
    day,
    rating,
    stage_label,
)

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
    yield _slippage(schedule, agencies)
    yield from _needing_attention(schedule, agencies)
    if schedule["milestones"]:
        yield Heading("Milestones", 3)
        yield _milestones(schedule)


def _stages(progress: Document) -> Iterator[Block]:
    stages = [(stage_label(s["stage"]), s["count"]) for s in progress["by_stage"] if s["count"]]
    if stages:
        counts = ", ".join(f"{stage} {count:,}" for stage, count in stages)
        yield Chart(
            "Migrations by stage",
            f"The number of migrations at each stage: {counts}.",
            [Bar(stage, count, f"{count:,}") for stage, count in stages],
            ("Stage", "Migrations"),
        )


def _waves(progress: Document) -> Block:
    waves = [(sums["wave"] or "In no wave", sums) for sums in progress["by_wave"]]
    moved = {name: f"{sums['moved']:,} of {sums['migrations']:,}" for name, sums in waves}
    return Chart(
        "Migrations moved in each wave",
        "The number of migrations in each wave that have moved: "
        + ", ".join(f"{name} {count}" for name, count in moved.items())
        + ".",
        [Bar(name, sums["migrations"], moved[name], sums["moved"]) for name, sums in waves],
        table=Table(
            "Progress by wave",
            ("Wave", "Migrations", "Moved", "Users", "Users moved"),
            [
                (
                    name,
                    f"{sums['migrations']:,}",
                    f"{sums['moved']:,}",
                    _users(sums, "users"),
                    _users(sums, "users_moved"),
                )
                for name, sums in waves
            ],
            frozenset({1, 2, 3, 4}),
        ),
    )


def _users(sums: Document, name: str) -> str:
    # A zero that leaves out withheld user numbers would read as a real zero.
    return f"{sums[name]:,}" if sums[name] or not sums["users_withheld"] else WITHHELD


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


def _slippage(schedule: Document, agencies: Document) -> Block:
    if not schedule["slipped"]:
        return Paragraph("No migration is expected after its agreed date.")
    return Table(
        "Migrations that are expected, or were completed, after the agreed date",
        ("System", "Agency", "Agreed date", "Expected or actual date", "Slippage"),
        [
            (
                move["system"],
                agencies[move["agency"]],
                day(move["planned_date"]),
                day(move["actual_date"] or move["forecast_date"]),
                f"{counted(move['slipped_days'], 'day', 'days')} later",
            )
            for move in schedule["slipped"]
        ],
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
