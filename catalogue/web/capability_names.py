"""Names of capabilities. Systems have only their codes."""

from collections.abc import Iterable

from catalogue.web.forms import Option
from catalogue.web.pages import Visit

_MOST = 200


def name_capabilities(visit: Visit, codes: Iterable[str]) -> str:
    """Return the names and codes of capabilities, joined by commas."""
    wanted = ",".join(codes)
    if not wanted:
        return ""
    query = {"code__in": wanted, "fields": "code,name", "limit": _MOST}
    found = visit.call("list_capabilities", query=query).document
    return ", ".join(f"{each['name']} ({each['code']})" for each in found["items"])


def capability_options(visit: Visit) -> list[Option]:
    """Return the capabilities that a system can have: those below the tiers."""
    query = {"limit": _MOST, "fields": "code,name,parent"}
    found = visit.call("list_capabilities", query=query).document["items"]
    parents = {capability["parent"] for capability in found}
    return [
        Option(c["code"], f"{c['name']} ({c['code']})")
        for c in found
        if c["code"] not in parents or c["parent"]
    ]
