"""Enumerations of agencies, agreements and access grants."""

from catalogue.core.vocabulary import Vocabulary


class AgencyKind(Vocabulary):
    """The type of an agency, such as a police force or a governing body."""

    POLICE = "police", "A police force."
    FIRE = "fire", "A fire and rescue service."
    AMBULANCE = "ambulance", "An ambulance service."
    PCC = "pcc", "A police and crime commissioner."
    PFCC = "pfcc", "A police, fire and crime commissioner."
    MAYOR = "mayor", "A mayor or mayoral authority that governs police or fire services."
    SHARED_SERVICE = "shared_service", "A service that several agencies run together."
    OTHER = "other", "Any other body, such as a fire authority."


class AgreementInstrument(Vocabulary):
    """The law under which an agreement is made."""

    POLICE_ACT_1996_S22A = (
        "police_act_1996_s22a",
        "Section 22A of the Police Act 1996, among police forces.",
    )
    POLICING_AND_CRIME_ACT_2017_S1 = (
        "policing_and_crime_act_2017_s1",
        "Section 1 of the Policing and Crime Act 2017, among emergency services.",
    )
    OTHER = "other", "Any other law or power."


class AgreementStatus(Vocabulary):
    """The state of an agreement on the day of the request, in the United Kingdom."""

    AWAITING_ACCEPTANCE = (
        "awaiting_acceptance",
        "At least one party has not accepted the present terms.",
    )
    WITHDRAWN = "withdrawn", "A party withdrew or refused, so nothing is shared."
    AGREED = "agreed", "Every party has accepted, and the start date is in the future."
    IN_FORCE = "in_force", "Every party has accepted, and the agreement shares records."
    ENDED = "ended", "The end date has passed, whether or not every party accepted."
    TERMINATED = "terminated", "The lead agency ended the agreement permanently."


class AccessGrantStatus(Vocabulary):
    """The state of a grant at the moment of the request."""

    LIVE = "live", "The grant opens records."
    EXPIRED = "expired", "The end of the grant has passed."
    REVOKED = "revoked", "The grantor ended the grant early."


class VisibilityBasis(Vocabulary):
    """The rule by which an agency sees a record."""

    OWNER = "owner", "The agency owns the record."
    DISCLOSURE = "disclosure", "The record is disclosed to all agencies."
    AGREEMENT = "agreement", "An agreement of both agencies is in force, and opens the record."
    GRANT = "grant", "A live grant of the owner opens the record."
