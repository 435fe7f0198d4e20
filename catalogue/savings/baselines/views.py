"""Endpoints for drafting, refreshing, approving and reading baselines."""

from typing import Any
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.reader import get_own_record, require_visible
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, lock_for_update, record_response
from catalogue.savings.baselines import operations
from catalogue.savings.baselines.models import Baseline
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
    description="Baselines of programmes: frozen costs, against which savings are claimed.",
)


@baselines.get("", scope=Scope.SAVINGS_READ, list_of=BASELINES)
def list_baselines(context: Context) -> Response:
    """List the baselines of programmes that you can see."""
    return list_response(context, BASELINES)


@baselines.post("", scope=Scope.SAVINGS_WRITE, body=BaselineCreate, response=BaselineSchema)
def create_baseline(context: Context, fields: dict[str, Any]) -> Response:
    """Create a draft baseline of a programme that your agency leads.

    The service copies the recurring and one-off costs of the programme's systems in these years.
    Systems whose owners do not share costs with your agency are left out. Exit, decommissioning and
    dual-running costs are left out too.
    """
    baseline = operations.create_baseline(context, fields=fields)
    return record_response(context, BASELINES, baseline.id, status=201)


add_get(baselines, BASELINES, scope=Scope.SAVINGS_READ)


@baselines.patch(
    "/<uuid:baseline_id>", scope=Scope.SAVINGS_WRITE, body=BaselinePatch, response=BaselineSchema
)
def update_baseline(context: Context, changes: dict[str, Any], baseline_id: UUID) -> Response:
    """Change the title or the years of a draft baseline.

    If you change the years, the lines are copied again from the current cost lines.
    """
    baseline: Baseline = lock_for_update(context, BASELINES, baseline_id)
    operations.update_baseline(context, baseline, changes)
    return record_response(context, BASELINES, baseline_id)


@baselines.delete("/<uuid:baseline_id>", scope=Scope.SAVINGS_WRITE)
def delete_baseline(context: Context, baseline_id: UUID) -> None:
    """Delete a draft baseline.

    You cannot delete an approved baseline.
    """
    operations.delete_baseline(context.session, lock_for_update(context, BASELINES, baseline_id))


@baselines.post(
    "/<uuid:baseline_id>/refresh", scope=Scope.SAVINGS_WRITE, response=BaselineSchema, status=200
)
def refresh_baseline(context: Context, baseline_id: UUID) -> Response:
    """Refresh a draft baseline from the current cost lines."""
    operations.refresh_lines(context, get_own_record(context, BASELINES, baseline_id))
    return record_response(context, BASELINES, baseline_id)


@baselines.post(
    "/<uuid:baseline_id>/approval",
    scope=Scope.SAVINGS_WRITE,
    body=BaselineApprovalCreate,
    response=BaselineSchema,
    status=200,
)
def approve_baseline(context: Context, fields: dict[str, Any], baseline_id: UUID) -> Response:
    """Approve a draft baseline, which freezes it permanently.

    The draft replaces the programme's approved baseline. Savings claimed against the replaced
    baseline remain. The response is 409 if the baseline is not a draft, has no lines, or has
    changed since you read it.
    """
    operations.approve_baseline(
        context.session, get_own_record(context, BASELINES, baseline_id), **fields
    )
    return record_response(context, BASELINES, baseline_id)


@baselines.get("/<uuid:baseline_id>/lines", scope=Scope.SAVINGS_READ, list_of=BASELINE_LINES)
def list_baseline_lines(context: Context, baseline_id: UUID) -> Response:
    """List the lines of a baseline that you can see.

    They are the lines of systems whose costs are shared with your agency. Amounts need the scope
    `costs:read`.
    """
    require_visible(context, BASELINES, baseline_id)
    return list_response(context, BASELINE_LINES, baseline_id=baseline_id)


@baselines.get(
    "/<uuid:baseline_id>/lines/<uuid:baseline_line_id>",
    scope=Scope.SAVINGS_READ,
    response=BaselineLineSchema,
)
def get_baseline_line(context: Context, baseline_id: UUID, baseline_line_id: UUID) -> Response:
    """Get a line of a baseline, and the years already claimed."""
    require_visible(context, BASELINES, baseline_id)
    return record_response(context, BASELINE_LINES, baseline_line_id, baseline_id=baseline_id)
