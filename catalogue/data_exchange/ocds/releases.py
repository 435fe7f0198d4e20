"""What contracts a release tells of, and what of each is wrong or in doubt.

Releases seldom fill `contracts`. So a contract is looked for where publishers really put it: in
`contracts`, else in `awards`, else in the tender itself, whose lots have the dates. What a release
does not say is not guessed; what it says and cannot be, spoils its row.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from catalogue.contracts.vocabulary import CURRENCIES, ProcurementRegime, ProcurementRoute
from catalogue.core.text import fold
from catalogue.data_exchange.ocds.values import accept, amount_of, day_of, lost_line_ends, plain
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
    # The directive that the regulations of 2015 put into the law of England and Wales; Scotland
    # has regulations of its own, and its notices say no more.
    "32014L0024": ProcurementRegime.PCR_2015,
    "2023/54": ProcurementRegime.PROCUREMENT_ACT_2023,
}
_SCOTLAND = "ocds-r6ebe6-"


@dataclass
class Named:
    """A supplier as a release names it."""

    name: str
    identifiers: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Draft:
    """A contract that a release tells of. `problems` spoil it, `notices` do not."""

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
    """For each field, where in the release its value stood."""

    def refuse(self, name: str, where: str, problem: ValueProblem, value: Any) -> None:
        """Note what cannot be taken over."""
        self.problems.append(
            TableProblem(problem.code, problem.detail, self.row, where, quoted(value), name)
        )

    def note(self, code: str, detail: str, where: str | None = None, value: Any = None) -> None:
        """Note what is in doubt, or was left."""
        cell = None if value is None else quoted(value)
        self.notices.append(TableProblem(code, detail, self.row, where, cell))

    def set(self, name: str, where: str, value: Any) -> None:
        """Take over a value."""
        self.fields[name] = value
        self.sources[name, where] += 1


@dataclass(frozen=True)
class _Part:
    """One contract, award or tender: the objects to look into, the best first, with their paths."""

    places: tuple[tuple[str, dict[str, Any]], ...]
    identity: str | None


def drafts_of(row: int, release: dict[str, Any]) -> Iterator[Draft]:
    """Each contract that a release tells of; none where nothing was awarded."""
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


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _parts(release: dict[str, Any]) -> Iterator[_Part]:
    tender = _object(release.get("tender"))
    contracts, awards = _objects(release.get("contracts")), _objects(release.get("awards"))
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
                yield _Part(tuple(p for p in places if p[1]), identity)
    elif tender and str(tender.get("status")) not in _NOT_AWARDED:
        yield _Part((("tender", tender),), None)


def _buyer(release: dict[str, Any]) -> str:
    return plain(_object(release.get("buyer")).get("name"))


def _identify(draft: Draft, part: _Part, release: dict[str, Any]) -> None:
    try:
        draft.set("ocid", "ocid", accept("ocid", draft.ocid))
    except ValueProblem as problem:
        draft.refuse("ocid", "ocid", problem, draft.ocid)
    if not release.get("id"):
        draft.note("no_release_id", "The release has no id, which the standard wants.", "id")
    if part.identity == "":
        detail = "It has no id, by which it could be told from others."
        draft.refuse("reference", f"{part.places[0][0]}/id", ValueProblem("required", detail), "")
    reference = plain(f"{draft.ocid}/{part.identity}" if part.identity else draft.ocid)
    if len(reference) > LONGEST_REFERENCE:
        digest = sha256(reference.encode()).hexdigest()[:32]
        reference = f"{reference[: LONGEST_REFERENCE - len(digest)]}{digest}"
    draft.set("reference", "ocid", reference)


def _title(draft: Draft, part: _Part) -> None:
    for place, said in part.places:
        text = plain(said.get("title")) or (plain(said.get("description")))
        where = f"{place}/title" if plain(said.get("title")) else f"{place}/description"
        if not text:
            continue
        if lost_line_ends(said.get(where.rpartition("/")[2])):
            draft.note("lost_line_ends", "Line ends had become “rn”, and are spaces now.", where)
        if len(text) > LONGEST_TITLE:
            draft.note("cut", f"Its first {LONGEST_TITLE} characters were taken.", where, text)
            text = text[: LONGEST_TITLE - 1].rstrip() + "…"
        draft.set("title", where, text)
        return
    nothing = ValueProblem("required", "The release gives the contract no title.")
    draft.refuse("title", f"{part.places[0][0]}/title", nothing, "")


def _supplier(draft: Draft, part: _Part, release: dict[str, Any]) -> None:
    parties = {str(p.get("id")): p for p in _objects(release.get("parties"))}
    for place, said in part.places:
        named = [s for s in _objects(said.get("suppliers")) if plain(s.get("name"))]
        if not named:
            continue
        where = f"{place}/suppliers"
        names = list(dict.fromkeys(plain(s.get("name")) for s in named))
        if len(names) > 1:
            detail = f"{len(names)} suppliers are named; the first was taken."
            draft.note("more_suppliers", detail, where, "; ".join(names))
        party = parties.get(str(named[0].get("id")), {}) | named[0]
        titles = {fold(plain(each.get("title"))) for _, each in part.places}
        if fold(names[0]) in titles - {""}:
            detail = "The supplier is called what the contract is called, so it is not known."
            draft.note("supplier_is_title", detail, where, names[0])
            return
        if len(names[0]) > LONGEST_TITLE:
            problem = ValueProblem("too_long", f"At most {LONGEST_TITLE} characters are allowed.")
            draft.refuse("supplier", where, problem, names[0])
            return
        draft.supplier = Named(names[0], _identifiers(party))
        draft.sources["supplier_id", where] += 1
        return


def _identifiers(party: dict[str, Any]) -> list[dict[str, str]]:
    given = [_object(party.get("identifier")), *_objects(party.get("additionalIdentifiers"))]
    texts = [(plain(each.get("scheme")), plain(str(each.get("id") or ""))) for each in given]
    return [{"scheme": scheme, "id": identity} for scheme, identity in texts if scheme and identity]


def _value(draft: Draft, part: _Part) -> None:
    for place, said in part.places:
        value = _object(said.get("value"))
        if value.get("amount") is None:
            continue
        where = f"{place}/value/amount"
        try:
            amount, rounded = amount_of(value["amount"])
        except ValueProblem as problem:
            draft.refuse("total_value", where, problem, value["amount"])
            return
        if rounded:
            draft.note("rounded", "It was rounded to a penny.", where, value["amount"])
        draft.set("total_value", where, amount)
        currency = value.get("currency")
        if currency is None:
            draft.note("no_currency", "Its currency is not told; it is taken for pounds.", where)
        elif isinstance(currency, str) and currency in CURRENCIES:
            draft.set("currency", f"{place}/value/currency", currency)
        else:
            unknown = ValueProblem("unknown", "ISO 4217 has no such currency.")
            draft.refuse("currency", f"{place}/value/currency", unknown, currency)
        return


def _term(draft: Draft, part: _Part, release: dict[str, Any]) -> None:
    lots = _objects(_object(release.get("tender")).get("lots"))
    periods = [
        (f"{place}/{name}", _object(said.get(name)))
        for place, said in part.places
        for name in ("period", "contractPeriod")
    ]
    of_lots = [("tender/lots/contractPeriod", _object(lot.get("contractPeriod"))) for lot in lots]
    told = [p for p in periods if _dates(p[1])][:1] or [p for p in of_lots if _dates(p[1])]
    for name, key, choose in (
        ("start_date", "startDate", min),
        ("end_date", "endDate", max),
        ("max_extent_date", "maxExtentDate", max),
    ):
        days = [day for p in told if (day := _day(draft, name, key, *p)) is not None]
        if days:
            draft.set(name, f"{told[0][0]}/{key}", choose(days))
            if len(set(days)) > 1:
                which = "earliest" if choose is min else "latest"
                detail = f"The lots differ in it; the {which} was taken."
                draft.note("lots_differ", detail, f"{told[0][0]}/{key}")
    if not told:
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
        # Counted in months of thirty days, from a day that is not told: no date follows from it.
        detail = "Only how long it lasts is told, in days, and not from when. Enter its dates."
        where = f"{periods[0][0]}/durationInDays"
        draft.note("only_duration", detail, where, ", ".join(sorted(days)))
    else:
        draft.note("no_term", "It is not told when it begins or ends. Enter its dates.")


def _require_order(draft: Draft) -> None:
    start, end, extent = (
        draft.fields.get(n) for n in ("start_date", "end_date", "max_extent_date")
    )
    if start and end and end < start:
        problem = ValueProblem("out_of_order", "It may not end before it starts.")
        draft.refuse("end_date", "period", problem, end)
    if extent and (earliest := end or start) and extent < earliest:
        problem = ValueProblem("out_of_order", "It cannot be extended to a day before it ends.")
        draft.refuse("max_extent_date", "period", problem, extent)


def _law(draft: Draft, release: dict[str, Any]) -> None:
    tender = _object(release.get("tender"))
    route = _ROUTES.get(str(tender.get("procurementMethod")))
    if route:
        draft.set("procurement_route", "tender/procurementMethod", route)
    regime = _LAWS.get(str(_object(tender.get("legalBasis")).get("id")))
    if regime and not draft.ocid.startswith(_SCOTLAND):
        draft.set("regime", "tender/legalBasis", regime)
