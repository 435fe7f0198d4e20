"""Endpoint for the progress of a programme and the records that need attention."""

from datetime import datetime
from uuid import UUID

import orjson
from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.as_of_parameter import AsOfQuery
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.etag import json_response
from catalogue.core.rest.reader import get_record
from catalogue.programmes.progress.operations import get_summary
from catalogue.programmes.progress.schemas import ProgrammeSummarySchema
from catalogue.programmes.resources import PROGRAMMES

progress = Blueprint(
    "progress",
    __name__,
    url_prefix="/v1/programmes",
    description="The progress of programmes, and the records that need their board's attention.",
)


@progress.get(
    "/<uuid:programme_id>/summary",
    scope=Scope.PROGRAMMES_READ,
    query=AsOfQuery,
    response=ProgrammeSummarySchema,
)
def get_programme_summary(context: Context, programme_id: UUID, as_of: datetime | None) -> Response:
    """Get the progress of a programme and what needs attention.

    The summary covers only the records that you can see.
    """
    programme = get_record(context, PROGRAMMES, programme_id)
    return json_response(orjson.dumps(get_summary(context, programme, as_of=as_of)))
