"""Drafts of contracts from releases, each with its problems and doubts.

Releases seldom fill `contracts`. So a contract is read from the place that publishers use: from
`contracts`, or else `awards`, or else the tender, whose lots have the dates. A missing value is
never guessed, and an impossible value rejects the draft.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from catalogue.contracts.vocabulary import CURRENCIES, ProcurementRegime, ProcurementRoute
from catalogue.core.errors import END_BEFORE_START
from catalogue.core.text import fold
from catalogue.data_exchange.ocds.organisations import (
    Organisation,
    objects,
    organisations,
    parties_of,
    with_role,
)
from catalogue.data_exchange.ocds.values import (
    amount_of,
    day_of,
    has_lost_line_ends,
    plain,
    validate_field,
)
from catalogue.data_exchange.problems import TableProblem, quoted
from catalogue.data_exchange.values import ValueProblem

LONGEST_TITLE, LONGEST_REFERENCE = 200, 100
_NOT_AWARDED = frozenset({"cancelled", "unsuccessful", "withdrawn"})
_ROUTES = {
    "open": ProcurementRoute.OPEN,
    "direct": ProcurementRoute.DIRECT_AWARD,
    "limited": ProcurementRoute.DIRECT_AWARD,
}
_LAWS = {
    # The Public Contracts Regulations 2015 implement this directive in England and Wales. Scotland
    # has its own regulations, and its notices name the same directive.
    "32014L0024": ProcurementRegime.PCR_2015,
    "2023/54": ProcurementRegime.PROCUREMENT_ACT_2023,
}
_SCOTLAND = "ocds-r6ebe6-"


@dataclass
class Named:
    """A supplier named in a release."""

    name: str
    identifiers: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Draft:
    """A contract in a release. A draft with `problems` is rejected, and one with `notices` is not."""

    row: int
    ocid: str
    dated: str
    is_tender: bool
    buyer: str = ""
    supplier: Named | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    problems: list[TableProblem] = field(default_factory=list)
    notices: list[TableProblem] = field(default_factory=list)
    sources: Counter[tuple[str, str]] = field(default_factory=Counter)
    """The place in the release that each field came from."""

    def refuse(self, name: str, where: str, problem: ValueProblem, value: Any) -> None:
        """Record a value that cannot be imported."""
        self.problems.append(
            TableProblem(problem.code, problem.detail, self.row, where, quoted(value), name)
        )

    def note(self, code: str, detail: str, where: str | None = None, value: Any = None) -> None:
        """Record a value that is in doubt, or was not imported."""
        cell = None if value is None else quoted(value)
        self.notices.append(TableProblem(code, detail, self.row, where, cell))

    def set(self, name: str, where: str, value: Any) -> None:
        """Set a field to a value, and count the place that the value came from."""
        self.fields[name] = value
        self.sources[name, where] += 1


@dataclass(frozen=True)
class _Part:
    """A contract, award or tender with the objects that can hold its values, best first."""

    places: tuple[tuple[str, dict[str, Any]], ...]
    identity: str | None
    is_only: bool = False
    """True if the release has no other contract or award. Its parties then belong to this one."""


def drafts_of(row: int, release: dict[str, Any]) -> Iterator[Draft]:
    """Yield each contract in a release. Without contracts or awards, the tender counts as one.

    A release that is only about planning, or whose parts were cancelled, has none.
    """
    for part in _parts(release):
        draft = Draft(
            row=row,
            ocid=release["ocid"],
            dated=dated if isinstance(dated := release.get("date"), str) else "",
            is_tender=part.identity is None,
            buyer=_buyer(release),
        )
        _identify(draft, part, release)
        _title(draft, part)
        _supplier(draft, part, release)
        _value(draft, part)
        _term(draft, part, release)
        _law(draft, release)
        yield draft


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def why_no_contract(release: dict[str, Any]) -> str:
    """Return the reason why a release has no contract, from its own statuses."""
    parts = [*objects(release.get("contracts")), *objects(release.get("awards"))]
    tender = _object(release.get("tender"))
    if parts or tender:
        statuses = sorted({str(each.get("status")) for each in parts or [tender]})
        what = "award" if parts else "tender"
        return f"The release has no contract, because each {what} is {' or '.join(statuses)}."
    if release.get("planning"):
        return "The release has no contract, because it is only about planning."
    return "The release has no contract, because it has no contracts, awards or tender."


def _parts(release: dict[str, Any]) -> Iterator[_Part]:
    tender = _object(release.get("tender"))
    contracts, awards = objects(release.get("contracts")), objects(release.get("awards"))
    by_id = {str(award.get("id")): award for award in awards}
    if contracts or awards:
        for kind, parts in (("contracts", contracts), ("awards", [] if contracts else awards)):
            for part in parts:
                if str(part.get("status")) in _NOT_AWARDED:
                    continue
                award = by_id.get(str(part.get("awardID")), {}) if kind == "contracts" else {}
                places = ((kind, part), ("awards", award), ("tender", tender))
                identity = str(part.get("awardID") or part.get("id") or "")
                if (
                    kind == "contracts"
                    and [c.get("awardID") for c in contracts].count(part.get("awardID")) != 1
                ):
                    identity = str(part.get("id") or "")
                yield _Part(tuple(p for p in places if p[1]), identity, len(parts) == 1)
    elif tender and str(tender.get("status")) not in _NOT_AWARDED:
        yield _Part((("tender", tender),), None)


def _buyer(release: dict[str, Any]) -> str:
    """Return the name of the buyer, or else of the procuring entity, or else an empty string."""
    parties = parties_of(release)
    tender = _object(release.get("tender"))
    named = (
        organisations(release.get("buyer"), parties)
        or with_role(parties, "buyer")
        or organisations(tender.get("procuringEntity"), parties)
        or with_role(parties, "procuringentity")
    )
    return named[0]["name"] if named else ""


def _identify(draft: Draft, part: _Part, release: dict[str, Any]) -> None:
    try:
        draft.set("ocid", "ocid", validate_field("ocid", draft.ocid))
    except ValueProblem as problem:
        draft.refuse("ocid", "ocid", problem, draft.ocid)
    if not release.get("id"):
        draft.note("no_release_id", "The release has no id, which the standard requires.", "id")
    if part.identity == "":
        detail = "The contract or award has no id, which distinguishes it from others."
        draft.refuse("reference", f"{part.places[0][0]}/id", ValueProblem("required", detail), "")
    reference = plain(f"{draft.ocid}/{part.identity}" if part.identity else draft.ocid)
    if len(reference) > LONGEST_REFERENCE:
        digest = sha256(reference.encode()).hexdigest()[:32]
        reference = f"{reference[: LONGEST_REFERENCE - len(digest)]}{digest}"
    draft.set("reference", "ocid", reference)


def _title(draft: Draft, part: _Part) -> None:
    for place, values in part.places:
        name = "title" if plain(values.get("title")) else "description"
        where, text = f"{place}/{name}", plain(values.get(name))
        if not text:
            continue
        if has_lost_line_ends(values[name]):
            draft.note(
                "lost_line_ends",
                "Damaged line ends (“rn”) in the text were replaced by spaces.",
                where,
            )
        if len(text) > LONGEST_TITLE:
            draft.note("cut", f"The title was cut to {LONGEST_TITLE} characters.", where, text)
            text = text[: LONGEST_TITLE - 1].rstrip() + "…"
        draft.set("title", where, text)
        return
    nothing = ValueProblem(
        "required", "The release has no title for the contract. Add a title or description."
    )
    draft.refuse("title", f"{part.places[0][0]}/title", nothing, "")


def _supplier(draft: Draft, part: _Part, release: dict[str, Any]) -> None:
    parties = parties_of(release)
    named: list[Organisation] = []
    where = ""
    for place, values in part.places:
        for key in ("suppliers", "supplier"):
            if not named and (named := organisations(values.get(key), parties)):
                where = f"{place}/{key}"
    if not named and part.is_only and (named := with_role(parties, "supplier")):
        where = "parties"
    if not named:
        return
    names = list(dict.fromkeys(each["name"] for each in named))
    if len(names) > 1:
        detail = f"The release names {len(names)} suppliers. The first one was used."
        draft.note("more_suppliers", detail, where, "; ".join(names))
    titles = {fold(plain(each.get("title"))) for _, each in part.places}
    if fold(names[0]) in titles - {""}:
        detail = "The supplier has the same name as the contract, so the real supplier is unknown."
        draft.note("supplier_is_title", detail, where, names[0])
        return
    if len(names[0]) > LONGEST_TITLE:
        problem = ValueProblem(
            "too_long",
            f"The supplier's name has more than {LONGEST_TITLE} characters. Shorten the name.",
        )
        draft.refuse("supplier", where, problem, names[0])
        return
    draft.supplier = Named(names[0], _identifiers(named[0]))
    draft.sources["supplier_id", where] += 1


def _identifiers(party: dict[str, Any]) -> list[dict[str, str]]:
    given = [_object(party.get("identifier")), *objects(party.get("additionalIdentifiers"))]
    texts = [(plain(each.get("scheme")), plain(str(each.get("id") or ""))) for each in given]
    return [{"scheme": scheme, "id": identity} for scheme, identity in texts if scheme and identity]


def _value(draft: Draft, part: _Part) -> None:
    for place, values in part.places:
        value = _object(values.get("value"))
        if value.get("amount") is None:
            continue
        where = f"{place}/value/amount"
        try:
            amount, rounded = amount_of(value["amount"])
        except ValueProblem as problem:
            draft.refuse("total_value", where, problem, value["amount"])
            return
        if rounded:
            draft.note("rounded", "The amount was rounded to a penny.", where, value["amount"])
        draft.set("total_value", where, amount)
        currency = value.get("currency")
        if currency is None:
            draft.note("no_currency", "The amount has no currency, so pounds were assumed.", where)
        elif isinstance(currency, str) and currency in CURRENCIES:
            draft.set("currency", f"{place}/value/currency", currency)
        else:
            unknown = ValueProblem(
                "unknown", "The currency is not an ISO 4217 code. Use a code such as GBP."
            )
            draft.refuse("currency", f"{place}/value/currency", unknown, currency)
        return


def _term(draft: Draft, part: _Part, release: dict[str, Any]) -> None:
    lots = objects(_object(release.get("tender")).get("lots"))
    periods = [
        (f"{place}/{name}", _object(values.get(name)))
        for place, values in part.places
        for name in ("period", "contractPeriod")
    ]
    of_lots = [("tender/lots/contractPeriod", _object(lot.get("contractPeriod"))) for lot in lots]
    dated_periods = [p for p in periods if _dates(p[1])][:1] or [p for p in of_lots if _dates(p[1])]
    for name, key, choose in (
        ("start_date", "startDate", min),
        ("end_date", "endDate", max),
        ("max_extent_date", "maxExtentDate", max),
    ):
        days = [day for p in dated_periods if (day := _day(draft, name, key, *p)) is not None]
        if days:
            draft.set(name, f"{dated_periods[0][0]}/{key}", choose(days))
            if len(set(days)) > 1:
                which = "earliest" if choose is min else "latest"
                detail = f"The lots have different dates. The {which} one was used."
                draft.note("lots_differ", detail, f"{dated_periods[0][0]}/{key}")
    if not dated_periods:
        _only_duration(draft, [p for p in (*periods, *of_lots) if p[1]])
    _require_order(draft)


def _dates(period: dict[str, Any]) -> bool:
    return any(period.get(key) for key in ("startDate", "endDate", "maxExtentDate"))


def _day(draft: Draft, name: str, key: str, where: str, period: dict[str, Any]) -> date | None:
    if not period.get(key):
        return None
    try:
        return day_of(period[key], last=name != "start_date")
    except ValueProblem as problem:
        draft.refuse(name, f"{where}/{key}", problem, period[key])
        return None


def _only_duration(draft: Draft, periods: list[tuple[str, dict[str, Any]]]) -> None:
    days = {str(p.get("durationInDays")) for _, p in periods if p.get("durationInDays")}
    if days:
        # Publishers count months of 30 days from an unknown day, so the length gives no date.
        detail = "The release has only the length of the contract. Enter the dates in the contract."
        where = f"{periods[0][0]}/durationInDays"
        draft.note("only_duration", detail, where, ", ".join(sorted(days)))
    else:
        draft.note(
            "no_term", "The release has no dates of the contract. Enter the dates in the contract."
        )


def _require_order(draft: Draft) -> None:
    start, end, extent = (
        draft.fields.get(n) for n in ("start_date", "end_date", "max_extent_date")
    )
    if start and end and end < start:
        problem = ValueProblem("out_of_order", END_BEFORE_START)
        draft.refuse("end_date", "period", problem, end)
    if extent and (earliest := end or start) and extent < earliest:
        problem = ValueProblem(
            "out_of_order",
            "The latest possible end date is before the end or start date. Correct one of them.",
        )
        draft.refuse("max_extent_date", "period", problem, extent)


def _law(draft: Draft, release: dict[str, Any]) -> None:
    tender = _object(release.get("tender"))
    route = _ROUTES.get(str(tender.get("procurementMethod")))
    if route:
        draft.set("procurement_route", "tender/procurementMethod", route)
    regime = _LAWS.get(str(_object(tender.get("legalBasis")).get("id")))
    if regime and not draft.ocid.startswith(_SCOTLAND):
        draft.set("regime", "tender/legalBasis", regime)
