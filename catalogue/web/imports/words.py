"""Sentences of the pages of imports. The API's own sentences name options that pages do not have."""

import re
from collections.abc import Mapping
from typing import Any

from catalogue.web.wording import label

NOUNS = {
    "systems": ("system", "systems"),
    "contracts": ("contract", "contracts"),
    "costs": ("cost line", "cost lines"),
    "interfaces": ("interface", "interfaces"),
    "uses": ("use of a system", "uses of systems"),
    "suppliers": ("supplier", "suppliers"),
    "products": ("product", "products"),
}
"""The noun for a record of each kind, and its plural."""

_REGISTER = (
    "This column holds ids, which mean something only within a named register. "
    "Enter the register of the ids, or leave the column out."
)
_OTHER_NAME = (
    "The id leads to a record with another name, so rows may have moved. "
    "Correct the ids, or confirm the new names."
)
_SENTENCES = {
    "source_required": _REGISTER,
    "row_numbers": "The ids are 1, 2, 3 and so on, and row numbers change with the next file. "
    "Leave the column out, or confirm the ids if they never change.",
    "possible_lifecycle": "This column holds lifecycle words, but no column fills the lifecycle. "
    "Choose Lifecycle as its field, or leave it out. New systems are then live.",
    "different_name": _OTHER_NAME,
    "name_of_another_record": _OTHER_NAME,
    "id_without_zeros": "The id differs from a recorded one only in its zeros. "
    "Correct the id, or confirm the ids.",
    "reused": "You sent this form before with another file. Choose the file again, and send it.",
    "unknown_value": "“{value}” is not a known word here. Choose its meaning below, or correct it.",
}
"""The sentences for codes whose details name options of the API."""

_NAMED_FIELD = re.compile(r"`([a-z_]+)`")


def sentence(problem: Mapping[str, Any]) -> str:
    """Return the text of a problem or notice for people."""
    text = _SENTENCES.get(problem["code"])
    if text is not None and not (problem["code"] == "unknown_value" and not problem["value"]):
        return text.format(value=problem["value"])
    return _NAMED_FIELD.sub(lambda found: label(found[1]), problem["detail"])


def counted(number: int, kind: str) -> str:
    """Return a number of records with their noun."""
    return f"{number:,} {NOUNS[kind][number != 1]}"


def headline(report: Mapping[str, Any]) -> str:
    """Return the outcome of an import, or the outcome that a dry run expects."""
    created, updated, same, rejected = (
        report[name] for name in ("created", "updated", "unchanged", "rejected")
    )
    does, makes, changes, leaves = (
        ("Loading this file would", "create", "update", "leave")
        if report["dry_run"]
        else ("This import", "created", "updated", "left")
    )
    parts = (
        f"{does} {makes} {counted(created, report['kind'])}, {changes} {updated:,} "
        f"and {leaves} {same:,} unchanged."
    )
    verb = "is" if report["dry_run"] else "was"
    verbs = "are" if report["dry_run"] else "were"
    if not rejected:
        return f"{parts} No row {verb} rejected."
    rows = "1 row " + verb if rejected == 1 else f"{rejected:,} rows {verbs}"
    return f"{parts} {rows} rejected."


def state(item: Mapping[str, Any]) -> tuple[str, str]:
    """Return the state of an import in words, and the colour of its tag."""
    if item["status"] in {"queued", "running"}:
        return "In progress", "blue"
    if item["undone_at"]:
        return "Undone", "grey"
    if item["status"] != "succeeded":
        return ("Cancelled", "grey") if item["status"] == "cancelled" else ("Failed", "red")
    if item["dry_run"]:
        return "Dry run", "yellow"
    return "Loaded", "green"
