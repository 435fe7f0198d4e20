"""Bulk operations: many records in one request, which succeed together or one by one."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import marshmallow as ma
import orjson
from flask import Response
from sqlalchemy.exc import IntegrityError

from catalogue.core.context import Context
from catalogue.core.errors import FieldError, Forbidden, Problem, Unprocessable
from catalogue.core.rest.bulk_schemas import BulkMode
from catalogue.core.rest.error_handlers import conflict_of
from catalogue.core.rest.etag import etag_of, json_response
from catalogue.core.rest.loading import load
from catalogue.core.rest.reader import lock_in_order, read_document
from catalogue.core.rest.resource import Resource


def run_bulk(
    context: Context,
    items: list[Any],
    *,
    schema: ma.Schema,
    each: Callable[[dict[str, Any]], Any],
    resource: Resource,
    status: int,
    mode: BulkMode,
    dry_run: bool,
    changed: Resource | None = None,
    changed_id: str = "id",
) -> Response:
    """Run `each` for every item, and respond with all results. `each` returns an entity.

    Items that create records of `resource` can change records of another, `changed`. The field
    `changed_id` of an item has the id of the record that it changes.
    In atomic mode, one invalid item undoes everything. Unprocessable then lists every invalid item.
    """
    results: list[dict[str, Any]] = []
    problems: list[tuple[int, Problem]] = []
    session = context.session
    lock_in_order(context, changed or resource, set(_ids_in(items, changed_id)))
    outer = session.begin_nested()
    for index, item in enumerate(items):
        nested = session.begin_nested()
        try:
            entity = each(load(schema, item))
            session.flush()
            nested.commit()
            results.append(_success(context, index, status, entity.id, resource))
        except (Problem, IntegrityError) as error:
            nested.rollback()
            problem = error if isinstance(error, Problem) else conflict_of(error)
            problems.append((index, problem))
            results.append(_failure(index, problem))
    if problems and mode is BulkMode.ATOMIC:
        outer.rollback()
        raise Unprocessable(
            f"{len(problems)} of {len(items)} items are invalid, so nothing was changed. "
            "Correct the items that `errors` lists.",
            errors=[
                error for index, problem in problems for error in _located_errors(index, problem)
            ],
        )
    if dry_run:
        outer.rollback()
        for result in results:
            result["etag"] = None
            if status == 201:
                result["id"] = None
    else:
        outer.commit()
    body = {
        "succeeded": len(items) - len(problems),
        "failed": len(problems),
        "dry_run": dry_run,
        "items": results,
    }
    return json_response(orjson.dumps(body))


def _ids_in(items: list[Any], name: str) -> Iterator[UUID]:
    """Yield the ids of the records that the items change. Invalid ids are refused later."""
    for item in items:
        with suppress(KeyError, TypeError, ValueError, AttributeError):
            yield UUID(item[name])


def _success(
    context: Context, index: int, status: int, identity: UUID, resource: Resource
) -> dict[str, Any]:
    etag = f'"{etag_of(read_document(context, resource, identity))}"'
    return {"index": index, "status": status, "id": identity, "etag": etag, "problem": None}


def _failure(index: int, problem: Problem) -> dict[str, Any]:
    return {
        "index": index,
        "status": int(problem.status),
        "id": None,
        "etag": None,
        "problem": problem.document(),
    }


def _located_errors(index: int, problem: Problem) -> list[FieldError]:
    detail = problem.document()["detail"]
    # Forbidden and NotFound list no errors of their own. All other problems of items do.
    errors = problem.errors or [
        FieldError("", "forbidden" if isinstance(problem, Forbidden) else "not_found", detail)
    ]
    return [FieldError(f"/items/{index}{e.pointer}", e.code, e.detail) for e in errors]
