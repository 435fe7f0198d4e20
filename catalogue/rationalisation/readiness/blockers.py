"""Blockers: the rules that decide what keeps a system from retiring, and until when."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from catalogue.contracts.notice import Term
from catalogue.contracts.visible_contracts import VisibleContract
from catalogue.core import clock
from catalogue.core.text import format_date
from catalogue.rationalisation.readiness.facts import ReadinessFacts, Use
from catalogue.rationalisation.vocabulary import BlockerKind
from catalogue.systems.lifecycle import IN_USE
from catalogue.systems.vocabulary import DpiaStatus, Hosting, Lifecycle, PersonalData

NATIONAL_BODY = "national_body"
"""The owner of national systems' blockers. The underscore distinguishes it from agency codes."""


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """A reason why a system cannot be retired, with its owner and the record behind it."""

    kind: BlockerKind
    detail: str
    resolution: str
    owner: str | None
    """The code of the agency that must clear the blocker, or `national_body`. None if hidden."""
    due_date: date | None = None
    """The last day on which the owner can act. None if there is no such day."""
    clear_date: date | None = None
    """The first day without the blocker. None if that is not known."""
    decision_id: UUID | None = None
    dependant_id: UUID | None = None
    dependant_name: str | None = None
    interface_id: UUID | None = None
    use_id: UUID | None = None
    user_count: int | None = None
    successor_id: UUID | None = None
    successor_name: str | None = None
    contract: VisibleContract | None = None
    end_of_term: date | None = None
    """The last day of the contract's present term. None if it is unknown."""
    last_notice_date: date | None = None
    """The last day for notice in the contract's present term. None if it is unknown or withheld."""


@dataclass(frozen=True)
class Readiness:
    """The readiness of a system for retirement, as an actor can see it."""

    facts: ReadinessFacts
    in_use: bool
    """False for a system that never ran or no longer runs, which needs no retirement."""
    blockers: tuple[Blocker, ...] = ()
    withheld: tuple[BlockerKind, ...] = ()
    """The kinds of blockers that the actor cannot fully see."""
    earliest_date: date | None = None
    """The first day on which no known blocker is left.

    None if a blocker has no known date, or if the system is not in use.
    """
    not_before: date | None = None
    """The latest known date on which a blocker clears. None if no date is known."""

    @property
    def ready(self) -> bool | None:
        """False if a blocker is visible, and true if no blocker exists.

        None if a blocker may be hidden and none is visible, or if the system is not in use.
        """
        if self.blockers:
            return False
        return None if self.withheld or not self.in_use else True


def assess(facts: ReadinessFacts, today: date) -> Readiness:
    """Return the readiness of a system on a day.

    A system that is not in use has no blockers: it is cancelled instead, or already retired.
    """
    if facts.system.lifecycle not in IN_USE:
        return Readiness(facts, in_use=False)
    blockers = tuple(blocker for rule in _RULES.values() for blocker in rule(facts, today))
    dates = [blocker.clear_date for blocker in blockers]
    return Readiness(
        facts,
        in_use=True,
        blockers=blockers,
        withheld=tuple(kind for kind in BlockerKind if not _is_known(kind, facts)),
        earliest_date=find_earliest_date(dates, today),
        not_before=max((day for day in dates if day is not None), default=None),
    )


def find_earliest_date(dates: list[date | None], today: date) -> date | None:
    """Return the latest of the dates and today, or None if one of the dates is not known."""
    known = [day for day in dates if day is not None]
    return max([today, *known]) if len(known) == len(dates) else None


def _is_known(kind: BlockerKind, facts: ReadinessFacts) -> bool:
    match kind:
        case BlockerKind.NO_AGREED_DECISION:
            return facts.agreed is not None or facts.decisions_known
        case BlockerKind.SUCCESSOR_NOT_LIVE:
            if facts.agreed is None:
                return facts.decisions_known
            return not facts.agreed.successor_withheld
        case BlockerKind.LIVE_DEPENDANT:
            return facts.dependants_known
        case BlockerKind.CONTRACT_RUNNING:
            return facts.contracts_known
        case _:
            return facts.system.standard_visible


def _decision(facts: ReadinessFacts, _today: date) -> Iterator[Blocker]:
    agreed, owner = facts.agreed, facts.system.agency
    if agreed is not None and not agreed.retires:
        decided_on = agreed.decided_at.astimezone(clock.UK).date()
        yield Blocker(
            kind=BlockerKind.NO_AGREED_DECISION,
            detail=f"The decision agreed on {format_date(decided_on)} keeps this system.",
            resolution="Agree another decision, which retires this system.",
            owner=owner,
            decision_id=agreed.decision_id,
        )
    elif agreed is None and facts.decisions_known:
        yield Blocker(
            kind=BlockerKind.NO_AGREED_DECISION,
            detail="No agreed decision retires this system.",
            resolution="Agree a decision that retires this system.",
            owner=owner,
        )


