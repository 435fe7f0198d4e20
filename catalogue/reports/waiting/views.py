"""Endpoint for the work that waits for the client's agency."""

from typing import Any

from catalogue.core.context import Context
from catalogue.core.rest.blueprint import ANY_TOKEN, Blueprint
from catalogue.reports.waiting.operations import count_waiting
from catalogue.reports.waiting.schemas import WaitingWorkSchema

waiting = Blueprint(
    "waiting",
    __name__,
    url_prefix="/v1/waiting",
    description="The work that waits for your agency.",
)


@waiting.get("", scope=ANY_TOKEN, response=WaitingWorkSchema)
def get_waiting_work(context: Context) -> dict[str, Any]:
    """Count the records that wait for your agency, each with the list of them.

    Each count needs the scope of its list. Without the scope the count is null, and `withheld`
    names it. A client without an agency gets 403.
    """
    return count_waiting(context)
