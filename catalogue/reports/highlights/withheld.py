"""Amounts that a report withholds because not every reader can see them."""

from decimal import Decimal
from typing import Any

Document = dict[str, Any]

_SAVINGS = frozenset({"forecast", "validated", "realised", "cost_to_achieve"})
_COSTS = frozenset({"dual_running", "exit_costs", "decommissioning"})
_HIDDEN_LINES = {"baseline": ("lines",)}
_HIDDEN_LINES |= dict.fromkeys(_SAVINGS, ("savings",))
_HIDDEN_LINES |= dict.fromkeys(_COSTS, ("systems",))


def visible_amount(content: Document, figure: str, amount: str | None) -> str | None:
    """Return an amount of the costs section, or None if it is withheld.

    A total of 0 is withheld if it leaves out records, because it would read as a real zero.
    """
    if amount is None or Decimal(amount):
        return amount
    hidden = content["withheld"].get("benefits", {})
    # Net values depend on savings as well as costs.
    sources = _HIDDEN_LINES.get(figure, ("savings", "systems"))
    return None if any(hidden.get(name) for name in sources) else amount


def visible_cost_moved(content: Document) -> str | None:
    """Return the yearly cost of the systems that have moved, or None if it is withheld."""
    amount: str = content["progress"]["total"]["cost_moved"]
    return amount if Decimal(amount) or not content["withheld"]["costs"] else None


def every_amount_is_withheld(content: Document) -> bool:
    """Return whether the costs section has no amount that all readers can see."""
    total = content["costs"]["total"]
    return any(content["withheld"]["benefits"].values()) and not any(
        Decimal(total[name]) for name in ("baseline", *sorted(_SAVINGS | _COSTS))
    )