def _successor(facts: ReadinessFacts, _today: date) -> Iterator[Blocker]:
    if facts.agreed is None or not facts.agreed.retires or facts.agreed.successor is None:
        return
    successor = facts.agreed.successor
    if successor.lifecycle is not Lifecycle.LIVE:
        yield Blocker(
            kind=BlockerKind.SUCCESSOR_NOT_LIVE,
            detail=f"The successor {successor.name} {_NOT_LIVE[successor.lifecycle]}.",
            resolution=f"Make {successor.name} live, or agree a decision with another successor.",
            owner=successor.agency,
            decision_id=facts.agreed.decision_id,
            successor_id=successor.id,
            successor_name=successor.name,
        )


_NOT_LIVE: dict[Lifecycle, str] = {
    Lifecycle.PLANNED: "is only planned",
    Lifecycle.IN_PROCUREMENT: "is still being procured",
    Lifecycle.IMPLEMENTING: "is still being implemented",
    Lifecycle.SUNSETTING: "is itself being retired",
    Lifecycle.READ_ONLY_ARCHIVE: "is only a read-only archive",
    Lifecycle.DECOMMISSIONED: "has been decommissioned",
    Lifecycle.CANCELLED: "has been cancelled",
}


def _dependants(facts: ReadinessFacts, _today: date) -> Iterator[Blocker]:
    """Yield a blocker for each dependant in use, even if the same decision retires it."""
    for dependant in facts.dependants:
        name = str(dependant)
        yield Blocker(
            kind=BlockerKind.LIVE_DEPENDANT,
            detail=(
                f"{name[:1].upper()}{name[1:]} relies on this system through an interface "
                f"({dependant.standard.value})."
            ),
            resolution=(
                "Connect the dependent system to another source and remove the interface, or retire "
                "the dependent system first."
            ),
            owner=dependant.agency,
            dependant_id=dependant.system_id,
            dependant_name=dependant.name,
            interface_id=dependant.interface_id,
        )


def _users(facts: ReadinessFacts, today: date) -> Iterator[Blocker]:
    system = facts.system
    for use in facts.uses:
        if use.user_count != 0:
            yield _still_used(use, today)
    if system.standard_visible and not facts.ever_used and system.user_count != 0:
        yield Blocker(
            kind=BlockerKind.USERS_NOT_MOVED,
            detail=(
                "The number of people who use this system is not recorded."
                if system.user_count is None
                else f"{_count_people(system.user_count)} this system."
            ),
            resolution="Move these people, then set `user_count` of this system to 0.",
            owner=system.agency,
            user_count=system.user_count,
        )


def _still_used(use: Use, today: date) -> Blocker:
    ends = "" if use.until is None else f" until {format_date(use.until)}"
    if use.user_count is None:
        people = "The number of people is not recorded."
    else:
        people = f"{_count_people(use.user_count)} this system there."
    return Blocker(
        kind=BlockerKind.USERS_NOT_MOVED,
        detail=f"{use.agency_name} uses this system{ends}. {people}",
        resolution="Move these people, then end the agency's use of this system.",
        owner=use.agency,
        clear_date=None if use.until is None else max(today, use.until) + timedelta(days=1),
        use_id=use.id,
        user_count=use.user_count,
    )


def _count_people(number: int) -> str:
    return "1 person uses" if number == 1 else f"{number:,} people use"


def _contracts(facts: ReadinessFacts, today: date) -> Iterator[Blocker]:
    for contract in facts.contracts:
        if contract.term.runs_beyond(today):
            yield _contract_blocker(contract, today)


