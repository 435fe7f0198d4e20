"""Steps that agencies take after the first load, each as a change set of its own.

A change set has one author and one reason, so the steps are not part of the first load. The audit
log shows which steps were taken, so an interrupted load can continue.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.agencies.operations import find_agency
from catalogue.core.actor import Actor, Author, Scope
from catalogue.core.context import Context
from catalogue.custom_fields.operations import create_custom_field
from catalogue.custom_fields.schemas import CustomFieldCreate
from catalogue.demonstration import sharing
from catalogue.demonstration.records import (
    Systems,
    attest_systems,
    document,
    fill_registers,
    register_rows,
)
from catalogue.history.models import ChangeSet
from catalogue.systems.models import System
from catalogue.systems.operations import SystemWriter
from catalogue.systems.schemas import SystemPatch
from catalogue.webhooks.operations import create_webhook
from catalogue.webhooks.schemas import WebhookCreate

CLIENT = "demonstration"
"""The client that the audit log names as the author."""

REGISTERS = "Copied from the registers of contracts, costs and interfaces."
YEARLY_CHECK = "Yearly check of the register."

Action = Callable[[Context, Systems], None]


@dataclass(frozen=True)
class Step:
    """An action of an agency, with the reason that the audit log records."""

    agency: str
    reason: str
    action: Action


def agency_steps() -> list[Step]:
    """Return the steps that share, record, attest and change records, in order."""
    sharing_data = document("sharing.json")
    return [
        *_agreement_steps(sharing_data["agreements"]),
        *_grant_steps(sharing_data["grants"]),
        *_register_steps(),
        *_attestation_steps(document("attestations.json")["attestations"]),
        *_change_steps(document("changes.json")["changes"]),
    ]


def extension_steps() -> list[Step]:
    """Return the steps that declare and fill custom fields, and prepare a webhook."""
    extended, hooks = document("custom_fields.json"), document("webhooks.json")["webhooks"]
    reason = extended["reason"]
    return [
        *(
            Step(each["agency"], reason, partial(_declare, fields=each["fields"]))
            for each in extended["custom_fields"]
        ),
        *_change_steps([each | {"reason": reason} for each in extended["values"]]),
        *(
            Step(each["agency"], each["reason"], partial(_subscribe, fields=each["fields"]))
            for each in hooks
        ),
    ]


def count_steps_taken(session: Session) -> int:
    """Return how many change sets the demonstration has, including the first load."""
    statement = sa.select(sa.func.count()).where(ChangeSet.client_id == CLIENT)
    return session.scalar(statement) or 0


def acting_for(session: Session, code: str) -> Actor:
    """Return an actor that acts for an agency and has every scope."""
    agency = find_agency(session, code)
    return Actor(CLIENT, agency.id, agency.code, frozenset(Scope))


def apply_step(context: Context, step: Step, systems: Systems) -> None:
    """Take a step for its agency. The caller commits."""
    acting = context.acting_as(acting_for(context.session, step.agency))
    acting.write_as(Author.of(acting.actor, reason=step.reason))
    # The previous step can open more records, through an agreement or a grant.
    acting.forget_shared_with()
    step.action(acting, systems)
    acting.session.flush()


def _agreement_steps(agreements: list[dict[str, Any]]) -> list[Step]:
    steps = []
    for agreement in agreements:
        lead = agreement["lead_agency"]
        steps.append(
            Step(
                lead, "Proposed to the parties.", partial(sharing.propose, agreement_data=agreement)
            )
        )
        steps += [
            Step(code, "Accepted by the board.", partial(sharing.accept, title=agreement["title"]))
            for code in agreement["accepted_by"]
        ]
    return steps


def _grant_steps(grants: list[dict[str, Any]]) -> list[Step]:
    steps = []
    for grant in grants:
        steps.append(
            Step(
                grant["grantor"],
                "Requested by the shared services centre.",
                partial(sharing.grant, grant_data=grant),
            )
        )
        if grant["revoked"]:
            steps.append(
                Step(
                    grant["grantor"],
                    grant["revoked"],
                    partial(sharing.revoke, purpose=grant["purpose"], reason=grant["revoked"]),
                )
            )
    return steps


def _register_steps() -> list[Step]:
    return [
        Step(code, REGISTERS, partial(fill_registers, registers=registers))
        for code, registers in register_rows().items()
    ]


def _attestation_steps(attestations: list[dict[str, Any]]) -> list[Step]:
    return [
        Step(each["agency"], YEARLY_CHECK, partial(attest_systems, attestation=each))
        for each in attestations
    ]


def _change_steps(changes: list[dict[str, Any]]) -> list[Step]:
    return [
        Step(
            each["agency"],
            each["reason"],
            partial(_change, key=(each["agency"], each["external_id"]), changes=each["changes"]),
        )
        for each in changes
    ]


def _declare(context: Context, _systems: Systems, *, fields: dict[str, Any]) -> None:
    create_custom_field(context, CustomFieldCreate().load(fields))


def _subscribe(context: Context, _systems: Systems, *, fields: dict[str, Any]) -> None:
    # Nobody keeps the secret. Rotate it before you use the webhook.
    create_webhook(context, WebhookCreate().load(fields))


def _change(
    context: Context, systems: Systems, *, key: tuple[str, str], changes: dict[str, Any]
) -> None:
    system = context.session.get_one(System, systems[key])
    owner: UUID = find_agency(context.session, context.actor.agency or "").id
    SystemWriter(context, owner).change(system, SystemPatch().load(changes))
