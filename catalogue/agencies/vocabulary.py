"""Enumerations of agreements and access grants."""

from enum import StrEnum


class AgreementInstrument(StrEnum):
    """The law under which an agreement is made."""

    POLICE_ACT_1996_S22A = "police_act_1996_s22a"
    POLICING_AND_CRIME_ACT_2017_S1 = "policing_and_crime_act_2017_s1"
    OTHER = "other"


class AgreementStatus(StrEnum):
    """The state of an agreement on the day of the request, in the United Kingdom."""

    AWAITING_ACCEPTANCE = "awaiting_acceptance"
    WITHDRAWN = "withdrawn"
    AGREED = "agreed"
    IN_FORCE = "in_force"
    ENDED = "ended"
    TERMINATED = "terminated"


class AccessGrantStatus(StrEnum):
    """The state of a grant at the moment of the request."""

    LIVE = "live"
    EXPIRED = "expired"
    REVOKED = "revoked"
