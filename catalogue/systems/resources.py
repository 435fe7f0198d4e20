"""The system resource: its fields, and the rules for who sees which rows and fields."""

from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.models import Agency
from catalogue.agencies.visibility import level, seen, was_seen
from catalogue.capabilities.models import Capability
from catalogue.core.actor import Scope
from catalogue.core.rest.columns import DialectExpression, json_list, list_contains
from catalogue.core.rest.grouped_counts import Entries
from catalogue.core.rest.profiles import Profiles
from catalogue.core.rest.resource import Resource
from catalogue.core.sharing import ACTOR_AGENCY, Profile
from catalogue.history.as_of import AsOf
from catalogue.history.feed_fields import CodeField, expose, same_names
from catalogue.history.models import Event
from catalogue.history.parties import Parties
from catalogue.systems.attestations.resources import ATTESTATION_DUE
from catalogue.systems.attribute_values import ATTRIBUTE_KEYS
from catalogue.systems.models import System, SystemCapability, SystemExternalId
from catalogue.systems.schemas import SystemSchema

SUMMARY_FIELDS = frozenset(
    {
        "id",
        "agency",
        "agency_name",
        "name",
        "product_name",
        "supplier_name",
        "product_id",
        "capabilities",
        "lifecycle",
    }
)
"""The fields that finding duplicates needs, and no more."""


_counted = sa.orm.aliased(SystemCapability, name="counted")
_counted_capability = sa.orm.aliased(Capability, name="counted_capability")


def _has_capability(code: ColumnElement[str]) -> ColumnElement[bool]:
    return sa.exists(
        sa.select(1)
        .select_from(SystemCapability)
        .join(Capability, Capability.id == SystemCapability.capability_id)
        .where(SystemCapability.system_id == System.id, Capability.code == code)
        .correlate(System)
    )


def _has_external_id(identity: ColumnElement[str]) -> ColumnElement[bool]:
    return sa.exists(
        sa.select(1)
        .select_from(SystemExternalId)
        .where(SystemExternalId.system_id == System.id, SystemExternalId.external_id == identity)
        .correlate(System)
    )


_COLUMNS = System.__table__.c

PROFILES = Profiles(
    level=level(System),
    seen=partial(seen, System),
    owner=System.agency_id,
    summary=SUMMARY_FIELDS,
    full=System.full_fields,
    full_scope=Scope.RISKS_READ,
)


def _as_of_lists(state: sa.Subquery) -> dict[str, Any]:
    """Return the columns of a system's past state for the lists that other tables hold now."""
    return {"capabilities": state.c.capabilities, "external_ids": state.c.external_ids}


def _as_of_external_id(state: sa.Subquery) -> Any:
    entries = sa.func.json_each(state.c.external_ids).table_valued("value", name="listed")
    named = sa.func.json_extract(entries.c.value, sa.literal_column("'$.id'"))
    return lambda identity: DialectExpression(
        postgresql=state.c.external_ids.op("@>")(
            sa.func.jsonb_build_array(
                sa.func.jsonb_build_object(sa.literal_column("'id'"), identity)
            )
        ),
        sqlite=sa.exists(sa.select(1).where(named == identity)),
    )


def named_by_systems(key: str) -> Parties:
    """Declare the owners of the systems that a field names as parties of the record."""
    owned = sa.orm.aliased(System, name="owned_then")

    def is_party(is_named: Any) -> ColumnElement[bool]:
        named: sa.Select[Any] = sa.select(sa.literal_column("1")).where(
            owned.agency_id == ACTOR_AGENCY, is_named(owned.id)
        )
        return sa.exists(named.correlate(Event))

    return Parties(key, is_party)


