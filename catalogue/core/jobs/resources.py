"""Declaration of the jobs that an agency can read: its own."""

import sqlalchemy as sa

from catalogue.core.jobs.models import Job, JobStatus
from catalogue.core.jobs.presence import is_worker_present
from catalogue.core.jobs.schemas import JobSchema
from catalogue.core.rest.columns import DialectExpression
from catalogue.core.rest.resource import NOW, Resource
from catalogue.core.sharing import ACTOR_AGENCY


def _waiting_for_worker() -> DialectExpression:
    worker = is_worker_present(NOW)
    queued = Job.status == JobStatus.QUEUED
    return DialectExpression(
        postgresql=sa.and_(queued, sa.not_(worker.postgresql)),
        sqlite=sa.and_(queued, sa.not_(worker.sqlite)),
    )


JOBS = Resource(
    name="job",
    path="/v1/jobs",
    model=Job,
    schema=JobSchema,
    columns={
        "id": Job.id,
        "kind": Job.kind,
        "status": Job.status,
        "waiting_for_worker": _waiting_for_worker(),
        "progress_done": Job.progress_done,
        "progress_total": Job.progress_total,
        "result": Job.result,
        "problem": Job.problem,
        "created_at": Job.created_at,
        "started_at": Job.started_at,
        "finished_at": Job.finished_at,
    },
    visible=Job.agency_id == ACTOR_AGENCY,
    default_sort="-created_at",
    owner="agency_id",
)
