"""What stands in the way of turning a system off: the rules, as sentences and dates."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from catalogue.contracts.visible_contracts import VisibleContract
from catalogue.core import clock
from catalogue.rationalisation.readiness.facts import Facts, Use
from catalogue.rationalisation.vocabulary import BlockerKind
from catalogue.systems.lifecycle import IN_USE
from catalogue.systems.vocabulary import DpiaStatus, Hosting, Lifecycle, PersonalData

NATIONAL_BODY = "national_body"
"""Who runs national systems. Codes of agencies have no underscores."""


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """One thing that stands in the way, whose it is to clear it, and what it is about."""

    kind: BlockerKind
    detail: str
    cleared_by: str
    who: str | None
    """An agency's code, or `national_body`; None where one may not know the agency."""
    due: date | None = None
    """The last day to do it, where it would be too late after that."""
    clears_on: date | None = None
    """The first day on which it is no longer in the way, where that is known."""
    decision_id: UUID | None = None
    dependant_id: UUID | None = None
    dependant_name: str | None = None
    interface_id: UUID | None = None
    use_id: UUID | None = None
    user_count: int | None = None
    successor_id: UUID | None = None
    successor_name: str | None = None
    contract: VisibleContract | None = None


@dataclass(frozen=True)
class Readiness:
    """How far a system is from being turned off, as far as somebody may know."""

    facts: Facts
    nothing_to_retire: bool
    """It never ran, or runs no longer."""
    blockers: tuple[Blocker, ...] = ()
    withheld: tuple[BlockerKind, ...] = ()
    """Kinds that one cannot be sure of."""
    earliest_date: date | None = None
    """The first day on which nothing that is known is in the way. None where something is that no
    date is known for, and where there is nothing to retire."""
    not_before: date | None = None
    """The last of the dates that are known; None where there is none."""

    @property
    def ready(self) -> bool | None:
        """True: every kind was looked into, and none blocks. None: nothing that one sees does."""
        if self.blockers:
            return False
        return None if self.withheld or self.nothing_to_retire else True


def readiness(facts: Facts, today: date) -> Readiness:
    """What stands in the way of a system on a day.

    What is not in use has nothing to be retired: it is cancelled instead, or already gone.
    """
    if facts.system.lifecycle not in IN_USE:
        return Readiness(facts, nothing_to_retire=True)
    blockers = tuple(found for rule in _RULES.values() for found in rule(facts, today))
    dates = [each.clears_on for each in blockers]
    return Readiness(
        facts,
        nothing_to_retire=False,
        blockers=blockers,
        withheld=tuple(kind for kind in BlockerKind if not _known(kind, facts)),
        earliest_date=earliest(dates, today),
        not_before=max((day for day in dates if day is not None), default=None),
    )


def earliest(dates: list[date | None], today: date) -> date | None:
    """The first day, from today on, that none of these is after; None if one is not known."""
    known = [day for day in dates if day is not None]
    return max([today, *known]) if len(known) == len(dates) else None


def said(day: date) -> str:
    """A day as people write it: 31 March 2027."""
    return f"{day.day} {day:%B %Y}"


def _known(kind: BlockerKind, facts: Facts) -> bool:
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
            return facts.system.shown


def _decision(facts: Facts, _today: date) -> Iterator[Blocker]:
    agreed, owner = facts.agreed, facts.system.agency
    if agreed is not None and not agreed.goes:
        decided_on = agreed.decided_at.astimezone(clock.UK).date()
        yield Blocker(
            kind=BlockerKind.NO_AGREED_DECISION,
            detail=f"It was agreed on {said(decided_on)} that it stays.",
            cleared_by="The owners agree on another decision, which says that it goes.",
            who=owner,
            decision_id=agreed.decision_id,
        )
    elif agreed is None and facts.decisions_known:
        yield Blocker(
            kind=BlockerKind.NO_AGREED_DECISION,
            detail="No agreed decision says that it goes.",
            cleared_by="The owners of the systems concerned agree on a decision by which it goes.",
            who=owner,
        )


def _successor(facts: Facts, _today: date) -> Iterator[Blocker]:
    if facts.agreed is None or not facts.agreed.goes or facts.agreed.successor is None:
        return
    successor = facts.agreed.successor
    if successor.lifecycle is not Lifecycle.LIVE:
        yield Blocker(
            kind=BlockerKind.SUCCESSOR_NOT_LIVE,
            detail=f"{successor.name}, which takes over from it, {_NOT_LIVE[successor.lifecycle]}.",
            cleared_by=f"{successor.name} goes live, or the owners agree on another.",
            who=successor.agency,
            decision_id=facts.agreed.decision_id,
            successor_id=successor.id,
            successor_name=successor.name,
        )


_NOT_LIVE: dict[Lifecycle, str] = {
    Lifecycle.PLANNED: "is only planned",
    Lifecycle.IN_PROCUREMENT: "is still being procured",
    Lifecycle.IMPLEMENTING: "is still being built",
    Lifecycle.SUNSETTING: "is itself being wound down",
    Lifecycle.READ_ONLY_ARCHIVE: "is only an archive by now",
    Lifecycle.DECOMMISSIONED: "is gone",
    Lifecycle.CANCELLED: "was cancelled",
}


