"""The comparison of a highlight report with the previous report."""

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
            "update_overdue",
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
"""The compared lists of records, each with its id field, name field and compared fields."""

MONEY = ("baseline", "forecast", "validated", "realised", "cost_to_achieve", "net_forecast")


def compare(before: Document, after: Document) -> Document:
    """Return the differences between two reports. Both must hold `content` and `narrative`."""
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
    """Return whether a comparison found no difference."""
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
    old, new = before["progress"]["total"], after["progress"]["total"]
    for name in ("migrations", "moved", "complete", "users_moved", "cost_moved"):
        yield from _figure(name, old[name], new[name])
    old, new = before["progress"]["attention"], after["progress"]["attention"]
    for name in ("late", "blocked", "update_overdue", "at_risk"):
        yield from _figure(name, old[name], new[name])
    for name in ("open", "red", "exposure"):
        yield from _figure(f"risks_{name}", before["risks"][name], after["risks"][name])
    if before["costs"] is not None and after["costs"] is not None:
        for name in MONEY:
            was, now = (content["costs"]["total"][name] for content in (before, after))
            yield from _figure(name, was, now)


def _figure(name: str, before: Any, after: Any) -> Iterator[Document]:
    if before != after:
        yield {"figure": name, "before": before, "after": after}


def _listed(kind: str, content: Document) -> list[Document]:
    records: list[Document]
    if kind in {"migrations", "milestones"}:
        records = content["schedule"][kind]
    else:
        records = content["risks"]["list"] if kind == "risks" else content[kind]
    return records


def _records(kind: str, before: Document, after: Document) -> Document:
    id_field, name_field, followed = FOLLOWED[kind]
    earlier = {record[id_field]: record for record in _listed(kind, before)}
    later = {record[id_field]: record for record in _listed(kind, after)}
    changed = []
    for key, now in later.items():
        was = earlier.get(key)
        differing = was and [name for name in followed if was[name] != now[name]]
        if was and differing:
            changed.append(
                {
                    "id": key,
                    "name": now[name_field],
                    "changes": [
                        {"field": name, "before": was[name], "after": now[name]}
                        for name in differing
                    ],
                }
            )

    def only_in(records: dict[str, Document], others: dict[str, Document]) -> list[Document]:
        return [
            {"id": key, "name": record[name_field]}
            for key, record in records.items()
            if key not in others
        ]

    return {
        "added": only_in(later, earlier),
        "changed": changed,
        "removed": only_in(earlier, later),
    }
