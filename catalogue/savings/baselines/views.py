"""Baselines over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope, current_actor
from catalogue.core.database import session
from catalogue.core.rest.blueprint import Blueprint
from catalogue.savings.baselines.models import Baseline
from catalogue.savings.baselines.operations import (
    approve_baseline,
    change_baseline,
    create_baseline,
    draw,
    remove_baseline,
)
from catalogue.savings.baselines.resources import BASELINE_LINES, BASELINES
from catalogue.savings.baselines.schemas import (
    BaselineApprovalCreate,
    BaselineCreate,
    BaselineLineSchema,
    BaselinePatch,
    BaselineSchema,
)

baselines = Blueprint(
    "baselines",
    __name__,
    url_prefix="/v1/baselines",
    description="What systems would cost without a programme: frozen, to measure savings by.",
)


@baselines.get("", scope=Scope.SAVINGS_READ, lists=BASELINES)
def list_baselines() -> Response:
    """List the baselines of the programmes that one may see."""
    return BASELINES.listing()


@baselines.post("", scope=Scope.SAVINGS_WRITE, body=BaselineCreate, answer=BaselineSchema)
def draw_baseline(fields: dict[str, Any]) -> Response:
    """Draw a baseline of a programme that one's own agency leads, from lines of cost.

    Copied are the recurring and one-off costs, in these years, of the systems that the programme
    moves, as far as their owners share costs with the lead agency. Costs of moving are not in it.
    """
    baseline = create_baseline(session(), by=current_actor(), fields=fields)
    session().flush()
    return BASELINES.read(baseline.id, status=201)


@baselines.get("/<uuid:baseline_id>", scope=Scope.SAVINGS_READ, answer=BaselineSchema)
def get_baseline(baseline_id: UUID) -> Response:
    """Read one baseline."""
    return BASELINES.read(baseline_id)


@baselines.patch(
    "/<uuid:baseline_id>", scope=Scope.SAVINGS_WRITE, body=BaselinePatch, answer=BaselineSchema
)
def update_baseline(changes: dict[str, Any], baseline_id: UUID) -> Response:
    """Change the title or the years of a draft; other years draw it anew."""
    baseline: Baseline = BASELINES.for_update(session(), baseline_id)
    change_baseline(session(), baseline, changes, by=current_actor())
    session().flush()
    return BASELINES.read(baseline_id)


@baselines.delete("/<uuid:baseline_id>", scope=Scope.SAVINGS_WRITE)
def delete_baseline(baseline_id: UUID) -> None:
    """Remove a draft. What was approved stays."""
    remove_baseline(session(), BASELINES.for_update(session(), baseline_id))
    session().flush()


@baselines.post(
    "/<uuid:baseline_id>/drawing", scope=Scope.SAVINGS_WRITE, answer=BaselineSchema, status=200
)
def redraw_baseline(baseline_id: UUID) -> Response:
    """Draw a draft anew, from the lines of cost as they are now."""
    draw(session(), _own_baseline(baseline_id), by=current_actor())
    session().flush()
    return BASELINES.read(baseline_id)


@baselines.post(
    "/<uuid:baseline_id>/approval",
    scope=Scope.SAVINGS_WRITE,
    body=BaselineApprovalCreate,
    answer=BaselineSchema,
    status=200,
)
def approve_baseline_draft(fields: dict[str, Any], baseline_id: UUID) -> Response:
    """Approve a draft by name, which freezes it for good.

    It takes the place of the baseline that was approved before; savings claimed by that stand.
    409: it is no draft, is empty, or is not what was read.
    """
    approve_baseline(session(), _own_baseline(baseline_id), **fields)
    return BASELINES.read(baseline_id)


@baselines.get("/<uuid:baseline_id>/lines", scope=Scope.SAVINGS_READ, lists=BASELINE_LINES)
def list_baseline_lines(baseline_id: UUID) -> Response:
    """List the lines of a baseline, of the systems whose costs are shared with one's agency.

    Amounts are shown with the scope `costs:read`.
    """
    BASELINES.require_visible(session(), baseline_id)
    return BASELINE_LINES.listing(baseline_id=baseline_id)


@baselines.get(
    "/<uuid:baseline_id>/lines/<uuid:baseline_line_id>",
    scope=Scope.SAVINGS_READ,
    answer=BaselineLineSchema,
)
def get_baseline_line(baseline_id: UUID, baseline_line_id: UUID) -> Response:
    """Read one line of a baseline."""
    BASELINES.require_visible(session(), baseline_id)
    return BASELINE_LINES.read(baseline_line_id, baseline_id=baseline_id)


def _own_baseline(baseline_id: UUID) -> Baseline:
    baseline: Baseline = BASELINES.get(session(), baseline_id, lock=True)
    BASELINES.require_owner(baseline)
    return baseline
