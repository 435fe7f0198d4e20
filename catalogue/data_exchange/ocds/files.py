"""Files of OCDS releases in the forms that publishers use: a release or record package, an array,
one release, or a release on each line."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from catalogue.data_exchange.problems import TableProblem, quoted

_MARK = b"\xef\xbb\xbf"

MOST_PARTS = 500
"""Of one release. Those that are published have a few dozen; each is looked up among the others."""


@dataclass
class ReleaseFile:
    """The releases of a file, each with its number: the line that it stands on, or its place."""

    kind: str
    releases: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    problems: list[TableProblem] = field(default_factory=list)
    """What on a line or at a place is no release."""
    sheet: None = None
    encoding: str = "utf-8"
    delimiter: None = None
    heading_row: None = None


def read_releases(content: bytes) -> ReleaseFile:
    """The releases of a file. TableProblem if it holds none, and nothing that could be one."""
    content = content.removeprefix(_MARK)
    try:
        document: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        found = _lines(content)
    else:
        found = ReleaseFile(_kind(document))
        for number, each in enumerate(_releases_in(document), 1):
            _add_release(found, number, each)
    if not found.releases and not (found.problems and found.kind != "json_lines"):
        raise TableProblem(
            "no_releases",
            "It holds no OCDS release: it should be JSON, with one release, a package, "
            "an array, or a release on each line.",
        )
    return found


def _lines(content: bytes) -> ReleaseFile:
    found = ReleaseFile("json_lines")
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            document = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            text = quoted(line[:200].decode(errors="replace"))
            detail = f"The line is not JSON: {error}."
            found.problems.append(TableProblem("malformed_json", detail, number, value=text))
            continue
        for each in _releases_in(document):
            _add_release(found, number, each)
    return found


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
        for each in document:
            yield from _releases_in(each) if isinstance(each, dict) else [each]
    elif isinstance(document, dict) and isinstance(document.get("releases"), list):
        yield from document["releases"]
    elif isinstance(document, dict) and isinstance(document.get("records"), list):
        for each in document["records"]:
            compiled = each.get("compiledRelease") if isinstance(each, dict) else None
            yield compiled if compiled is not None else each
    else:
        yield document


def _add_release(found: ReleaseFile, number: int, release: Any) -> None:
    if isinstance(release, dict) and isinstance(release.get("ocid"), str):
        if _number_of_parts(release) > MOST_PARTS:
            detail = f"It has more than {MOST_PARTS} parties, lots, awards and contracts."
            found.problems.append(
                TableProblem("too_large", detail, number, value=quoted(release["ocid"][:200]))
            )
            return
        found.releases.append((number, release))
        return
    detail = "It is no release: it has no ocid."
    # Not written out as JSON: what is nested deeply can be read, and not written.
    text = quoted(
        str(release.get("ocid") or "")[:200]
        if isinstance(release, dict)
        else type(release).__name__
    )
    found.problems.append(TableProblem("not_a_release", detail, number, value=text))


def _number_of_parts(release: dict[str, Any]) -> int:
    tender = release.get("tender")
    lots = tender.get("lots") if isinstance(tender, dict) else None
    parts = (lots, *(release.get(name) for name in ("parties", "awards", "contracts")))
    return sum(len(each) for each in parts if isinstance(each, list))
