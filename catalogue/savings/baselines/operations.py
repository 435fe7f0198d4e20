"""Drawing baselines from lines of cost, and approving them. Whoever calls has locked the baseline."""

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

STANDING = frozenset(
    {CostCategory.RECURRING_REVENUE, CostCategory.ONE_OFF_REVENUE, CostCategory.ONE_OFF_CAPITAL}
)
"""What systems cost if nothing moves. All other costs come of moving, and are counted against."""

_COPIED = (
    "cost_line_id",
    "system_id",
    "financial_year",
    "category",
    "description",
    "description_key",
    "amount",
)


def create_baseline(context: Context, *, fields: dict[str, Any]) -> Baseline:
    """Draw a baseline of a programme that the actor's agency leads."""
    programme = require_led_programme(context, fields["programme_id"])
    baseline = Baseline(
        programme=programme,
        title=fields["title"],
        status=BaselineStatus.DRAFT,
        financial_years=sorted(fields["financial_years"]),
        drawn_at=clock.now(),
        content_hash="",
    )
    context.session.add(baseline)
    with context.session.no_autoflush:
        draw(context, baseline)
    return baseline


def change_baseline(context: Context, baseline: Baseline, changes: dict[str, Any]) -> None:
    """Change a draft; another choice of years draws it anew. Conflict once it is approved."""
    require_draft(baseline)
    if "title" in changes:
        baseline.title = changes["title"]
    if "financial_years" in changes:
        baseline.financial_years = sorted(changes["financial_years"])
        draw(context, baseline)
    else:
        baseline.content_hash = content_hash(baseline, lines_of(context.session, baseline))


def draw(context: Context, baseline: Baseline) -> None:
    """Copy the lines of cost as they are now, as far as the actor's agency is shown them.

    They are those of the systems that the programme moves, in the baseline's years, of the
    categories that would come without moving.
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
            CostLine.category.in_(STANDING),
        )
        .order_by(CostLine.id)
    )
    found = {
        cost.id: _copy_of(cost)
        for cost in context.session.scalars(only_visible(context, COSTS, costs))
    }
    lines = {}
    for line in lines_of(context.session, baseline):
        if found.get(line.cost_line_id) == {name: getattr(line, name) for name in _COPIED}:
            lines[line.cost_line_id] = line
        else:
            context.session.delete(line)
    if baseline in context.session and sa.inspect(baseline).persistent:
        # Lines that go make way for those that are drawn of the same cost.
        context.session.flush()
    for cost_line_id, copied in found.items():
        if cost_line_id not in lines:
            lines[cost_line_id] = BaselineLine(baseline=baseline, **copied)
            context.session.add(lines[cost_line_id])
    baseline.drawn_at = clock.now()
    baseline.content_hash = content_hash(baseline, lines.values())


def approve_baseline(
    session: Session, baseline: Baseline, *, approved_by: str, content_hash: str
) -> None:
    """Freeze a draft; it takes the place of the baseline that was approved before, if any.

    Conflict if it is no draft, is not what was read, or has no lines.
    """
    require_draft(baseline)
    if baseline.content_hash != content_hash:
        raise conflict("/content_hash", "stale", "The draft is not what was read.")
    if not lines_of(session, baseline):
        raise conflict("", "empty", "There is no line in it that could be saved of.")
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


def remove_baseline(session: Session, baseline: Baseline) -> None:
    """Remove a draft and its lines. Conflict once it is approved."""
    require_draft(baseline)
    for line in lines_of(session, baseline):
        session.delete(line)
    session.flush()
    session.delete(baseline)


def require_draft(baseline: Baseline) -> None:
    """Conflict, if a baseline is frozen."""
    if baseline.status is not BaselineStatus.DRAFT:
        detail = f"The baseline is {baseline.status}, and stays as it is; draw another."
        raise conflict("/status", "frozen", detail)


def lines_of(session: Session, baseline: Baseline) -> list[BaselineLine]:
    """All lines, whoever may see them, in the order of the lines of cost."""
    asked = (
        sa.select(BaselineLine)
        .where(BaselineLine.baseline_id == baseline.id)
        .order_by(BaselineLine.cost_line_id)
    )
    return list(session.scalars(asked))


def content_hash(baseline: Baseline, lines: Iterable[BaselineLine]) -> str:
    """SHA-256 of all that a baseline says: title, years, and each line with its amount."""
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
    own = {name: getattr(cost, name) for name in _COPIED if name != "cost_line_id"}
    return {"cost_line_id": cost.id} | own
