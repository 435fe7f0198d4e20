"""Declaration of the jobs that an agency can read: its own."""

from catalogue.core.jobs.models import Job
from catalogue.core.jobs.schemas import JobSchema
from catalogue.core.rest.resource import Resource
from catalogue.core.sharing import ACTOR_AGENCY

JOBS = Resource(
    name="job",
    path="/v1/jobs",
    model=Job,
    schema=JobSchema,
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
