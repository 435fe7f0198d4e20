"""Operations on overlaps: runs that find them, and their review by agencies."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from catalogue.core import clock
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.errors import Forbidden
from catalogue.core.jobs.models import Job
from catalogue.core.jobs.operations import JobContext, enqueue, job_handler
from catalogue.core.rest.columns import for_dialect
from catalogue.core.rest.reader import only_visible
from catalogue.core.transitions import require_transition
from catalogue.rationalisation.overlaps.detection import find_overlaps
from catalogue.rationalisation.overlaps.models import Overlap, OverlapReview
from catalogue.rationalisation.overlaps.resources import OVERLAPS
from catalogue.rationalisation.overlaps.visibility import MEMBER_SEEN
from catalogue.rationalisation.states import OVERLAP_STEPS
from catalogue.rationalisation.vocabulary import OverlapStatus, OverlapVerdict
from catalogue.systems.models import System

FIND_OVERLAPS = "find_overlaps"


def create_overlap_run(context: Context) -> Job:
    """Queue a run that finds overlaps among all systems.

    Raises Forbidden for an actor without an agency.
    """
    context.require_agency("Only an agency can start a run")
    return enqueue(context, FIND_OVERLAPS, {})


@job_handler(FIND_OVERLAPS, scope=Scope.OVERLAPS_WRITE)
def run_find_overlaps(context: JobContext) -> dict[str, Any]:
    """Find all overlaps. The result counts those that the actor of the job can see."""
    # Progress counts steps, because a count of systems would include those of other agencies.
    find_overlaps(context.session, progress=context.progress)
    kinds: Any = sa.select(OVERLAPS.columns["kind"].label("kind")).select_from(Overlap)
    seen = only_visible(context, OVERLAPS, kinds).subquery()
    by_kind = sa.select(seen.c.kind, sa.func.count()).group_by(seen.c.kind)
    counts = {kind.value: number for kind, number in context.session.execute(by_kind)}
    return {"overlaps": sum(counts.values()), "by_kind": counts}


@dataclass(frozen=True)
class OverlapView:
    """The status of an overlap as an actor sees it."""

    status: OverlapStatus
    takes_part: bool
    """True if the actor's agency owns a member."""


def get_overlap_view(context: Context, overlap: Overlap) -> OverlapView:
    """Return an overlap's status as the actor sees it, and whether the actor's agency takes part."""
    dialect = context.session.get_bind().dialect.name
    takes_part = sa.exists(
        sa.select(1)
        .where(MEMBER_SEEN, System.agency_id == context.actor.agency_id)
        .correlate(Overlap)
    )
    statement = sa.select(for_dialect(dialect, OVERLAPS.columns["status"]), takes_part)
    status, part = context.session.execute(
        only_visible(
            context, OVERLAPS, statement.select_from(Overlap).where(Overlap.id == overlap.id)
        )
    ).one()
    return OverlapView(OverlapStatus(status), bool(part))


def review_overlap(
    context: Context,
    overlap: Overlap,
    *,
    verdict: OverlapVerdict,
    reason: str,
    at: datetime | None = None,
) -> OverlapReview:
    """Confirm or reject an overlap for the actor's agency. Callers must lock it first.

    Raises Forbidden if the agency owns no member, and Conflict if the status does not allow it.
    """
    view = get_overlap_view(context, overlap)
    if context.actor.agency_id is None or not view.takes_part:
        raise Forbidden(
            "Only an agency that owns a system in this overlap can review it. "
            "Ask one of these agencies to review it."
        )
    require_transition("overlap", OVERLAP_STEPS, view.status, OverlapStatus(verdict))
    review = OverlapReview(
        overlap_id=overlap.id,
        agency_id=context.actor.agency_id,
        verdict=verdict,
        reason=reason,
        client_id=context.actor.client_id,
        reviewed_at=at or clock.now(),
    )
    context.session.add(review)
    return review
