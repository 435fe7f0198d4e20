"""Conversion of assessed readiness into response bodies."""

from typing import Any
from uuid import UUID

from catalogue.core.money import amount_if_known
from catalogue.rationalisation.readiness.blockers import Blocker, Readiness
from catalogue.rationalisation.readiness.groups import (
    GroupReadiness,
    Notice,
    total_cost_of_missing,
)

_CONTRACT_FIELDS = ("last_notice_date", "max_extent_date", "exit_cost", "currency")
"""Fields of a contract in a blocker that can be withheld."""


def serialise_system(readiness: Readiness) -> dict[str, Any]:
    """Return the readiness of one system as `SystemReadinessSchema`."""
    system = readiness.facts.system
    return {
        "system_id": system.id,
        "system_name": system.name,
        "agency": system.agency,
        "lifecycle": system.lifecycle,
        "in_use": readiness.in_use,
        "ready": readiness.ready,
        "blockers": [_serialise_blocker(blocker) for blocker in readiness.blockers],
        "earliest_date": readiness.earliest_date,
        "not_before": readiness.not_before,
        "withheld": readiness.withheld,
    }


def serialise_group(overlap_id: UUID, group: GroupReadiness) -> dict[str, Any]:
    """Return the readiness of an overlap's systems as `GroupReadinessSchema`."""
    notices, next_notices = group.notices, group.next_notices
    cost, currency = total_cost_of_missing(next_notices)
    return {
        "overlap_id": overlap_id,
        "decision_ids": group.decision_ids,
        "ready": group.ready,
        "earliest_date": group.earliest_date,
        "not_before": group.not_before,
        "last_notice_date": next_notices[0].last_notice_date if next_notices else None,
        "cost_of_missing_notice": cost.in_pounds() if next_notices else None,
        "currency": currency,
        "notices": [_serialise_notice(notice) for notice in notices if not notice.missed],
        "missed_notices": [_serialise_notice(notice) for notice in notices if notice.missed],
        "systems": [serialise_system(system) for system in group.systems],
        "withheld": group.withheld,
    }


def _serialise_blocker(blocker: Blocker) -> dict[str, Any]:
    contract = blocker.contract
    return {
        "kind": blocker.kind,
        "detail": blocker.detail,
        "resolution": blocker.resolution,
        "owner": blocker.owner,
        "due_date": blocker.due_date,
        "clear_date": blocker.clear_date,
        "decision_id": blocker.decision_id,
        "dependant_id": blocker.dependant_id,
        "dependant_name": blocker.dependant_name,
        "interface_id": blocker.interface_id,
        "use_id": blocker.use_id,
        "user_count": blocker.user_count,
        "successor_id": blocker.successor_id,
        "successor_name": blocker.successor_name,
        "contract_id": contract.id if contract else None,
        "contract_title": contract.title if contract else None,
        "end_date": blocker.end_of_term,
        "last_notice_date": blocker.last_notice_date,
        "max_extent_date": contract.term.max_extent_date if contract else None,
        "exit_cost": amount_if_known(contract.exit_cost) if contract else None,
        "currency": contract.currency if contract else None,
        "withheld": [n for n in _CONTRACT_FIELDS if n in contract.withheld] if contract else [],
    }


def _serialise_notice(notice: Notice) -> dict[str, Any]:
    contract = notice.contract
    return {
        "contract_id": contract.id,
        "contract_title": contract.title,
        "agency": contract.agency,
        "end_date": notice.end_of_term,
        "last_notice_date": notice.last_notice_date,
        "earliest_end_date": notice.earliest_end_date,
        "cost_of_missing_notice": amount_if_known(notice.cost_of_missing_notice),
        "currency": contract.currency,
        "system_ids": notice.system_ids,
    }
