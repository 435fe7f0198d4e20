"""Exports: a whole list as a file for spreadsheet programs, read in one state of the database.

The file is complete before the response begins. So a failure never leaves a truncated file, the
token check and the access log come first, and a slow client occupies no connection to the database.
Memory holds one batch of records, and a temporary file holds the rest. Few exports run at once.
An export that is sent from a file keeps its place until the response is closed.
"""

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from itertools import chain
from typing import IO, TYPE_CHECKING

from flask import Response, request

from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.errors import FieldError, Unavailable, bad_parameter, bad_parameters
from catalogue.core.rest.accept import best_media
from catalogue.core.rest.etag import client_has, document_response
from catalogue.core.rest.list_format import JSON, LIST_MEDIA, ListFormat
from catalogue.core.rest.query import PAGING, ListQuery
from catalogue.core.rest.reader import read_batches
from catalogue.core.rest.resource import Resource
from catalogue.core.rest.table_cells import columns_of, keys_in, maps_of, rows_of
from catalogue.core.snapshot import snapshot
from catalogue.core.tables.cells import MOST_ROWS, Cell, TooManyRows
from catalogue.core.tables.formats import (
    CSV_MEDIA,
    MEDIA,
    TableFormat,
    content_type,
    write_table,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

KEPT_IN_MEMORY = 1 << 20
"""The largest export, in bytes, that is kept in memory and not in a file on disk."""
MOST_EXPORTS = 2
"""The most exports that a server process makes, or sends from a file, at one time.

A server needs more threads than this, or slow readers of large files stop every other request.
"""
_PLACES = threading.BoundedSemaphore(MOST_EXPORTS)
_RETRY_AFTER = "5"
_LONGEST_SHEET_NAME = 31
_PIECE = 1 << 16


def requested_format(query: ListQuery) -> TableFormat | None:
    """Return the requested file format, or None for a page of JSON."""
    if query.format is not None:
        return query.format.table_format
    media = best_media(LIST_MEDIA) or JSON
    return dict(zip(LIST_MEDIA, ListFormat, strict=True))[media].table_format


def accepted_table_format() -> TableFormat:
    """Return the file format that the client prefers for a table. The default is CSV."""
    media = best_media(list(MEDIA.values())) or CSV_MEDIA
    return next(table_format for table_format, name in MEDIA.items() if name == media)


def export_response(
    context: Context,
    resource: Resource,
    query: ListQuery,
    table_format: TableFormat,
    *,
    as_of: datetime | None = None,
) -> Response:
    """Respond with the whole list as a file. Raises BadRequest if the query names a page."""
    _require_no_page(request.args)
    with _export_file() as (file, place):
        write_list(file, context, resource, query, table_format, as_of=as_of)
        response = file_response(file, table_format, name=list_name(resource), place=place)
    # A shared cache must not give a file to a client that accepts JSON.
    response.headers["Vary"] = "Accept"
    return response


def write_list(
    target: IO[bytes],
    context: Context,
    resource: Resource,
    query: ListQuery,
    table_format: TableFormat,
    *,
    as_of: datetime | None = None,
) -> None:
    """Write all rows that the actor can see. Raises BadRequest if a file cannot hold them."""
    if query.etags:
        detail = "A file has no entity tags. Remove `etag`, or request pages of JSON."
        raise bad_parameter("fields", "unexpected", detail)
    names = query.shape.fields or resource.names
    with snapshot(context.work):
        keys = _keys_of_maps(context, resource, query, as_of)
        keyed = resource.map_keys
        declared = keyed.declared(context) if keyed and keyed.field in keys else {}
        columns = columns_of(resource, names, keys, declared)
        batches = read_batches(context, resource, query, as_of=as_of)
        try:
            write_table(
                target,
                table_format,
                sheet_name=list_name(resource)[:_LONGEST_SHEET_NAME],
                headings=[column.heading for column in columns],
                rows=rows_of(columns, chain.from_iterable(batches)),
            )
        except TooManyRows:
            raise bad_parameter(
                "format",
                "too_many",
                f"The list has more than {MOST_ROWS:,} rows, and a sheet cannot hold them. Filter "
                "the list, or use `format=csv`.",
            ) from None


def _keys_of_maps(
    context: Context, resource: Resource, query: ListQuery, as_of: datetime | None
) -> dict[str, set[str]]:
    """Return the keys in each map of the list, because each key needs a heading."""
    maps = maps_of(resource, query.shape.fields or resource.names)
    if not maps:
        return {}
    narrow = replace(query, shape=replace(query.shape, fields=("id", *maps)))
    batches = read_batches(context, resource, narrow, as_of=as_of)
    return keys_in(maps, chain.from_iterable(batches))


def table_response(
    table_format: TableFormat,
    *,
    name: str,
    headings: "Sequence[str]",
    rows: "Iterable[Sequence[Cell]]",
) -> Response:
    """Respond with a file of a table that is not a list of records."""
    with _export_file() as (file, place):
        write_table(file, table_format, sheet_name=name, headings=headings, rows=rows)
        return file_response(file, table_format, name=name, place=place)


def list_name(resource: Resource) -> str:
    """Return the name of a list for files and commands: the last part of its path."""
    return resource.path.rsplit("/", 1)[-1]


def file_response(
    file: IO[bytes], table_format: TableFormat, *, name: str, place: ExitStack
) -> Response:
    """Respond with a finished file, or with 304 if the client already has the same file.

    A response in memory frees the place of the export at once. A response from a file frees the
    place when the response is closed.
    """
    headers = {
        "Content-Disposition": (
            f'attachment; filename="{name}-{clock.today().isoformat()}.{table_format.value}"'
        )
    }
    size = file.seek(0, os.SEEK_END)
    if size <= KEPT_IN_MEMORY:
        file.seek(0)
        with place:
            return document_response(file.read(), media=content_type(table_format), headers=headers)
    etag = _etag_of(file)
    headers |= {"Cache-Control": "private, no-cache", "ETag": f'"{etag}"'}
    if client_has(etag):
        place.close()
        return Response(status=304, headers=headers)
    response = Response(
        _pieces(file),
        headers=headers | {"Content-Length": str(size)},
        content_type=content_type(table_format),
    )
    response.call_on_close(place.close)
    return response


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    with file:
        while piece := file.read(_PIECE):
            yield piece


@contextmanager
def _export_file() -> Iterator[tuple[IO[bytes], ExitStack]]:
    """Open a temporary file, and take a place for an export.

    The stack closes the file and frees the place, at once if the response cannot be made. Raises
    Unavailable if no place is free.
    """
    if not _PLACES.acquire(blocking=False):
        raise Unavailable(
            "The service is making as many files as it can. Try again in a few seconds.",
            headers={"Retry-After": _RETRY_AFTER},
        )
    place = ExitStack()
    place.callback(_PLACES.release)
    try:
        file = tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY)  # noqa: SIM115 - the stack closes it
        place.enter_context(file)
        yield file, place
    except BaseException:
        place.close()
        raise


def _etag_of(file: IO[bytes]) -> str:
    digest = sha256()
    file.seek(0)
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()[:32]


def _require_no_page(arguments: "Mapping[str, str]") -> None:
    errors = [
        FieldError(
            f"?{name}",
            "unexpected",
            f"A file holds the whole list. Remove `{name}`, or use `format=json`.",
        )
        for name in PAGING
        if name in arguments
    ]
    if errors:
        raise bad_parameters(errors)
