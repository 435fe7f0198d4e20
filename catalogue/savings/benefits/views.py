"""Benefits over HTTP."""

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
    description="What programmes save, and what that costs.",
)


@benefits.get("/<uuid:programme_id>/benefits", scope=Scope.SAVINGS_READ, response=BenefitsSchema)
def get_programme_benefits(context: Context, programme_id: UUID) -> Response:
    """Add up a programme's baseline, savings and costs by year and agency, at present value.

    Costs are counted with the scope `costs:read`. They stand in full against what is forecast, what
    is validated and what is realised. The net present value is the sum of each year's net amount
    divided by 1.035 to the power of the years since the base year, rounded once, to the penny.
    """
    programme = get_record(context, PROGRAMMES, programme_id)
    return json_response(orjson.dumps(calculate_benefits(context, programme)))
