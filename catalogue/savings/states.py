"""The state machine of savings: which status may follow which, and by what."""

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
"""Each status and those that the lead agency may let follow it."""

VALIDATED_FROM = frozenset({_S.IDENTIFIED})
"""What finance validates. It is the gate before delivery."""

COUNTED = frozenset({_S.VALIDATED, _S.IN_DELIVERY, _S.REALISED})
"""Where what finance validated stands."""

RETURNED_FROM = frozenset({_S.IDENTIFIED, _S.VALIDATED, _S.IN_DELIVERY})
"""What finance may send back. It is then identified again, as it is once it says something else."""

CLOSED = frozenset({_S.REALISED, _S.MISSED, _S.WITHDRAWN})
"""Where what is claimed stays as it is."""

GATE = "Finance validates it first, by a validation with the verdict validated."
_NOT_STEPPED_TO = {
    _S.VALIDATED: GATE,
    _S.IDENTIFIED: "It is identified again once what it claims is changed, or finance returns it.",
}


def require_saving_step(before: SavingStatus, after: SavingStatus) -> None:
    """Conflict, if one status may not follow the other. It names the gate where there is one."""
    if after in STEPS[before]:
        return
    detail = explain_refusal(before, sorted(STEPS[before]), after)
    if before is _S.IDENTIFIED and after in COUNTED:
        detail = f"{detail} {GATE}"
    elif after in _NOT_STEPPED_TO and before not in CLOSED:
        detail = f"{detail} {_NOT_STEPPED_TO[after]}"
    raise conflict("/status", "transition", detail)


def require_open(status: SavingStatus) -> None:
    """Conflict, if what a saving claims may be changed no more."""
    if status in CLOSED:
        raise conflict("", "closed", f"The saving is {status}, and what it claims stays as it is.")


def gate_open(pointer: str, detail: str) -> FieldError:
    """What is still to be done before a status is entered."""
    return FieldError(pointer, "gate_open", detail)
