"""The schema of a job in a response."""

from marshmallow import fields

from catalogue.core.jobs.models import JobStatus
from catalogue.core.rest.schemas import (
    Boolean,
    Choice,
    Integer,
    ProblemField,
    ReadSchema,
    Text,
    Uuid,
)


class JobSchema(ReadSchema):
    """A piece of work that continues after the response to the request that queued it."""

    id = Uuid()
    kind = Text(
        metadata={"example": "find_overlaps", "description": "The kind of work that the job does."}
    )
    status = Choice(JobStatus)
    waiting_for_worker = Boolean(
        metadata={
            "description": "True while the job is queued and no worker runs. If it stays true, "
            "contact the operator of the service.",
        }
    )
    progress_done = Integer(
        metadata={"description": "The units of work that are done, such as rows of a file."}
    )
    progress_total = Integer(
        allow_none=True,
        metadata={"description": "The units of work in total. Null until they are counted."},
    )
    result = fields.Dict(
        allow_none=True,
        metadata={
            "description": "The result, which depends on the kind. Null until the job succeeds."
        },
    )
    problem = ProblemField(
        allow_none=True,
        metadata={"description": "Why the job failed (RFC 9457). Null unless it has failed."},
    )
    created_at = fields.DateTime(metadata={"description": "When the job was queued, in UTC."})
    started_at = fields.DateTime(
        allow_none=True,
        metadata={"description": "When a worker first ran the job. Null while it is queued."},
    )
    finished_at = fields.DateTime(
        allow_none=True,
        metadata={
            "description": "When the job succeeded, failed or was cancelled. Null before that."
        },
    )
