"""Endpoint for the savings, costs and net present value of a programme."""

from uuid import UUID

import orjson
from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.etag import json_response
from catalogue.core.rest.reader import get_record
from catalogue.programmes.resources import PROGRAMMES
from catalogue.savings.benefits.operations import calculate_benefits
from catalogue.savings.benefits.schemas import BenefitsSchema

benefits = Blueprint(
    "benefits",
    __name__,
    url_prefix="/v1/programmes",
    description="Benefits of programmes: their savings, costs and net present value.",
)


@benefits.get("/<uuid:programme_id>/benefits", scope=Scope.SAVINGS_READ, response=BenefitsSchema)
def get_programme_benefits(context: Context, programme_id: UUID) -> Response:
    """Get a programme's savings, costs and net present value.

    Costs need the scope `costs:read`. All costs are subtracted from forecast, validated and
    realised savings alike. The net present value adds up each year's net amount, divided by 1.035
    to the power of the years since the base year. The total is rounded once, to the penny.
    """
    programme = get_record(context, PROGRAMMES, programme_id)
    return json_response(orjson.dumps(calculate_benefits(context, programme)))
