"""The paper of a decision: all that an approver is to know before it signs.

It is put together from what other readings answer the same actor: the decision, its systems as of
the moment at which it was proposed, the same systems now, and their costs. Nothing is masked here.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from catalogue.agencies.models import Agency
from catalogue.core.actor import Scope
from catalogue.core.context import Context
from catalogue.core.money import amount_if_known
from catalogue.core.rest.profiles import WITHHELD
from catalogue.core.rest.reader import only_visible, read_document, read_documents
from catalogue.rationalisation.decisions.content import STAYS
from catalogue.rationalisation.decisions.costs import CostAYear, cost_a_year
from catalogue.rationalisation.decisions.models import Decision
from catalogue.rationalisation.decisions.resources import DECISIONS
from catalogue.rationalisation.decisions.signing import replaced_by
from catalogue.rationalisation.states import OPEN_DECISIONS
from catalogue.rationalisation.vocabulary import BriefingRole, DecisionStatus
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.vocabulary import Disposition

Document = dict[str, Any]

NOT_COMPARED = frozenset({WITHHELD, "created_at", "updated_at", "attestation_due"})
"""Fields that change with others, or with the calendar."""


def paper_of(context: Context, decision_id: UUID) -> Document:
    """The paper of a decision for the actor, who is the one of the request.

    NotFound where it may not see the decision. All of it follows from one reading of that, so it
    is of one content and its hash.
    """
    decision: Document = orjson.loads(read_document(context, DECISIONS, decision_id))
    moment = decision["proposed_at"]
    as_of = datetime.fromisoformat(moment) if moment else None
    concerned = [*map(_member, decision["members"]), *_successors(context, decision)]
    named = [each["system_id"] for each in concerned]
    now = read_documents(context, SYSTEMS, named) if context.actor.has(Scope.SYSTEMS_READ) else {}
    then = read_documents(context, SYSTEMS, now, as_of=as_of) if as_of else now
    costs = _costs(context, concerned)
    own_costs = _costs(
        context, [each for each in concerned if each["agency"] == context.actor.agency]
    )
    return {
        "decision": decision,
        "records_as_of": moment,
        "systems": [_told(each, then, now, costs) for each in concerned],
        "withheld_members": decision["withheld_members"],
        "costs": _sums(costs),
        "own_costs": _sums(own_costs),
        "supersedes": _superseded(context, decision, named),
        "content_hash": decision["content_hash"],
        "may_sign": decision["awaits_us"] and context.actor.has(Scope.DECISIONS_SIGN),
        "signed": any(
            each["agency"] == context.actor.agency and each["voided_at"] is None
            for each in decision["sign_offs"]
        ),
    }


def _member(member: Document) -> Document:
    stays = Disposition(member["disposition"]) in STAYS
    return member | {
        "system_id": UUID(member["system_id"]),
        "role": BriefingRole.STAYS if stays else BriefingRole.GOES,
    }


def _successors(context: Context, decision: Document) -> list[Document]:
    """What takes over without being a member, as far as the actor sees it."""
    named = {m["successor_id"] for m in decision["members"]}
    wanted = named - {None} - {m["system_id"] for m in decision["members"]}
    statement: Any = (
        sa.select(System.id, System.name, Agency.code)
        .join(Agency, Agency.id == System.agency_id)
        .where(System.id.in_(map(UUID, wanted)))
        .order_by(System.id)
    )
    return [
        {
            "system_id": identity,
            "system_name": name,
            "agency": agency,
            "role": BriefingRole.SUCCEEDS,
            "disposition": None,
            "strategy": None,
            "successor_id": None,
            "withheld": [],
        }
        for identity, name, agency in context.session.execute(
            only_visible(context, SYSTEMS, statement)
        )
    ]


def _told(
    concerned: Document, then: dict[UUID, Document], now: dict[UUID, Document], costs: CostAYear
) -> Document:
    identity = concerned["system_id"]
    record, present = then.get(identity), now.get(identity)
    unseen = {"as_proposed": record is None, "cost_a_year": identity in costs.withheld}
    return {name: concerned[name] for name in concerned if name != WITHHELD} | {
        "as_proposed": record,
        "changed_since": list(_changes(record, present)) if record and present else [],
        "cost_a_year": amount_if_known(costs.systems.get(identity)),
        WITHHELD: [*concerned[WITHHELD], *(name for name, held in unseen.items() if held)],
    }


def _changes(record: Document, present: Document) -> Iterable[Document]:
    """The fields that both show, and that are not the same."""
    unshown = {*record[WITHHELD], *present[WITHHELD]} | NOT_COMPARED
    for name, value in record.items():
        if name not in unshown and value != present[name]:
            yield {"field": name, "before": value, "now": present[name]}


def _costs(context: Context, concerned: Iterable[Document]) -> CostAYear:
    going = {each["system_id"] for each in concerned if each["role"] is BriefingRole.GOES}
    staying = {each["system_id"] for each in concerned} - going
    return cost_a_year(context, staying=staying, going=going)


def _sums(costs: CostAYear) -> Document:
    return {
        "financial_year": costs.financial_year,
        "before": amount_if_known(costs.before),
        "after": amount_if_known(costs.after),
        "withheld_systems": len(costs.withheld),
        "unrecorded_systems": len(costs.unknown),
    }


def _superseded(context: Context, decision: Document, systems: list[UUID]) -> list[UUID]:
    """What it takes the place of once it is agreed, or took; as far as the actor may know of it."""
    identity, status = UUID(decision["id"]), DecisionStatus(decision["status"])
    if status in OPEN_DECISIONS:
        # For systems that the actor sees: others would be known by what they were in before.
        found = replaced_by(identity, UUID(decision["overlap_id"]), systems=systems)
    else:
        found = sa.select(Decision).where(Decision.superseded_by_id == identity)
    ids = found.with_only_columns(Decision.id).order_by(Decision.id)
    return list(context.session.scalars(only_visible(context, DECISIONS, ids)))
