"""Reading of the parameters of a list, for a response or for a command."""

from datetime import datetime

from catalogue.core.context import Context
from catalogue.core.rest.as_of_parameter import take_as_of
from catalogue.core.rest.known_codes import require_known_codes
from catalogue.core.rest.query import ListQuery
from catalogue.core.rest.resource import Resource


def read_list_query(
    context: Context, resource: Resource, arguments: dict[str, list[str]]
) -> tuple[ListQuery, datetime | None]:
    """Read the parameters of a list. Return the query, and the past moment to read or None.

    Raises BadRequest if a parameter is unknown or invalid, or names an unknown code.
    """
    as_of = None if resource.as_of is None else take_as_of(arguments)
    keyed = resource.map_keys
    keys = keyed.declared(context) if keyed and keyed.are_named(arguments) else {}
    query = resource.list_parameters.read(arguments, keys)
    require_known_codes(context, resource, query)
    return query, as_of
