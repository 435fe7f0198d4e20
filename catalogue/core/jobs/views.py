"""Reading jobs."""

from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.jobs.models import Job
from catalogue.core.jobs.schemas import JobSchema
from catalogue.core.reach import ACTOR_AGENCY
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.resource import Resource

blp = Blueprint(
    "jobs", __name__, url_prefix="/v1/jobs", description="Work that goes on beside a request."
)

JOBS = Resource(
    name="job",
    path="/v1/jobs",
    model=Job,
    answer=JobSchema,
    columns={
        "id": Job.id,
        "kind": Job.kind,
        "status": Job.status,
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


@blp.get("", scope=Scope.SYSTEMS_READ, lists=JOBS)
def list_jobs() -> Response:
    """List the jobs that one's own agency asked for, newest first."""
    return JOBS.listing()


@blp.get("/<uuid:job_id>", scope=Scope.SYSTEMS_READ, answer=JobSchema)
def get_job(job_id: UUID) -> Response:
    """Read how far a job has come."""
    return JOBS.read(job_id)