def _dependants(facts: Facts, _today: date) -> Iterator[Blocker]:
    """What relies on it has to be off, or served by another. That it goes by the same decision
    makes no difference before it is off."""
    for each in facts.dependants:
        named = str(each)
        yield Blocker(
            kind=BlockerKind.LIVE_DEPENDANT,
            detail=(
                f"{named[:1].upper()}{named[1:]} relies on it, by an interface "
                f"({each.standard.value})."
            ),
            cleared_by=(
                "It is given another source and the interface is removed, or it is turned off."
            ),
            who=each.agency,
            dependant_id=each.system_id,
            dependant_name=each.name,
            interface_id=each.interface_id,
        )


def _users(facts: Facts, today: date) -> Iterator[Blocker]:
    system = facts.system
    for use in facts.uses:
        if use.user_count != 0:
            yield _still_used(use, today)
    if system.shown and not facts.ever_used and system.user_count != 0:
        number = "It is not recorded how many people use it."
        yield Blocker(
            kind=BlockerKind.USERS_NOT_MOVED,
            detail=number if system.user_count is None else f"{_people(system.user_count)} use it.",
            cleared_by="They are moved, and its record says that it has no users.",
            who=system.agency,
            user_count=system.user_count,
        )


def _still_used(use: Use, today: date) -> Blocker:
    people = "It is not recorded how many" if use.user_count is None else _people(use.user_count)
    ends = "" if use.until is None else f", until {said(use.until)}"
    return Blocker(
        kind=BlockerKind.USERS_NOT_MOVED,
        detail=f"{people} of {use.agency_name} use it{ends}.",
        cleared_by="They are moved, and its use by the agency has ended.",
        who=use.agency,
        clears_on=None if use.until is None else max(today, use.until) + timedelta(days=1),
        use_id=use.id,
        user_count=use.user_count,
    )


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"


def _contracts(facts: Facts, today: date) -> Iterator[Blocker]:
    for contract in facts.contracts:
        if contract.term.runs_beyond(today):
            yield _bound(contract, today)


def _bound(contract: VisibleContract, today: date) -> Blocker:
    term = contract.term
    clears_on = term.earliest_end(today)
    last = term.last_notice_date
    missed = term.notice_missed(today)
    if term.end_date is None:
        runs = "has no end that is recorded"
    else:
        runs = f"runs until {said(term.end_date)}"
    if last is None:
        days = term.notice_period_days
        given = term.end_date is None and days is not None
        notice, done = "", f"Notice of {days} days is given and it ends," if given else "It ends,"
    elif not missed:
        notice, done = f"; notice has to be given by {said(last)}", "Notice is given and it ends,"
    else:
        longer = clears_on is not None and term.end_date is not None and clears_on > term.end_date
        goes_on = f", so it may go on until {said(clears_on)}" if clears_on and longer else ""
        notice = f"; the last day for notice was {said(last)}{goes_on}"
        done = "It ends, which the supplier has to agree to,"
    return Blocker(
        kind=BlockerKind.CONTRACT_RUNNING,
        detail=f"{contract.title} {runs}{notice}.",
        cleared_by=f"{done} or the system is taken out of it.",
        who=contract.agency,
        due=None if missed else last,
        clears_on=clears_on,
        contract=contract,
    )


def _hold(facts: Facts, _today: date) -> Iterator[Blocker]:
    if facts.system.retention_hold:
        yield Blocker(
            kind=BlockerKind.RETENTION_HOLD,
            detail="Its records are under a retention hold, and may not be destroyed.",
            cleared_by="The hold is lifted, or the records are carried over and the hold with them.",
            who=facts.system.agency,
        )


def _dpia(facts: Facts, _today: date) -> Iterator[Blocker]:
    """UK GDPR article 35: to move personal data or to destroy it is processing, for which the
    impact has to be assessed, and reviewed where the risk changes (35(11)). Only an assessment
    that is approved answers that, and where it is not recorded whether there is personal data,
    nobody has asked."""
    system = facts.system
    answered = system.dpia_status is DpiaStatus.APPROVED
    if not system.shown or answered or system.personal_data is PersonalData.NONE:
        return
    if system.personal_data is None:
        yield Blocker(
            kind=BlockerKind.DPIA_UNANSWERED,
            detail="It is not recorded whether it holds personal data.",
            cleared_by="Its record says that it holds none, or its impact assessment is approved.",
            who=system.agency,
        )
    else:
        yield Blocker(
            kind=BlockerKind.DPIA_UNANSWERED,
            detail=f"It holds personal data, and {_DPIA[system.dpia_status]}.",
            cleared_by="The data protection impact assessment covers its end, and is approved.",
            who=system.agency,
        )


_DPIA: dict[DpiaStatus | None, str] = {
    None: "it is not recorded how far the impact assessment is",
    DpiaStatus.NONE: "there is no impact assessment",
    DpiaStatus.SCREENING: "it is still looked into whether it needs an impact assessment",
    DpiaStatus.DRAFT: "its impact assessment is a draft",
    DpiaStatus.REVIEW_DUE: "its impact assessment is due for review",
}


def _national(facts: Facts, _today: date) -> Iterator[Blocker]:
    """By Authorised Professional Practice a national system is managed centrally, used by ten
    forces or more, and contracted by the Home Office: an agency may leave it, not end it."""
    if facts.system.hosting is Hosting.NATIONAL_SYSTEM:
        yield Blocker(
            kind=BlockerKind.NATIONAL_SYSTEM,
            detail="It is a national system: the agency can stop using it, and cannot retire it.",
            cleared_by=(
                "The national body ends it; or, if it is none, its record says how it is hosted."
            ),
            who=NATIONAL_BODY,
        )


Rule = Callable[[Facts, date], Iterator[Blocker]]

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
"""In the order in which they are told."""
