"""What a job looks like."""

from marshmallow import fields

from catalogue.core.jobs.models import JobStatus
from catalogue.core.rest.schemas import Choice, Integer, ProblemField, ReadSchema, Text, Uuid


class JobSchema(ReadSchema):
    """A piece of work that goes on beside the request that asked for it."""

    id = Uuid()
    kind = Text(metadata={"example": "find_overlaps"})
    status = Choice(JobStatus)
    progress_done = Integer(metadata={"description": "Units of work done."})
    progress_total = Integer(
        allow_none=True, metadata={"description": "Units of work in all, once known."}
    )
    result = fields.Dict(allow_none=True, metadata={"description": "What came of it."})
    problem = ProblemField(allow_none=True, metadata={"description": "Why it failed (RFC 9457)."})
    created_at = fields.DateTime()
    started_at = fields.DateTime(allow_none=True)
    finished_at = fields.DateTime(allow_none=True)
