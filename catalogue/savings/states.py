"""Statuses of savings: the transitions between them, and who makes each one."""

from catalogue.core.errors import FieldError, conflict
from catalogue.core.transitions import explain_refusal
from catalogue.savings.vocabulary import SavingStatus

_S = SavingStatus

STEPS: dict[SavingStatus, frozenset[SavingStatus]] = {
    _S.IDENTIFIED: frozenset({_S.WITHDRAWN}),
    _S.VALIDATED: frozenset({_S.IN_DELIVERY, _S.WITHDRAWN}),
    _S.IN_DELIVERY: frozenset({_S.REALISED, _S.MISSED}),
    _S.REALISED: frozenset(),
    _S.MISSED: frozenset(),
    _S.WITHDRAWN: frozenset(),
}
"""For each status, those that the lead agency can set next."""

VALIDATED_FROM = frozenset({_S.IDENTIFIED})
"""Statuses in which finance can validate a saving, which is required before delivery."""

COUNTED = frozenset({_S.VALIDATED, _S.IN_DELIVERY, _S.REALISED})
"""Statuses in which the validation by finance counts."""

RETURNED_FROM = frozenset({_S.IDENTIFIED, _S.VALIDATED, _S.IN_DELIVERY})
"""Statuses in which finance can return a saving, which makes it `identified` again."""

CLOSED = frozenset({_S.REALISED, _S.MISSED, _S.WITHDRAWN})
"""Statuses in which nobody can change what the saving claims."""

GATE = "Finance must first validate the saving."
_SET_BY_OTHERS = {
    _S.VALIDATED: GATE,
    _S.IDENTIFIED: "The saving becomes identified again if you change it, or finance returns it.",
}


def require_saving_step(before: SavingStatus, after: SavingStatus) -> None:
    """Raise Conflict if one status cannot follow the other, and name the gate if there is one."""
    if after in STEPS[before]:
        return
    detail = explain_refusal("saving", before, sorted(STEPS[before]), after)
    if before is _S.IDENTIFIED and after in COUNTED:
        detail = f"{detail} {GATE}"
    elif after in _SET_BY_OTHERS and before not in CLOSED:
        detail = f"{detail} {_SET_BY_OTHERS[after]}"
    raise conflict("/status", "transition", detail)


def require_open(status: SavingStatus) -> None:
    """Raise Conflict if nobody can change what a saving claims any more."""
    if status in CLOSED:
        raise conflict(
            "",
            "closed",
            f"The saving is {status}, so you cannot change its claim. Create another saving.",
        )


def gate_open(pointer: str, detail: str) -> FieldError:
    """Return the error for a condition that is not met yet."""
    return FieldError(pointer, "gate_open", detail)
