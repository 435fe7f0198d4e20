"""Endpoints to follow, cancel and retry an agency's jobs."""

from dataclasses import replace
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.database import UnitOfWork
from catalogue.core.jobs import operations
from catalogue.core.jobs.resources import JOBS
from catalogue.core.jobs.schemas import JobSchema
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.reader import get_own_record
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response, record_response

blp = Blueprint(
    "jobs",
    __name__,
    url_prefix="/v1/jobs",
    description="Work that continues after the response to a request.",
)


@blp.get("", scope=Scope.SYSTEMS_READ, list_of=JOBS)
def list_jobs(context: Context) -> Response:
    """List your agency's jobs, newest first."""
    return list_response(context, JOBS)


add_get(blp, JOBS, scope=Scope.SYSTEMS_READ)


@blp.post("/<uuid:job_id>/cancel", scope=Scope.SYSTEMS_READ, response=JobSchema, status=200)
def cancel_job(context: Context, job_id: UUID) -> Response:
    """Cancel a job of your agency that has not ended.

    A queued job never runs. A running job stops at its next step, and nothing of its work is kept.
    Your token also needs the scope that queues such a job, such as `imports:write`.
    """
    with UnitOfWork(context.database, read_only=True) as reading:
        before = replace(context, work=reading)
        job = get_own_record(before, JOBS, job_id, lock=False)
        operations.require_scope_of_kind(before, job)
        operations.request_stop(before, job)
    operations.cancel_job(context, get_own_record(context, JOBS, job_id))
    return record_response(context, JOBS, job_id)


@blp.post("/<uuid:job_id>/retry", scope=Scope.SYSTEMS_READ, response=JobSchema, status=202)
def retry_job(context: Context, job_id: UUID) -> Response:
    """Queue a job of your agency again that failed or was cancelled.

    The job runs for your client, with the scopes of your token. Your token also needs the scope
    that queues such a job. An import whose file was deleted cannot be retried.
    """
    operations.retry_job(context, get_own_record(context, JOBS, job_id))
    return record_response(context, JOBS, job_id, status=202)
