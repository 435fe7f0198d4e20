"""Files of OCDS releases in the forms that publishers use.

The forms are release packages, record packages, arrays, single releases and a release on each line.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from catalogue.data_exchange.ocds.documents import read_documents
from catalogue.data_exchange.problems import TableProblem, quoted

MOST_PARTS = 500
"""The largest number of parts in a release, as each is compared with all others."""


@dataclass
class ReleaseFile:
    """The releases of a file, each with the number of its line or its position."""

    kind: str
    releases: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    problems: list[TableProblem] = field(default_factory=list)
    """The lines or positions that hold no release, with the reasons."""
    sheet: None = None
    encoding: str = "utf-8"
    delimiter: None = None
    heading_row: None = None


def read_releases(content: bytes) -> ReleaseFile:
    """Return the releases of a file. Raises TableProblem if there are none."""
    documents = read_documents(content)
    release_file = ReleaseFile(documents.kind, problems=list(documents.problems))
    if documents.kind == "json":
        ((_, document),) = documents.found
        release_file.kind = _kind(document)
        for number, release in enumerate(_releases_in(document), 1):
            _add_release(release_file, number, release)
    else:
        for number, document in documents.found:
            for release in _releases_in(document):
                _add_release(release_file, number, release)
    if not release_file.releases and not (
        release_file.problems and release_file.kind != "json_lines"
    ):
        raise TableProblem(
            "no_releases",
            "The file is JSON, but holds no OCDS release. Send one release, a package of releases "
            "or records, an array, or one release on each line.",
        )
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
    elif not isinstance(document, dict):
        yield document
    elif isinstance(document.get("records"), list):
        for record in document["records"]:
            yield from _releases_of_record(record) if isinstance(record, dict) else [record]
    elif "compiledRelease" in document or "versionedRelease" in document:
        yield from _releases_of_record(document)
    elif isinstance(document.get("releases"), list):
        if "ocid" in document:
            yield from _releases_of_record(document)
        else:
            yield from document["releases"]
    else:
        yield document


def _releases_of_record(record: dict[str, Any]) -> Iterator[Any]:
    """Yield the compiled release of a record, or else each release in it."""
    compiled = record.get("compiledRelease")
    releases = record.get("releases")
    # Publishers leave the OCID out of a release that is inside a record.
    ocid = {"ocid": record["ocid"]} if record.get("ocid") else {}
    if isinstance(compiled, dict):
        yield ocid | compiled
    elif isinstance(releases, list) and releases:
        for release in releases:
            yield ocid | release if isinstance(release, dict) else release
    else:
        yield record


def _is_link(release: dict[str, Any]) -> bool:
    """Return whether an object only links to a release, as a record package can."""
    return bool(release.get("url")) and release.keys() <= {"url", "date", "tag", "ocid", "id"}


def _add_release(release_file: ReleaseFile, number: int, release: Any) -> None:
    if isinstance(release, dict) and _is_link(release):
        release_file.problems.append(
            TableProblem(
                "linked_release",
                "The record only links to its release. Download the release from its address, or "
                "send a package with whole releases.",
                number,
                "url",
                quoted(release["url"]),
            )
        )
        return
    if isinstance(release, dict) and "versionedRelease" in release:
        release_file.problems.append(
            TableProblem(
                "versioned_release",
                "The record lists only the versions of each value. Send a package with compiled "
                "releases, or with the releases themselves.",
                number,
                value=quoted(str(release.get("ocid") or "")[:200]),
            )
        )
        return
    if isinstance(release, dict) and isinstance(release.get("ocid"), str):
        if _number_of_parts(release) > MOST_PARTS:
            detail = (
                f"The release has more than {MOST_PARTS} parties, lots, awards and contracts. "
                "Split the release."
            )
            release_file.problems.append(
                TableProblem("too_large", detail, number, value=quoted(release["ocid"][:200]))
            )
            return
        release_file.releases.append((number, release))
        return
    detail = "The object is not a release, because it has no `ocid`. Add one, or remove the object."
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
