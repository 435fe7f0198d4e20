"""The operation that every resource has: get one record by its id."""

import re
from uuid import UUID

from flask import Response

from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.rest.blueprint import Blueprint
from catalogue.core.rest.resource import Resource
from catalogue.core.rest.responses import record_response
from catalogue.core.text import with_article


def noun_of(resource: Resource) -> str:
    """Return a resource's name as it is in operation ids and path parameters."""
    return re.sub("[ -]", "_", resource.name)


def name_with_article(resource: Resource) -> str:
    """Return a resource's name for a sentence, such as "an access grant"."""
    return with_article(noun_of(resource).replace("_", " "))


def add_get(blueprint: Blueprint, resource: Resource, *, scope: Scope) -> None:
    """Register `GET …/<id>` under the operation id `get_` and the resource's name."""
    noun = noun_of(resource)

    def get_record(context: Context, **path: UUID) -> Response:
        (identity,) = path.values()
        return record_response(context, resource, identity)

    get_record.__name__ = f"get_{noun}"
    get_record.__doc__ = f"Get {name_with_article(resource)} by its id."
    problems = () if resource.was_visible is None else (410,)
    blueprint.get(f"/<uuid:{noun}_id>", scope=scope, response=resource.schema, problems=problems)(
        get_record
    )
