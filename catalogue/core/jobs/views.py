"""Endpoints to follow an agency's jobs."""

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.jobs.resources import JOBS
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.record_operations import add_get
from catalogue.core.rest.responses import list_response

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
