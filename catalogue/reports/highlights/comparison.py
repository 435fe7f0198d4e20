"""What changed from one report to the next, by what the two say."""

from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]

FOLLOWED = {
    "migrations": (
        "migration_id",
        "system",
        (
            "stage",
            "planned_date",
            "forecast_date",
            "actual_date",
            "rag",
            "late",
            "blocked",
            "silent",
        ),
    ),
    "milestones": (
        "milestone_id",
        "name",
        ("planned_date", "forecast_date", "actual_date", "rag", "overdue"),
    ),
    "risks": ("risk_id", "title", ("status", "score", "rag", "owner")),
    "blockers": ("blocker_id", "title", ("resolved_on", "rag", "owner")),
    "decisions": ("required_decision_id", "question", ("status", "needed_by", "outcome")),
}
"""For each list: the id of a record, what it is called, and the fields that are compared."""

_MONEY = ("baseline", "forecast", "validated", "realised", "cost_to_achieve", "net_forecast")


def compare(before: Document, after: Document) -> Document:
    """What a report says that the one before did not, and the other way round.

    Both are contents with the narrative beside it, as `document_of` makes them.
    """
    return {
        "confidence": _change(before["content"], after["content"], "confidence", "rag"),
        "figures": list(_figures(before["content"], after["content"])),
        **{kind: _records(kind, before["content"], after["content"]) for kind in FOLLOWED},
        "narrative": sorted(
            name
            for name, text in after["narrative"].items()
            if text != before["narrative"].get(name)
        ),
    }


def is_unchanged(changes: Document) -> bool:
    """Whether nothing has changed."""
    return not (
        changes["confidence"]
        or changes["figures"]
        or changes["narrative"]
        or any(any(changes[kind].values()) for kind in FOLLOWED)
    )


def _change(before: Document, after: Document, part: str, name: str) -> Document | None:
    was, now = before[part][name], after[part][name]
    return None if was == now else {"before": was, "after": now}


def _figures(before: Document, after: Document) -> Iterator[Document]:
    for name in ("migrations", "moved", "complete", "users_moved", "cost_moved"):
        yield from _figure(name, before["progress"]["whole"], after["progress"]["whole"])
    for name in ("late", "blocked", "silent", "at_risk"):
        yield from _figure(name, before["progress"]["attention"], after["progress"]["attention"])
    for name in ("open", "red", "exposure"):
        yield from _figure(name, before["risks"], after["risks"], called=f"risks_{name}")
    if before["costs"] is not None and after["costs"] is not None:
        for name in _MONEY:
            yield from _figure(name, before["costs"]["total"], after["costs"]["total"])


def _figure(
    name: str, before: Document, after: Document, *, called: str | None = None
) -> Iterator[Document]:
    if before[name] != after[name]:
        yield {"figure": called or name, "before": before[name], "after": after[name]}


def _listed(kind: str, content: Document) -> list[Document]:
    found: list[Document]
    if kind in {"migrations", "milestones"}:
        found = content["schedule"][kind]
    else:
        found = content["risks"]["list"] if kind == "risks" else content[kind]
    return found


def _records(kind: str, before: Document, after: Document) -> Document:
    identity, called, followed = FOLLOWED[kind]
    earlier = {each[identity]: each for each in _listed(kind, before)}
    later = {each[identity]: each for each in _listed(kind, after)}
    changed = []
    for key, now in later.items():
        was = earlier.get(key)
        differing = was and [name for name in followed if was[name] != now[name]]
        if was and differing:
            changed.append(
                {
                    "id": key,
                    "name": now[called],
                    "changes": [
                        {"field": name, "before": was[name], "after": now[name]}
                        for name in differing
                    ],
                }
            )
    return {
        "added": [_named(each, identity, called) for k, each in later.items() if k not in earlier],
        "changed": changed,
        "gone": [_named(each, identity, called) for k, each in earlier.items() if k not in later],
    }


def _named(record: Document, identity: str, called: str) -> Document:
    return {"id": record[identity], "name": record[called]}
