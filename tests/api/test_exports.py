"""Every list as a file: the same rows and fields as its pages, in each format."""

import csv
import errno
import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
import python_calamine

from catalogue.core.application import database
from catalogue.core.rest import list_export
from catalogue.core.rest.list_format import LIST_MEDIA, ListFormat
from catalogue.core.rest.query import PAGING
from catalogue.core.rest.table_cells import columns_of
from catalogue.core.tables.formats import MEDIA, TableFormat
from tests.api.crowd import crowd, listed
from tests.api.refusals import pointers, problem_of
from tests.api.surface import JSON, LISTS, PROBLEM, Op, each
from tests.api.world import World


def exported(world: World, op: Op, **query: str) -> list[dict[str, str]]:
    """The rows of the list's CSV file."""
    answer = world.owner.get(world.url(op), query_string={"format": "csv"} | query)
    assert answer.status_code == 200, answer.text
    # Excel takes the text for Windows-1252 without the mark.
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return rows_in(answer.data)


def rows_in(data: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    text = data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@each(LISTS)
def test_file_of_a_list_has_the_rows_and_fields_of_its_pages(op: Op, world: World) -> None:
    rows = crowd(world, op)
    found = exported(world, op)
    assert [row["id"] for row in found] == [row["id"] for row in rows]
    headings = {heading.partition(".")[0] for heading in found[0]}
    assert headings == set(rows[0])
    for row, cells in zip(rows, found, strict=True):
        for name, value in row.items():
            if isinstance(value, str) and name in cells:
                assert cells[name].lstrip("'")[:10] == value.replace("\r", "")[:10].lstrip("'")
            elif value is None and name in cells:
                assert cells[name] == "", name
    # A filter, the order and the fields are those of the list.
    (name, *_) = op.kernel.list_of.list_parameters.sorts  # type: ignore[union-attr]
    narrowed: dict[str, Any] = {"fields": "id", "sort": f"-{name}", "id__in": rows[0]["id"]}
    assert exported(world, op, **narrowed) == [{"id": rows[0]["id"]}]
    turned = {"fields": "id", "sort": f"-{name}"}
    assert exported(world, op, **turned) == listed(world, op, **turned)
    # Other agencies find no more in the file than on the pages.
    for client in (world.partner, world.stranger):
        page = client.get(world.url(op), query_string={"limit": "200"})
        file = client.get(world.url(op), query_string={"format": "csv"})
        assert file.status_code == page.status_code
        if page.status_code == 200:
            shown: Any = page.json
            assert [cells["id"] for cells in rows_in(file.data)] == [
                row["id"] for row in shown["items"]
            ]
            for cells, row in zip(rows_in(file.data), shown["items"], strict=True):
                if isinstance(row.get("withheld"), list):
                    assert cells["withheld"] == "; ".join(row["withheld"])


@each(LISTS)
def test_list_is_sent_in_the_format_that_the_client_accepts(op: Op, world: World) -> None:
    url = world.url(op)
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    for list_format, media in zip(ListFormat, LIST_MEDIA, strict=True):
        accepted = world.owner.get(url, headers={"Accept": media})
        chosen = world.owner.get(
            url, query_string={"format": list_format.value}, headers={"Accept": browser}
        )
        for answer in (accepted, chosen):
            assert (answer.status_code, answer.mimetype) == (200, media)
            assert answer.headers["Vary"] == "Accept"
        assert accepted.data == chosen.data
        tag = {"If-None-Match": accepted.headers["ETag"], "Accept": media}
        assert world.owner.get(url, headers=tag).status_code == 304
        if list_format is not ListFormat.JSON:
            assert list_format.value in accepted.headers["Content-Disposition"]
        if list_format in {ListFormat.XLSX, ListFormat.ODS}:
            book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(chosen.data))
            resource = op.kernel.list_of
            assert resource is not None
            headings = [column.heading for column in columns_of(resource, resource.names)]
            assert book.get_sheet_by_index(0).to_python()[0] == headings
    assert world.owner.get(url, headers={"Accept": browser}).mimetype == JSON


@each(LISTS)
def test_file_of_a_list_refuses_the_parameters_of_a_page(op: Op, world: World) -> None:
    sent = {"limit": "5", "total": "true", "total_limit": "9", "cursor": "x"}
    problem = problem_of(
        world.owner.get(world.url(op), query_string=sent | {"format": "csv"}), 400, op
    )
    assert "?cursor" in pointers(problem)
    for name in set(PAGING) - {"cursor"}:
        query = {name: sent[name], "format": "ods"}
        problem = problem_of(world.owner.get(world.url(op), query_string=query), 400, op)
        assert pointers(problem) == [f"?{name}"]
    wrong = world.owner.get(world.url(op), query_string={"format": "pdf"})
    assert pointers(problem_of(wrong, 400, op)) == ["?format"]


@each(LISTS)
def test_document_has_every_format_of_a_list_with_json_first(op: Op) -> None:
    assert list(op.successes[200]["content"]) == [JSON, *(MEDIA[f] for f in TableFormat)]
    assert "format" in op.parameter_names("query")