SYSTEMS = Resource(
    name="system",
    path="/v1/systems",
    model=System,
    schema=SystemSchema,
    columns={
        "id": System.id,
        "agency": Agency.code,
        "agency_name": Agency.name,
        "name": System.name,
        "aliases": System.aliases,
        "description": System.description,
        "product_name": System.product_name,
        "supplier_name": System.supplier_name,
        "product_id": System.product_id,
        "product_version": System.product_version,
        "capabilities": json_list(
            Capability.code,
            of=System,
            where=sa.and_(
                SystemCapability.system_id == System.id,
                SystemCapability.capability_id == Capability.id,
            ),
            order_by=Capability.code,
        ),
        "lifecycle": System.lifecycle,
        "live_from": System.live_from,
        "end_of_support": System.end_of_support,
        "hosting": System.hosting,
        "criticality": System.criticality,
        "functional_fit": System.functional_fit,
        "technical_fit": System.technical_fit,
        "disposition": System.disposition,
        "user_count": System.user_count,
        "rto_hours": System.rto_hours,
        "rpo_hours": System.rpo_hours,
        "classification": System.classification,
        "personal_data": System.personal_data,
        "dpia_status": System.dpia_status,
        "retention_hold": System.retention_hold,
        "legacy_risk": System.legacy_risk,
        "business_owner": System.business_owner,
        "technical_owner": System.technical_owner,
        "external_ids": json_list(
            {"source": SystemExternalId.source, "id": SystemExternalId.external_id},
            of=System,
            where=SystemExternalId.system_id == System.id,
            order_by=SystemExternalId.source,
        ),
        "tags": System.tags,
        "attributes": System.attributes,
        "disclosure": System.disclosure,
        "attested_at": System.attested_at,
        "attestation_verdict": System.attestation_verdict,
        "attestation_due": ATTESTATION_DUE,
        "completeness": System.completeness,
        "missing": System.missing,
        "created_at": System.created_at,
        "updated_at": sa.case(
            (PROFILES.shows(Profile.FULL), System.updated_at), else_=System.shared_updated_at
        ),
    },
    source=sa.orm.join(System, Agency, System.agency_id == Agency.id),
    contains={
        "capabilities": _has_capability,
        "external_ids": _has_external_id,
        "tags": lambda value: list_contains(_COLUMNS.tags, value),
        "aliases": lambda value: list_contains(_COLUMNS.aliases, value),
    },
    group_by={
        "agency": Agency.code,
        "capabilities": Entries(
            _counted_capability.code,
            joins=(
                (_counted, _counted.system_id == System.id),
                (_counted_capability, _counted_capability.id == _counted.capability_id),
            ),
        ),
        "lifecycle": System.lifecycle,
        "disposition": System.disposition,
        "hosting": System.hosting,
        "criticality": System.criticality,
        "functional_fit": System.functional_fit,
        "technical_fit": System.technical_fit,
        "classification": System.classification,
        "personal_data": System.personal_data,
        "dpia_status": System.dpia_status,
        "disclosure": System.disclosure,
        "attestation_verdict": System.attestation_verdict,
    },
    sort_as={"name": System.name_key},
    not_filters=frozenset({"description"}),
    map_keys=ATTRIBUTE_KEYS,
    visible=seen(System),
    was_visible=was_seen,
    profiles=PROFILES,
    search=System.search_text,
    summary_search=System.summary_search_text,
    default_sort="name",
    owner="agency_id",
    as_of=AsOf(
        lists=("capabilities", "external_ids"),
        columns=_as_of_lists,
        contains={
            "capabilities": lambda state: lambda code: list_contains(state.c.capabilities, code),
            "external_ids": _as_of_external_id,
        },
    ),
)

expose(
    SYSTEMS,
    scope=Scope.SYSTEMS_READ,
    verbs=("merged",),
    disclosure_rule=seen,
    rule_is_complete=True,
    fields={
        "agency_id": CodeField("agency"),
        **same_names(
            "name",
            "aliases",
            "description",
            "product_name",
            "supplier_name",
            "product_id",
            "product_version",
            "lifecycle",
            "live_from",
            "end_of_support",
            "hosting",
            "criticality",
            "functional_fit",
            "technical_fit",
            "disposition",
            "user_count",
            "rto_hours",
            "rpo_hours",
            "classification",
            "personal_data",
            "dpia_status",
            "retention_hold",
            "legacy_risk",
            "business_owner",
            "technical_owner",
            "external_ids",
            "tags",
            "attributes",
            "disclosure",
            "attested_at",
            "attestation_verdict",
            "capabilities",
        ),
    },
)
