"""Declarations of agencies, agreements and access grants: their fields and row rules."""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.models import (
    AccessGrant,
    Agency,
    AgreementAcceptance,
    AgreementParty,
    AgreementWithdrawal,
    CollaborationAgreement,
    agency_succession,
)
from catalogue.agencies.schemas import AccessGrantSchema, AgencySchema, AgreementSchema
from catalogue.agencies.sharing import ACCEPTED_BY_ALL
from catalogue.agencies.visibility import own
from catalogue.agencies.vocabulary import AccessGrantStatus, AgreementStatus
from catalogue.core.actor import Scope
from catalogue.core.rest.columns import json_list, list_contains
from catalogue.core.rest.resource import EVERYONE, NOW, TODAY, Resource
from catalogue.core.sharing import ACTOR_AGENCY
from catalogue.core.types import enumeration
from catalogue.history.feed_fields import CodeField, PersonListField, expose, same_names
from catalogue.history.parties import Parties
from catalogue.history.persons import name_of_person

_governor = sa.orm.aliased(Agency, name="governor")
_other = sa.orm.aliased(Agency, name="other")

AGENCIES = Resource(
    name="agency",
    path="/v1/agencies",
    model=Agency,
    schema=AgencySchema,
    columns={
        "id": Agency.id,
        "code": Agency.code,
        "name": Agency.name,
        "kind": Agency.kind,
        "nation": Agency.nation,
        "identifiers": Agency.identifiers,
        "governed_by": _governor.code,
        "valid_from": Agency.valid_from,
        "valid_to": Agency.valid_to,
        "predecessors": json_list(
            _other.code,
            of=Agency,
            where=sa.and_(
                agency_succession.c.successor_id == Agency.id,
                agency_succession.c.predecessor_id == _other.id,
            ),
            order_by=_other.code,
        ),
        "successors": json_list(
            _other.code,
            of=Agency,
            where=sa.and_(
                agency_succession.c.predecessor_id == Agency.id,
                agency_succession.c.successor_id == _other.id,
            ),
            order_by=_other.code,
        ),
        "created_at": Agency.created_at,
        "updated_at": Agency.updated_at,
    },
    source=sa.orm.outerjoin(Agency, _governor, Agency.governed_by_id == _governor.id),
    visible=EVERYONE,
    search=Agency.search_text,
    default_sort="name",
    owner="id",
    administered=True,
)
"""Every agency can see all agencies. Their systems have a row rule of their own."""

expose(
    AGENCIES,
    scope=Scope.AGENCIES_READ,
    fields={
        **same_names("code", "name", "kind", "nation", "identifiers", "valid_from", "valid_to"),
        **same_names("predecessors", "successors"),
        "governed_by_id": CodeField("governed_by"),
    },
)


# ---- Agreements: only their parties can see them.

_lead = sa.orm.aliased(Agency, name="lead")
_partner = sa.orm.aliased(Agency, name="partner")
_own_part = sa.orm.aliased(AgreementParty, name="own_part")
_named_part = sa.orm.aliased(AgreementParty, name="named_part")


def _word(value: StrEnum) -> ColumnElement[str]:
    return sa.literal_column(f"'{value}'", sa.String())


def _is_party(code: ColumnElement[str]) -> ColumnElement[bool]:
    return sa.exists(
        sa.select(1)
        .where(
            _named_part.agreement_id == CollaborationAgreement.id,
            _named_part.agency_id == _partner.id,
            _partner.code == code,
        )
        .correlate(CollaborationAgreement)
    )


_S = AgreementStatus
_AGREEMENT_STATUS = sa.type_coerce(
    sa.case(
        (CollaborationAgreement.terminated_at.is_not(None), _word(_S.TERMINATED)),
        (CollaborationAgreement.end_date < TODAY, _word(_S.ENDED)),
        (CollaborationAgreement.withdrawals.any(), _word(_S.WITHDRAWN)),
        (~ACCEPTED_BY_ALL, _word(_S.AWAITING_ACCEPTANCE)),
        (CollaborationAgreement.start_date > TODAY, _word(_S.AGREED)),
        else_=_word(_S.IN_FORCE),
    ),
    enumeration(AgreementStatus),
)