def test_file_is_read_from_one_state_in_batches(world: World, monkeypatch: Any) -> None:
    """A system that somebody records between two batches is not in the file."""
    from catalogue.core.rest import reader
    from catalogue.core.rest.reader import _ResourceReader

    op = next(op for op in LISTS if op.name == "list_systems")
    rows = crowd(world, op)
    pages = []
    page = _ResourceReader.page

    def page_and_write(self: Any, *arguments: Any) -> Any:
        found = page(self, *arguments)
        pages.append(len(found.documents))
        if len(pages) == 1:
            with database(world.app).engine.begin() as other:
                other.exec_driver_sql("DELETE FROM attestation")
                other.exec_driver_sql("UPDATE system SET name = name || ' changed'")
        return found

    monkeypatch.setattr(reader, "FIRST_BATCH", 3)
    monkeypatch.setattr(reader, "SMALLEST_BATCH", 3)
    monkeypatch.setattr(reader, "LARGEST_BATCH", 3)
    monkeypatch.setattr(_ResourceReader, "page", page_and_write)
    found = exported(world, op)
    assert len(pages) > 2
    assert [row["name"] for row in found] == [row["name"] for row in rows]
    assert exported(world, op) != found


def test_large_file_is_sent_in_pieces(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    op = next(op for op in LISTS if op.name == "list_systems")
    crowd(world, op)
    url = f"{world.url(op)}?format=csv"
    small = world.owner.get(url)
    monkeypatch.setattr(list_export, "KEPT_IN_MEMORY", 100)
    monkeypatch.setattr(list_export, "_PIECE", 64)
    large = world.owner.get(url)
    assert large.data == small.data
    large.close()
    for name in ("ETag", "Content-Length", "Content-Type", "Content-Disposition", "Cache-Control"):
        assert large.headers[name] == small.headers[name], name
    with world.owner.get(url, headers={"If-None-Match": large.headers["ETag"]}) as unchanged:
        assert (unchanged.status_code, unchanged.data) == (304, b"")
    with world.owner.head(url) as answer:
        assert answer.headers["Content-Length"] == str(len(large.data))


def test_failure_while_a_file_is_written_sends_no_part_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    op = next(op for op in LISTS if op.name == "list_systems")
    crowd(world, op)
    monkeypatch.setitem(world.app.config, "PROPAGATE_EXCEPTIONS", False)

    def fail(*_arguments: Any) -> Any:
        raise OSError("The disc is full.")

    monkeypatch.setattr(list_export, "rows_of", fail)
    for table_format in TableFormat:
        answer = world.owner.get(world.url(op), query_string={"format": table_format.value})
        assert (answer.status_code, answer.mimetype) == (500, PROBLEM)
    monkeypatch.undo()
    assert exported(world, op)


@pytest.mark.parametrize("place", ["rows", "end"])
def test_full_disk_gives_503_and_leaves_no_temporary_file(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
) -> None:
    op = next(op for op in LISTS if op.name == "list_systems")
    crowd(world, op)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def fill(*_arguments: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        if place == "rows":
            full.setattr(list_export, "rows_of", fill)
        else:
            full.setattr(zipfile.ZipFile, "write", fill)
        formats = list(TableFormat) if place == "rows" else [TableFormat.XLSX]
        for table_format in formats:
            query = {"format": table_format.value}
            problem = problem_of(world.owner.get(world.url(op), query_string=query), 503, op)
            assert problem["detail"].startswith("The service has no room for the file.")
            assert list(tmp_path.iterdir()) == []
    assert exported(world, op)


def test_batch_has_few_large_records_and_many_small_records() -> None:
    from catalogue.core.rest.reader import BATCH_BYTES, _next_batch

    megabyte = 1 << 20
    assert _next_batch(100, 100 * megabyte) == 10
    assert _next_batch(10, 10 * 1000) == 20
    assert _next_batch(100, 100 * 1000) == 200
    assert _next_batch(800, 800 * 1000) == 1000
    assert _next_batch(100, 100 * (BATCH_BYTES // 50)) == 50
    assert _next_batch(100, 0) == 200


def test_slow_readers_of_large_files_hold_places_until_they_close(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    op = next(op for op in LISTS if op.name == "list_systems")
    crowd(world, op)
    url = f"{world.url(op)}?format=csv"
    for _ in range(list_export.MOST_EXPORTS + 1):
        assert world.owner.get(url).status_code == 200
    monkeypatch.setattr(list_export, "KEPT_IN_MEMORY", 100)
    slow = [world.owner.get(url) for _ in range(list_export.MOST_EXPORTS)]
    busy = world.owner.get(url)
    problem_of(busy, 503, op)
    assert int(busy.headers["Retry-After"]) > 0
    assert world.owner.get(world.url(op)).status_code == 200
    for answer in slow:
        answer.close()
    for _ in range(list_export.MOST_EXPORTS + 1):
        with world.owner.get(url) as answer:
            assert answer.status_code == 200
