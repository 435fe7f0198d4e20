"""Baselines: create, change, refresh, approve and delete. Callers must lock the baseline first."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.contracts.models import CostLine
from catalogue.contracts.resources import COSTS
from catalogue.contracts.vocabulary import CostCategory
from catalogue.core import clock
from catalogue.core.canonical import content_digest
from catalogue.core.context import Context
from catalogue.core.errors import conflict
from catalogue.core.money import amount_text
from catalogue.core.rest.reader import only_visible
from catalogue.programmes.models import Migration
from catalogue.programmes.operations import require_led_programme
from catalogue.programmes.vocabulary import MigrationStage
from catalogue.savings.baselines.models import Baseline, BaselineLine
from catalogue.savings.vocabulary import BaselineStatus

BASELINE_CATEGORIES = frozenset(
    {CostCategory.RECURRING_REVENUE, CostCategory.ONE_OFF_REVENUE, CostCategory.ONE_OFF_CAPITAL}
)
"""Categories of costs that exist without migrations. Benefits subtract all other costs."""

_COPIED_FIELDS = (
    "cost_line_id",
    "system_id",
    "financial_year",
    "category",
    "description",
    "description_key",
    "amount",
)


def create_baseline(context: Context, *, fields: dict[str, Any]) -> Baseline:
    """Create a draft for a programme that the actor's agency leads, and copy its cost lines."""
    programme = require_led_programme(context, fields["programme_id"])
    baseline = Baseline(
        programme=programme,
        title=fields["title"],
        status=BaselineStatus.DRAFT,
        financial_years=sorted(fields["financial_years"]),
        refreshed_at=clock.now(),
        content_hash="",
    )
    context.session.add(baseline)
    with context.session.no_autoflush:
        refresh_lines(context, baseline)
    return baseline


def update_baseline(context: Context, baseline: Baseline, changes: dict[str, Any]) -> None:
    """Change a draft, and refresh its lines if its years change.

    Raises Conflict if the baseline is approved.
    """
    require_draft(baseline)
    if "title" in changes:
        baseline.title = changes["title"]
    if "financial_years" in changes:
        baseline.financial_years = sorted(changes["financial_years"])
        refresh_lines(context, baseline)
    else:
        baseline.content_hash = content_hash(baseline, get_lines(context.session, baseline))


def refresh_lines(context: Context, baseline: Baseline) -> None:
    """Copy the current cost lines that the actor's agency can see.

    They are the cost lines of the programme's systems in the baseline's years, without the
    categories that migrations cause.
    """
    require_draft(baseline)
    moved = sa.select(Migration.system_id).where(
        Migration.programme_id == baseline.programme.id, Migration.stage != MigrationStage.CANCELLED
    )
    costs: Any = (
        sa.select(CostLine)
        .where(
            CostLine.system_id.in_(moved),
            CostLine.financial_year.in_(baseline.financial_years),
            CostLine.category.in_(BASELINE_CATEGORIES),
        )
        .order_by(CostLine.id)
    )
    copies = {
        cost.id: _copy_of(cost)
        for cost in context.session.scalars(only_visible(context, COSTS, costs))
    }
    lines = {}
    for line in get_lines(context.session, baseline):
        if copies.get(line.cost_line_id) == {name: getattr(line, name) for name in _COPIED_FIELDS}:
            lines[line.cost_line_id] = line
        else:
            context.session.delete(line)
    if baseline in context.session and sa.inspect(baseline).persistent:
        # Delete old lines before inserting new ones, which have the same unique keys.
        context.session.flush()
    for cost_line_id, values in copies.items():
        if cost_line_id not in lines:
            lines[cost_line_id] = BaselineLine(baseline=baseline, **values)
            context.session.add(lines[cost_line_id])
    baseline.refreshed_at = clock.now()
    baseline.content_hash = content_hash(baseline, lines.values())


def approve_baseline(
    session: Session, baseline: Baseline, *, approved_by: str, content_hash: str
) -> None:
    """Freeze a draft, which supersedes the programme's approved baseline if there is one.

    Raises Conflict if it is not a draft, has changed since it was read, or has no lines.
    """
    require_draft(baseline)
    if baseline.content_hash != content_hash:
        raise conflict(
            "/content_hash",
            "stale",
            "The draft has changed since you read it. Read it again, then approve it.",
        )
    if not get_lines(session, baseline):
        raise conflict(
            "",
            "empty",
            "The baseline has no cost lines. Add costs to the systems, then refresh the baseline.",
        )
    before = session.scalar(
        sa.select(Baseline)
        .where(
            Baseline.programme_id == baseline.programme_id,
            Baseline.status == BaselineStatus.APPROVED,
        )
        .with_for_update()
    )
    if before is not None:
        before.status = BaselineStatus.SUPERSEDED
        session.flush()
        baseline.supersedes_id = before.id
    baseline.status = BaselineStatus.APPROVED
    baseline.approved_by = approved_by
    baseline.approved_at = clock.now()
    session.flush()


def delete_baseline(session: Session, baseline: Baseline) -> None:
    """Delete a draft and its lines. Raises Conflict if the baseline is approved."""
    require_draft(baseline)
    for line in get_lines(session, baseline):
        session.delete(line)
    session.flush()
    session.delete(baseline)


def require_draft(baseline: Baseline) -> None:
    """Raise Conflict if a baseline is frozen."""
    if baseline.status is not BaselineStatus.DRAFT:
        detail = (
            f"The baseline is {baseline.status}, so you cannot change it. Create another baseline."
        )
        raise conflict("/status", "frozen", detail)


def get_lines(session: Session, baseline: Baseline) -> list[BaselineLine]:
    """Return all lines, including those that the actor cannot see, ordered by cost line id."""
    statement = (
        sa.select(BaselineLine)
        .where(BaselineLine.baseline_id == baseline.id)
        .order_by(BaselineLine.cost_line_id)
    )
    return list(session.scalars(statement))


def content_hash(baseline: Baseline, lines: Iterable[BaselineLine]) -> str:
    """Return the SHA-256 of the programme, the title, the years, and each line with its amount."""
    content = {
        "programme_id": str(baseline.programme.id),
        "title": baseline.title,
        "financial_years": baseline.financial_years,
        "lines": [
            {
                "cost_line_id": str(line.cost_line_id),
                "system_id": str(line.system_id),
                "financial_year": line.financial_year,
                "category": line.category.value,
                "description": line.description,
                "amount": amount_text(line.amount),
            }
            for line in sorted(lines, key=lambda each: each.cost_line_id)
        ],
    }
    return content_digest(content)


def _copy_of(cost: CostLine) -> dict[str, Any]:
    values = {name: getattr(cost, name) for name in _COPIED_FIELDS if name != "cost_line_id"}
    return {"cost_line_id": cost.id} | values
