"""The enumerations that describe agreements and grants."""

from enum import StrEnum


class AgreementInstrument(StrEnum):
    """The law that an agreement is made under."""

    POLICE_ACT_1996_S22A = "police_act_1996_s22a"
    POLICING_AND_CRIME_ACT_2017_S1 = "policing_and_crime_act_2017_s1"
    OTHER = "other"


class AgreementStatus(StrEnum):
    """How far an agreement is, on the day of the request."""

    AWAITING_ACCEPTANCE = "awaiting_acceptance"
    WITHDRAWN = "withdrawn"
    AGREED = "agreed"
    IN_FORCE = "in_force"
    ENDED = "ended"
    TERMINATED = "terminated"


class AccessGrantStatus(StrEnum):
    """Whether a grant opens anything, at the moment of the request."""

    LIVE = "live"
    EXPIRED = "expired"
    REVOKED = "revoked"
