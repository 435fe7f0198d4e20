"""Checks that a package conforms to OCDS 1.1.

They use the standard's schema, if it is available, and the rules that a schema cannot express.
"""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import referencing
from referencing.jsonschema import DRAFT4

from tests.stores import ROOT

STANDARDS = Path(os.environ.get("CATALOGUE_OCDS_SCHEMA") or ROOT.parent / "shared/data/standards")
PACKAGE, RELEASE = "release-package-schema.json", "release-schema.json"
with_schema = pytest.mark.skipif(
    not (STANDARDS / PACKAGE).is_file(),
    reason="CATALOGUE_OCDS_SCHEMA names no directory with the standard's schemas",
)
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"


@cache
def _validator() -> Any:
    found = [json.loads((STANDARDS / name).read_text()) for name in (PACKAGE, RELEASE)]
    registry: Any = referencing.Registry().with_resources(
        (schema["id"], DRAFT4.create_resource(schema)) for schema in found
    )
    kind = jsonschema.Draft4Validator
    return kind(found[0], registry=registry, format_checker=kind.FORMAT_CHECKER)


def faults_of(package: Any) -> list[str]:
    """Return the errors of a package by the standard's schema."""
    return [f"{error.json_path}: {error.message}" for error in _validator().iter_errors(package)]


def package_faults(package: dict[str, Any]) -> list[str]:
    """Return the errors of a package by the standard's text, which needs no schema."""
    faults = [n for n in ("uri", "version", "publishedDate", "publisher") if not package.get(n)]
    faults += [] if package["releases"] else ["no release"]
    ids = [(release["ocid"], release["id"]) for release in package["releases"]]
    faults += [] if len(set(ids)) == len(ids) else ["an id twice"]
    for release in package["releases"]:
        parties = {party["id"]: party["name"] for party in release["parties"]}
        named = [
            release["buyer"],
            *(s for a in release.get("awards", []) for s in a.get("suppliers", [])),
        ]
        faults += [f"no party {n}" for n in named if parties.get(n["id"]) != n["name"]]
        awards = {award["id"] for award in release.get("awards", [])}
        faults += [c["id"] for c in release.get("contracts", []) if c["awardID"] not in awards]
        faults += [] if re.fullmatch(r"ocds-[a-z0-9]{6}-.+", release["ocid"]) else ["ocid"]
        faults += [text for text in _moments(release) if not re.fullmatch(MOMENT, text)]
        faults += [f"empty: {path}" for path in _empty(release)]
    return faults


def _moments(node: Any) -> list[str]:
    if isinstance(node, list):
        return [text for each in node for text in _moments(each)]
    if not isinstance(node, dict):
        return []
    own = [v for n, v in node.items() if n == "date" or n.endswith("Date")]
    return own + [text for each in node.values() for text in _moments(each)]


def _empty(node: Any, path: str = "") -> list[str]:
    if isinstance(node, dict):
        return [p for n, each in node.items() for p in _empty(each, f"{path}/{n}")] or (
            [] if node else [path]
        )
    if isinstance(node, list):
        return [p for each in node for p in _empty(each, path)] if node else [path]
    return [path] if node in (None, "") else []
