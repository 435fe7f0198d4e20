"""Readiness as it is answered."""

from typing import Any
from uuid import UUID

from catalogue.core.money import amount_if_known
from catalogue.rationalisation.readiness.blockers import Blocker, Readiness
from catalogue.rationalisation.readiness.groups import GroupReadiness, Notice, cost_of_missing

_OF_CONTRACT = ("last_notice_date", "max_extent_date", "exit_cost", "currency")
"""What a blocker shows of a contract, and not everybody sees."""


def answer_of(found: Readiness) -> dict[str, Any]:
    """A system's."""
    system = found.facts.system
    return {
        "system_id": system.id,
        "system_name": system.name,
        "agency": system.agency,
        "lifecycle": system.lifecycle,
        "nothing_to_retire": found.nothing_to_retire,
        "ready": found.ready,
        "blockers": [_blocker(each) for each in found.blockers],
        "earliest_date": found.earliest_date,
        "not_before": found.not_before,
        "withheld": found.withheld,
    }


def answer_of_group(overlap_id: UUID, found: GroupReadiness) -> dict[str, Any]:
    """A group's."""
    notices, due = found.notices, found.next_notices
    cost = cost_of_missing(due)
    return {
        "overlap_id": overlap_id,
        "decision_ids": found.decision_ids,
        "ready": found.ready,
        "earliest_date": found.earliest_date,
        "not_before": found.not_before,
        "last_notice_date": due[0].last_notice_date if due else None,
        "cost_of_missing": amount_if_known(cost[0]) if cost else None,
        "currency": cost[1] if cost else None,
        "notices": [_notice(each) for each in notices if not each.missed],
        "missed_notices": [_notice(each) for each in notices if each.missed],
        "systems": [answer_of(each) for each in found.systems],
        "withheld": found.withheld,
    }


def _blocker(found: Blocker) -> dict[str, Any]:
    contract = found.contract
    return {
        "kind": found.kind,
        "detail": found.detail,
        "cleared_by": found.cleared_by,
        "who": found.who,
        "due": found.due,
        "clears_on": found.clears_on,
        "decision_id": found.decision_id,
        "dependant_id": found.dependant_id,
        "dependant_name": found.dependant_name,
        "interface_id": found.interface_id,
        "use_id": found.use_id,
        "user_count": found.user_count,
        "successor_id": found.successor_id,
        "successor_name": found.successor_name,
        "contract_id": contract.id if contract else None,
        "contract_title": contract.title if contract else None,
        "end_date": contract.term.end_date if contract else None,
        "last_notice_date": contract.term.last_notice_date if contract else None,
        "max_extent_date": contract.term.max_extent_date if contract else None,
        "exit_cost": amount_if_known(contract.exit_cost) if contract else None,
        "currency": contract.currency if contract else None,
        "withheld": [n for n in _OF_CONTRACT if n in contract.withheld] if contract else [],
    }


def _notice(found: Notice) -> dict[str, Any]:
    contract = found.contract
    return {
        "contract_id": contract.id,
        "contract_title": contract.title,
        "agency": contract.agency,
        "end_date": contract.term.end_date,
        "last_notice_date": found.last_notice_date,
        "ends_on": found.ends_on,
        "cost_of_missing": amount_if_known(found.cost_of_missing),
        "currency": contract.currency,
        "system_ids": found.systems,
    }
