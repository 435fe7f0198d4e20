"""Many records in one request: all or nothing, or each for itself, and a result for each."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any
from uuid import UUID

import marshmallow as ma
import orjson
from flask import Response
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalogue.core.errors import FieldError, Problem, Unprocessable
from catalogue.core.rest.body import load
from catalogue.core.rest.error_handlers import conflict_of
from catalogue.core.rest.etag import etag_of, json_response
from catalogue.core.rest.resource import Resource
from catalogue.core.rest.schemas import (
    Choice,
    Integer,
    ListOf,
    Nested,
    ProblemField,
    ReadSchema,
    Uuid,
    WriteSchema,
)

MOST_ITEMS = 500


class BulkMode(StrEnum):
    """Whether one bad item stops the others."""

    ATOMIC = "atomic"
    PARTIAL = "partial"


class BulkQuery(ma.Schema):
    """How a bulk request is to be carried out."""

    mode = Choice(
        BulkMode,
        load_default=BulkMode.ATOMIC,
        metadata={"description": "`atomic`: all items or none; `partial`: each for itself."},
    )
    dry_run = ma.fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "Say what would happen, and change nothing."},
    )


class BulkItemResult(ReadSchema):
    """What became of one item."""

    index = Integer(metadata={"description": "The item's place in the request, from 0."})
    status = Integer(metadata={"example": 201, "description": "The HTTP status it would have had."})
    id = Uuid(allow_none=True)
    etag = ma.fields.String(allow_none=True, metadata={"description": "For the next If-Match."})
    problem = ProblemField(allow_none=True, metadata={"description": "Why not (RFC 9457)."})


class BulkResult(ReadSchema):
    """What became of a bulk request."""

    succeeded = Integer()
    failed = Integer()
    dry_run = ma.fields.Boolean()
    items = ListOf(Nested(BulkItemResult))


def bulk_of(item: type[WriteSchema], name: str) -> type[WriteSchema]:
    """The body of a bulk request: a list of items, which are then loaded one by one."""
    items = ma.fields.List(
        _AnyItem(item, metadata={"description": "One record."}),
        required=True,
        validate=_not_too_many,
        metadata={"minItems": 1, "maxItems": MOST_ITEMS},
    )
    return type(name, (WriteSchema,), {"items": items, "__doc__": "Many records at once."})


class _AnyItem(Nested):
    """Documented as the item's schema, but left as it came: each item fails for itself."""

    def _deserialize(  # type: ignore[override]
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> Any:
        return value


def _not_too_many(items: list[Any]) -> None:
    if not 1 <= len(items) <= MOST_ITEMS:
        raise ma.ValidationError(f"From 1 to {MOST_ITEMS} items are allowed.")


def run_bulk(
    opened: Session,
    items: list[Any],
    *,
    schema: ma.Schema,
    each: Callable[[dict[str, Any]], Any],
    resource: Resource,
    status: int,
    mode: BulkMode,
    dry_run: bool,
) -> Response:
    """Carry out each item by `each`, which gives the entity, and answer with all results.

    Atomic: Unprocessable with a pointer to every bad item, and nothing is changed.
    """
    results: list[dict[str, Any]] = []
    problems: list[tuple[int, Problem]] = []
    outer = opened.begin_nested()
    for index, item in enumerate(items):
        nested = opened.begin_nested()
        try:
            entity = each(load(schema, item))
            opened.flush()
            nested.commit()
            results.append(_done(index, status, entity.id, resource))
        except (Problem, IntegrityError) as error:
            nested.rollback()
            problem = error if isinstance(error, Problem) else conflict_of(error)
            problems.append((index, problem))
            results.append(_not_done(index, problem))
    if problems and mode is BulkMode.ATOMIC:
        outer.rollback()
        raise Unprocessable(
            f"{len(problems)} of {len(items)} items are not acceptable; nothing was changed.",
            errors=[error for index, problem in problems for error in _pointed(index, problem)],
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


def _done(index: int, status: int, identity: UUID, resource: Resource) -> dict[str, Any]:
    etag = f'"{etag_of(resource.document(identity))}"'
    return {"index": index, "status": status, "id": identity, "etag": etag, "problem": None}


def _not_done(index: int, problem: Problem) -> dict[str, Any]:
    return {
        "index": index,
        "status": int(problem.status),
        "id": None,
        "etag": None,
        "problem": problem.document(),
    }


def _pointed(index: int, problem: Problem) -> list[FieldError]:
    own = problem.errors or [FieldError("", problem.kind, problem.detail or problem.title)]
    return [FieldError(f"/items/{index}{e.pointer}", e.code, e.detail) for e in own]