AGREEMENTS = Resource(
    name="agreement",
    path="/v1/agreements",
    model=CollaborationAgreement,
    schema=AgreementSchema,
    columns={
        "id": CollaborationAgreement.id,
        "title": CollaborationAgreement.title,
        "instrument": CollaborationAgreement.instrument,
        "lead_agency": _lead.code,
        "parties": json_list(
            _partner.code,
            of=CollaborationAgreement,
            where=sa.and_(
                AgreementParty.agreement_id == CollaborationAgreement.id,
                AgreementParty.agency_id == _partner.id,
            ),
            order_by=_partner.code,
        ),
        "start_date": CollaborationAgreement.start_date,
        "end_date": CollaborationAgreement.end_date,
        "decision_notice_url": CollaborationAgreement.decision_notice_url,
        "field_profile": CollaborationAgreement.field_profile,
        "status": _AGREEMENT_STATUS,
        "content_hash": CollaborationAgreement.content_hash,
        "accepted_by": json_list(
            {
                "agency": _partner.code,
                "person": name_of_person(AgreementAcceptance.person_id),
                "role": AgreementAcceptance.role,
                "accepted_at": AgreementAcceptance.accepted_at,
                "content_hash": AgreementAcceptance.content_hash,
            },
            of=CollaborationAgreement,
            where=sa.and_(
                AgreementAcceptance.agreement_id == CollaborationAgreement.id,
                AgreementAcceptance.agency_id == _partner.id,
            ),
            order_by=_partner.code,
        ),
        "withdrawn_by": json_list(
            {
                "agency": _partner.code,
                "withdrawn_at": AgreementWithdrawal.withdrawn_at,
                "reason": AgreementWithdrawal.reason,
            },
            of=CollaborationAgreement,
            where=sa.and_(
                AgreementWithdrawal.agreement_id == CollaborationAgreement.id,
                AgreementWithdrawal.agency_id == _partner.id,
            ),
            order_by=_partner.code,
        ),
        "terminated_at": CollaborationAgreement.terminated_at,
        "created_at": CollaborationAgreement.created_at,
        "updated_at": CollaborationAgreement.updated_at,
    },
    source=sa.orm.join(CollaborationAgreement, _lead, CollaborationAgreement.agency_id == _lead.id),
    contains={"parties": _is_party},
    not_filters=frozenset({"content_hash", "decision_notice_url"}),
    visible=sa.exists(
        sa.select(1)
        .where(
            _own_part.agreement_id == CollaborationAgreement.id, _own_part.agency_id == ACTOR_AGENCY
        )
        .correlate(CollaborationAgreement)
    ),
    search=CollaborationAgreement.search_text,
    default_sort="-start_date",
    owner="agency_id",
)
_actor = sa.orm.aliased(Agency, name="reader")
_QUOTE = sa.literal_column("'\"'", sa.String())
_OWN_CODE = (
    sa.select(_QUOTE + _actor.code + _QUOTE).where(_actor.id == ACTOR_AGENCY).scalar_subquery()
)

expose(
    AGREEMENTS,
    scope=Scope.AGENCIES_READ,
    # The code with its quotation marks, so that no code matches a part of another.
    parties=Parties("parties", lambda is_named: is_named(_OWN_CODE)),
    verbs=("accepted", "withdrawn", "terminated"),
    fields={
        "agency_id": CodeField("lead_agency"),
        "acceptances": PersonListField("accepted_by"),
        "withdrawals": "withdrawn_by",
        **same_names(
            "title",
            "instrument",
            "parties",
            "start_date",
            "end_date",
            "decision_notice_url",
            "field_profile",
            "content_hash",
            "terminated_at",
        ),
    },
)

# ---- Access grants: only the grantor and the grantee can see them.

_grantor = sa.orm.aliased(Agency, name="grantor")
_grantee = sa.orm.aliased(Agency, name="grantee")
_GRANTS = AccessGrant.__table__.c

_GRANT_STATUS = sa.type_coerce(
    sa.case(
        (AccessGrant.revoked_at.is_not(None), _word(AccessGrantStatus.REVOKED)),
        (AccessGrant.expires_at <= NOW, _word(AccessGrantStatus.EXPIRED)),
        else_=_word(AccessGrantStatus.LIVE),
    ),
    enumeration(AccessGrantStatus),
)

ACCESS_GRANTS = Resource(
    name="access_grant",
    path="/v1/access-grants",
    model=AccessGrant,
    schema=AccessGrantSchema,
    columns={
        "id": AccessGrant.id,
        "grantor": _grantor.code,
        "grantee": _grantee.code,
        "resource_types": AccessGrant.resource_types,
        "field_profile": AccessGrant.field_profile,
        "purpose": AccessGrant.purpose,
        "status": _GRANT_STATUS,
        "expires_at": AccessGrant.expires_at,
        "revoked_at": AccessGrant.revoked_at,
        "revoked_reason": AccessGrant.revoked_reason,
        "created_at": AccessGrant.created_at,
        "updated_at": AccessGrant.updated_at,
    },
    source=sa.orm.join(
        sa.orm.join(AccessGrant, _grantor, AccessGrant.agency_id == _grantor.id),
        _grantee,
        AccessGrant.grantee_id == _grantee.id,
    ),
    contains={"resource_types": lambda value: list_contains(_GRANTS.resource_types, value)},
    not_filters=frozenset({"purpose", "revoked_reason"}),
    visible=sa.or_(own(AccessGrant), AccessGrant.grantee_id == ACTOR_AGENCY),
    default_sort="-created_at",
    owner="agency_id",
)

expose(
    ACCESS_GRANTS,
    scope=Scope.AGENCIES_READ,
    verbs=("revoked",),
    fields={
        "agency_id": CodeField("grantor"),
        "grantee_id": CodeField("grantee"),
        **same_names(
            "resource_types",
            "field_profile",
            "purpose",
            "expires_at",
            "revoked_at",
            "revoked_reason",
        ),
    },
)
