"""Release packages of OCDS 1.1 for the published pipeline.

A planned procurement is a release of the planning stage. An ending contract is a release of the
contract stage, with the award that the standard requires. A release holds only values of its entry,
and no value is made up to fill a field.
"""

from collections.abc import Iterable
from typing import Any

VERSION = "1.1"
_METHODS = {
    "framework_call_off": "selective",
    "framework_direct_award": "direct",
    "open": "open",
    "competitive_flexible": "selective",
    "direct_award": "direct",
    "below_threshold": None,
    "collaborative_lead_force": None,
}
_REGIMES = {
    "pcr_2015": "Public Contracts Regulations 2015",
    "procurement_act_2023": "Procurement Act 2023",
}

Entry = dict[str, Any]


def release_package(
    entries: Iterable[Entry], *, uri: str, publisher: dict[str, str], prefix: str
) -> dict[str, Any] | None:
    """Return a package with a release for each entry, or None without entries.

    The standard allows no empty package. `prefix` is the registered OCID prefix of the operator of
    this service.
    """
    releases = [_release(entry, prefix) for entry in entries]
    if not releases:
        return None
    return {
        "uri": uri,
        "version": VERSION,
        # The date of the last change, so that a package without changes keeps its bytes.
        "publishedDate": max(release["date"] for release in releases),
        "publisher": publisher,
        "releases": releases,
    }


def _release(entry: Entry, prefix: str) -> dict[str, Any]:
    ending = entry["kind"] == "contract_ending"
    moment = _moment(entry["updated_at"])
    parts = _contract(entry) if ending else _tender(entry)
    return {
        "ocid": entry["ocid"] or f"{prefix}-{entry['id']}",
        "id": f"{entry['id']}-{''.join(filter(str.isdigit, moment))}",
        "date": moment,
        "tag": ["contract" if ending else "planning"],
        "initiationType": "tender",
        "language": "en",
        "parties": list(_parties(entry)),
        "buyer": {"id": _buyer_id(entry), "name": entry["buyer_name"]},
    } | _filled_fields({"planning": _planning(entry)} | parts)


def _parties(entry: Entry) -> Iterable[dict[str, Any]]:
    yield _filled_fields(
        {
            "id": _buyer_id(entry),
            "name": entry["buyer_name"],
            "roles": ["buyer"],
            "contactPoint": _filled_fields({"email": entry["contact"]}),
        }
    )
    if entry["supplier"]:
        yield {"id": _supplier_id(entry), "name": entry["supplier"], "roles": ["supplier"]}


def _buyer_id(entry: Entry) -> str:
    # No register in org-id.guide lists police forces, so their codes in this catalogue are used.
    return f"XX-CATALOGUE-{entry['buyer']}"


def _supplier_id(entry: Entry) -> str:
    return f"supplier-of-{entry['id']}"


def _planning(entry: Entry) -> dict[str, Any]:
    if not entry["planned_notice_date"]:
        return {}
    notice = {
        "id": "planned-notice",
        "title": "Planned notice",
        "type": "preProcurement",
        "dueDate": _first_moment(entry["planned_notice_date"]),
        "status": "scheduled",
    }
    return {"milestones": [notice]}


def _tender(entry: Entry) -> dict[str, Any]:
    route = entry["procurement_route"]
    details = [route and route.replace("_", " ").capitalize(), _REGIMES.get(entry["regime"])]
    tender = {
        "id": entry["id"],
        "title": entry["title"],
        "description": entry["description"],
        "status": "planned",
        "value": _value(entry),
        "procurementMethod": _METHODS.get(route),
        "procurementMethodDetails": ", ".join(filter(None, details)),
        "mainProcurementCategory": entry["category"],
        "items": _items(entry),
        "contractPeriod": _period(entry),
    }
    return {"tender": _filled_fields(tender)}


def _contract(entry: Entry) -> dict[str, Any]:
    supplier = entry["supplier"]
    shared_fields = {
        "title": entry["title"],
        "description": entry["description"],
        "value": _value(entry),
        "items": _items(entry),
    }
    award = {
        "id": f"{entry['id']}-award",
        "status": "active",
        "suppliers": [{"id": _supplier_id(entry), "name": supplier}] if supplier else [],
        "contractPeriod": _period(entry),
    }
    contract = {"id": entry["id"], "awardID": award["id"], "period": _period(entry)}
    return {
        "awards": [_filled_fields(award | shared_fields)],
        "contracts": [_filled_fields(contract | shared_fields)],
    }


def _items(entry: Entry) -> list[dict[str, Any]]:
    if not entry["cpv"]:
        return []
    return [{"id": "1", "classification": {"scheme": "CPV", "id": entry["cpv"]}}]


def _value(entry: Entry) -> dict[str, Any]:
    if entry["estimated_value"] is None:
        return {}
    # The standard requires a number, which keeps fourteen digits exactly.
    return {"amount": float(entry["estimated_value"]), "currency": entry["currency"]}


def _period(entry: Entry) -> dict[str, Any]:
    ends = {"endDate": entry["contract_end"], "maxExtentDate": entry["max_extent_date"]}
    start = entry["contract_start"]
    return _filled_fields(
        {"startDate": _first_moment(start) if start else None}
        | {name: f"{day}T23:59:59Z" for name, day in ends.items() if day}
    )


def _first_moment(day: str) -> str:
    return f"{day}T00:00:00Z"


def _moment(text: str) -> str:
    return text.replace("+00:00", "Z")


def _filled_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that have a value, because the standard does not use empty ones."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}
