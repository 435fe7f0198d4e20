"""Members of an overlap beside each other, with the fields in which they differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalogue.web.systems.sections import SECTIONS
from catalogue.web.wording import cell, show_field

MOST_COMPARED = 8
"""The most systems that fit beside each other on a page that people can still read."""

_LONG = frozenset({"name", "description"})


@dataclass(frozen=True)
class Row:
    """A field of all compared systems."""

    name: str
    values: tuple[str, ...]
    differs: bool


def choose_compared(members: list[dict[str, Any]], agency: str | None) -> list[str]:
    """Return the ids of the members to compare: your agency's first, then the most certain."""
    ranked = sorted(members, key=lambda m: (m["agency"] != agency, -m["score"], m["system_name"]))
    return [member["system_id"] for member in ranked[:MOST_COMPARED]]


def compare(systems: list[Mapping[str, Any]]) -> list[Row]:
    """Return a row for each field that at least one system has recorded.

    A value that is unknown or withheld makes no difference, because it could be the same.
    """
    rows = []
    for name in (name for section in SECTIONS for name in section.fields if name not in _LONG):
        known = {show_field(name, system.get(name)) for system in systems} - {""}
        if known:
            values = tuple(cell(system, name) for system in systems)
            rows.append(Row(name, values, differs=len(known) > 1))
    return rows