def _contract_blocker(contract: VisibleContract, today: date) -> Blocker:
    term = contract.term
    end, clear_date = term.end_of_term(today), term.earliest_end(today)
    last = term.last_notice_date(today)
    missed = term.notice_missed(today)
    if end is None:
        state = f'The contract "{contract.title}" has no recorded end.'
    elif end < today:
        state = (
            f'The contract "{contract.title}" passed its end on {format_date(end)}, and no renewal '
            "is recorded."
        )
    else:
        state = f'The contract "{contract.title}" runs until {format_date(end)}.'
    if term.notice_given_on is not None:
        notice = f" Notice was given on {format_date(term.notice_given_on)}."
        action = "Wait for the end of the contract"
    elif last is None:
        notice = ""
        action = _end_by_notice(term) if end is None else "End the contract"
    elif not missed:
        notice = f" Notice is due by {format_date(last)}."
        action = "Give notice to end the contract"
    else:
        notice = f" The last day for notice was {format_date(last)}."
        if clear_date is not None and end is not None and clear_date > end:
            notice += f" The contract can therefore continue until {format_date(clear_date)}."
        action = "Agree an early end with the supplier"
    return Blocker(
        kind=BlockerKind.CONTRACT_RUNNING,
        detail=f"{state}{notice}",
        resolution=f"{action}, or remove this system from the contract.",
        owner=contract.agency,
        due_date=None if missed else last,
        clear_date=clear_date,
        contract=contract,
        end_of_term=end,
        last_notice_date=last,
    )


def _end_by_notice(term: Term) -> str:
    if term.notice_period_months is not None:
        return f"Give {term.notice_period_months} months' notice to end the contract"
    if term.notice_period_days is not None:
        return f"Give {term.notice_period_days} days' notice to end the contract"
    return "End the contract"


def _hold(facts: ReadinessFacts, _today: date) -> Iterator[Blocker]:
    if facts.system.retention_hold:
        yield Blocker(
            kind=BlockerKind.RETENTION_HOLD,
            detail="Records in this system are under a retention hold, and must not be destroyed.",
            resolution="Lift the hold, or move the records together with the hold.",
            owner=facts.system.agency,
        )


def _dpia(facts: ReadinessFacts, _today: date) -> Iterator[Blocker]:
    """Require an approved data protection impact assessment (DPIA).

    Moving or destroying personal data is processing, which UK GDPR article 35 requires agencies to
    assess. Article 35(11) requires a review if the risk changes. A system with unrecorded personal
    data is blocked too, because nobody has checked it.
    """
    system = facts.system
    approved = system.dpia_status is DpiaStatus.APPROVED
    if not system.standard_visible or approved or system.personal_data is PersonalData.NONE:
        return
    if system.personal_data is None:
        yield Blocker(
            kind=BlockerKind.DPIA_UNANSWERED,
            detail="The record does not state whether this system holds personal data.",
            resolution="Set `personal_data` to `none`, or have the impact assessment approved.",
            owner=system.agency,
        )
    else:
        yield Blocker(
            kind=BlockerKind.DPIA_UNANSWERED,
            detail=f"This system holds personal data, but {_DPIA[system.dpia_status]}.",
            resolution=(
                "Have a data protection impact assessment approved that covers the retirement."
            ),
            owner=system.agency,
        )


_DPIA: dict[DpiaStatus | None, str] = {
    None: "the state of the impact assessment is not recorded",
    DpiaStatus.NONE: "there is no impact assessment",
    DpiaStatus.SCREENING: "screening for an impact assessment is still under way",
    DpiaStatus.DRAFT: "the impact assessment is only a draft",
    DpiaStatus.REVIEW_DUE: "the impact assessment is due for review",
}


def _national(facts: ReadinessFacts, _today: date) -> Iterator[Blocker]:
    """Block national systems, which an agency can leave but not end.

    According to Authorised Professional Practice, a national system is managed centrally, used by
    10 or more forces, and contracted by the Home Office.
    """
    if facts.system.hosting is Hosting.NATIONAL_SYSTEM:
        yield Blocker(
            kind=BlockerKind.NATIONAL_SYSTEM,
            detail="This is a national system. Your agency can stop using it, but cannot retire it.",
            resolution=(
                "Wait for the national body to end the system, or correct `hosting` if the system is "
                "not national."
            ),
            owner=NATIONAL_BODY,
        )


Rule = Callable[[ReadinessFacts, date], Iterator[Blocker]]

_RULES: dict[BlockerKind, Rule] = {
    BlockerKind.NO_AGREED_DECISION: _decision,
    BlockerKind.SUCCESSOR_NOT_LIVE: _successor,
    BlockerKind.LIVE_DEPENDANT: _dependants,
    BlockerKind.USERS_NOT_MOVED: _users,
    BlockerKind.CONTRACT_RUNNING: _contracts,
    BlockerKind.RETENTION_HOLD: _hold,
    BlockerKind.DPIA_UNANSWERED: _dpia,
    BlockerKind.NATIONAL_SYSTEM: _national,
}
"""The rules, in the order in which the response lists their blockers."""
