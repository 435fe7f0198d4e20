"""Files of OCDS releases in the forms that publishers use.

These are release packages, record packages, arrays, single releases and a release on each line.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from catalogue.data_exchange.problems import TableProblem, quoted

_MARK = b"\xef\xbb\xbf"

MOST_PARTS = 500
"""The limit for one release, as each part is compared with the others. Real ones have dozens."""


@dataclass
class ReleaseFile:
    """The releases of a file, each with the number of its line or its position."""

    kind: str
    releases: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    problems: list[TableProblem] = field(default_factory=list)
    """Lines or positions without a release."""
    sheet: None = None
    encoding: str = "utf-8"
    delimiter: None = None
    heading_row: None = None


def read_releases(content: bytes) -> ReleaseFile:
    """Return the releases of a file. Raises TableProblem if there are none."""
    content = content.removeprefix(_MARK)
    try:
        document: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        release_file = _lines(content)
    else:
        release_file = ReleaseFile(_kind(document))
        for number, release in enumerate(_releases_in(document), 1):
            _add_release(release_file, number, release)
    if not release_file.releases and not (
        release_file.problems and release_file.kind != "json_lines"
    ):
        raise TableProblem(
            "no_releases",
            "The file holds no OCDS release. Send JSON with one release, a package, an array, "
            "or one release on each line.",
        )
    return release_file


def _lines(content: bytes) -> ReleaseFile:
    release_file = ReleaseFile("json_lines")
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            document = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            text = quoted(line[:200].decode(errors="replace"))
            detail = f"The line is not valid JSON: {error}."
            release_file.problems.append(TableProblem("malformed_json", detail, number, value=text))
            continue
        for release in _releases_in(document):
            _add_release(release_file, number, release)
    return release_file


def _kind(document: Any) -> str:
    if isinstance(document, list):
        return "json_array"
    if isinstance(document, dict) and isinstance(document.get("releases"), list):
        return "release_package"
    if isinstance(document, dict) and isinstance(document.get("records"), list):
        return "record_package"
    return "release"


def _releases_in(document: Any) -> Iterator[Any]:
    if isinstance(document, list):
        for item in document:
            yield from _releases_in(item) if isinstance(item, dict) else [item]
    elif isinstance(document, dict) and isinstance(document.get("releases"), list):
        yield from document["releases"]
    elif isinstance(document, dict) and isinstance(document.get("records"), list):
        for record in document["records"]:
            compiled = record.get("compiledRelease") if isinstance(record, dict) else None
            yield compiled if compiled is not None else record
    else:
        yield document


def _add_release(release_file: ReleaseFile, number: int, release: Any) -> None:
    if isinstance(release, dict) and isinstance(release.get("ocid"), str):
        if _number_of_parts(release) > MOST_PARTS:
            detail = f"The release has more than {MOST_PARTS} parties, lots, awards and contracts."
            release_file.problems.append(
                TableProblem("too_large", detail, number, value=quoted(release["ocid"][:200]))
            )
            return
        release_file.releases.append((number, release))
        return
    detail = "The object is not a release, because it has no `ocid`."
    # Deeply nested JSON can be read but not written, so the value is not shown as JSON.
    text = quoted(
        str(release.get("ocid") or "")[:200]
        if isinstance(release, dict)
        else type(release).__name__
    )
    release_file.problems.append(TableProblem("not_a_release", detail, number, value=text))


def _number_of_parts(release: dict[str, Any]) -> int:
    tender = release.get("tender")
    lots = tender.get("lots") if isinstance(tender, dict) else None
    parts = (lots, *(release.get(name) for name in ("parties", "awards", "contracts")))
    return sum(len(each) for each in parts if isinstance(each, list))
