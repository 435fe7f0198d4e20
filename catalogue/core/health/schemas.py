"""The schemas of the health checks."""

from marshmallow import fields

from catalogue.core.health.operations import CheckStatus, ReadinessStatus
from catalogue.core.rest.schemas import Choice, ReadSchema, Text


class LivenessSchema(ReadSchema):
    """The life of the process."""

    status = Text(
        metadata={
            "example": "ok",
            "description": "Always `ok`. A process that does not respond must be restarted.",
        }
    )


class HealthCheckSchema(ReadSchema):
    """The result of one check."""

    status = Choice(CheckStatus)
    detail = Text(
        metadata={
            "example": "Working normally.",
            "description": "The meaning of the status, and what to do.",
        }
    )


class HealthChecksSchema(ReadSchema):
    """The result of each check."""

    database = fields.Nested(
        HealthCheckSchema, metadata={"description": "The connection to the database."}
    )
    migrations = fields.Nested(
        HealthCheckSchema,
        metadata={"description": "The structure of the database, compared with this release."},
    )
    worker = fields.Nested(
        HealthCheckSchema,
        metadata={"description": "The presence of a worker, which runs the jobs."},
    )
    oldest_job = fields.Nested(
        HealthCheckSchema,
        metadata={"description": "The age of the oldest queued job, a warning after 10 minutes."},
    )


class ReadinessSchema(ReadSchema):
    """The readiness of the server, and the result of each check."""

    status = Choice(ReadinessStatus)
    checks = fields.Nested(
        HealthChecksSchema, metadata={"description": "The result of each check."}
    )
