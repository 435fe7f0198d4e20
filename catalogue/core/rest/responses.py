"""Responses with records: lists and single records, and the locks that a change needs."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from flask import Response, request

from catalogue.core.context import Context
from catalogue.core.errors import NotFound, invalid
from catalogue.core.rest.etag import etag_of, has_match_header, json_response, require_match
from catalogue.core.rest.list_export import export_response, requested_format
from catalogue.core.rest.list_request import read_list_query
from catalogue.core.rest.query import ETAG, ListQuery, cursor_after
from catalogue.core.rest.reader import (
    RecordPage,
    absence_of,
    count_rows,
    get_own_record,
    get_record,
    read_document,
    read_page,
    require_owner,
    require_visible,
)
from catalogue.core.rest.resource import Resource


def list_response(context: Context, resource: Resource, **within: Any) -> Response:
    """Respond with the records that the query matches and the actor can see.

    The response is one page as JSON or the whole list as a file, as `format` or `Accept` decides.
    `within` narrows the list by fields from the path, such as to the uses of one system.
    """
    arguments: dict[str, list[str]] = request.args.to_dict(flat=False)
    query, as_of = read_list_query(context, resource, arguments)
    query = query.within(within)
    table_format = requested_format(query)
    if table_format is not None:
        return export_response(context, resource, query, table_format, as_of=as_of)
    page = _read_page(context, resource, query, as_of)
    page_info: dict[str, Any] = {"next_cursor": None, "has_more": page.more_after is not None}
    headers = {"Vary": "Accept"}
    if page.more_after is not None:
        page_info["next_cursor"] = cursor_after(query.shape.sort, page.more_after, query.key_names)
        headers["Link"] = _next_link(page_info["next_cursor"])
    if query.total:
        counted = count_rows(context, resource, query, as_of=as_of)
        page_info["total"] = counted
        if query.total_limit is not None:
            page_info["total"] = min(counted, query.total_limit)
            page_info["has_more_than_total"] = counted > query.total_limit
    body = b'{"items":[%b],"page":%b}' % (b",".join(page.documents), orjson.dumps(page_info))
    return json_response(body, headers=headers)


def _read_page(
    context: Context, resource: Resource, query: ListQuery, as_of: datetime | None
) -> RecordPage:
    """Read a page. A row's entity tag is that of the whole record, whatever `fields` names."""
    if not query.etags:
        return read_page(context, resource, query, as_of=as_of)
    whole = replace(query, shape=replace(query.shape, fields=()))
    page = read_page(context, resource, whole, as_of=as_of)
    documents = []
    for document in page.documents:
        record = orjson.loads(document)
        row = {name: record[name] for name in query.shape.fields}
        documents.append(orjson.dumps(row | {ETAG: f'"{etag_of(document)}"'}))
    return replace(page, documents=documents)


def record_response(
    context: Context,
    resource: Resource,
    identity: UUID,
    *,
    status: int = 200,
    as_of: datetime | None = None,
    **within: UUID,
) -> Response:
    """Respond with one record as the actor sees it. Raises NotFound if the actor cannot see it.

    `within` holds fields from the path, so that a record of another system is not found. Raises
    Gone for a merged duplicate, with the path of the record that replaced it.
    """
    try:
        document = read_document(context, resource, identity, as_of=as_of)
    except NotFound:
        if as_of is not None:
            raise
        raise absence_of(context, resource, identity) from None
    if within:
        fields = orjson.loads(document)
        if any(fields[name] != str(value) for name, value in within.items()):
            raise resource.absent()
    created = status in {201, 202}
    headers = {}
    if created:
        path = f"{resource.path.format(**within)}/{identity}"
        headers["Location"] = f"{context.settings.public_path}{path}"
    return json_response(document, status=status, headers=headers)


def lock_for_update(context: Context, resource: Resource, identity: UUID, **within: UUID) -> Any:
    """Get an entity, locked, for its owner to change. `within` holds fields from the path.

    Raises NotFound if the actor cannot see the entity, and Forbidden if the actor cannot change it.
    Raises PreconditionFailed if If-Match names another state of the entity.
    """
    record = get_own_record(context, resource, identity, lock=True, **within)
    require_match_of_record(context, resource, identity)
    return record


def lock_for_merger(
    context: Context, resource: Resource, identity: UUID, duplicate_id: UUID
) -> tuple[Any, Any]:
    """Get the record that stays and its duplicate, both locked.

    Raises Forbidden unless the actor can change both. Raises Unprocessable for a duplicate that the
    actor cannot see.
    """
    if identity == duplicate_id:
        detail = f"A {resource.noun} cannot be merged with itself. Name its duplicate."
        raise invalid("/duplicate_id", "circular", detail)
    require_visible(context, resource, identity)
    records: dict[UUID, Any] = {}
    # Always in one order, so that two mergers cannot wait for each other.
    for each in sorted((identity, duplicate_id)):
        try:
            records[each] = get_record(context, resource, each, lock=True)
        except NotFound:
            detail = resource.explain_unknown()
            raise invalid("/duplicate_id", "unknown", detail) from None
    require_owner(context, resource, records[identity])
    require_owner(context, resource, records[duplicate_id])
    if has_match_header():
        require_match_of_record(context, resource, identity)
    return records[identity], records[duplicate_id]


def require_match_of_record(context: Context, resource: Resource, identity: UUID) -> None:
    """Raise PreconditionFailed if If-Match names another state of the record."""
    require_match(etag_of(read_document(context, resource, identity)))


def _next_link(cursor: str) -> str:
    arguments = request.args.copy()
    arguments["cursor"] = cursor
    query = urlencode(list(arguments.items(multi=True)))
    return f'<{request.script_root}{request.path}?{query}>; rel="next"'
