"""Organisations in releases, however publishers write them.

The standard has objects with an id and a name, which refer to `parties`. Publishers also write an
object instead of a list, a string instead of an object, or only an id. Some name the buyer or
supplier only by the roles of parties.
"""

from typing import Any

from catalogue.data_exchange.ocds.values import plain

Organisation = dict[str, Any]


def objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list, or a single object as a list."""
    if isinstance(value, dict):
        return [value] if value else []
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def organisations(value: Any, parties: dict[str, Organisation]) -> list[Organisation]:
    """Return the named organisations, each with a `name` and the details of its party."""
    listed = value if isinstance(value, list) else [value]
    found = []
    for written in listed:
        each = written
        if isinstance(written, str):
            each = parties.get(written) or {"name": written}
        if isinstance(each, dict):
            party = parties.get(str(each.get("id")), {})
            named = party | {key: value for key, value in each.items() if value}
            if name := name_of(each) or name_of(party):
                found.append(named | {"name": name})
    return found


def parties_of(release: dict[str, Any]) -> dict[str, Organisation]:
    """Return the parties of a release by their id."""
    return {
        str(party.get("id") or place): party
        for place, party in enumerate(objects(release.get("parties")))
    }


def with_role(parties: dict[str, Organisation], *roles: str) -> list[Organisation]:
    """Return the parties with any of the roles. Publishers write a role in a list or alone."""
    found = []
    for party in parties.values():
        listed = party.get("roles") or party.get("role") or []
        given = [listed] if isinstance(listed, str) else listed
        is_meant = isinstance(given, list) and any(
            isinstance(role, str) and role.casefold() in roles for role in given
        )
        if is_meant and (name := name_of(party)):
            found.append(party | {"name": name})
    return found


def name_of(organisation: Organisation) -> str:
    """Return the name of an organisation, or else its legal name, or else an empty string."""
    name = organisation.get("name")
    if isinstance(name, dict):  # a name in each language
        name = name.get("en") or next(iter(name.values()), None)
    identifier = organisation.get("identifier")
    legal = identifier.get("legalName") if isinstance(identifier, dict) else None
    return plain(name) or plain(organisation.get("legalName")) or plain(legal)
