"""The enumerations that describe baselines and savings."""

from enum import StrEnum


class BaselineStatus(StrEnum):
    """Whether a baseline is what savings are measured against."""

    DRAFT = "draft"
    APPROVED = "approved"
    SUPERSEDED = "superseded"


class SavingKind(StrEnum):
    """What a saving is, in the words of the Government Efficiency Framework: money that can be
    spent elsewhere, more for the same money, or money saved by doing less.
    """

    CASH_RELEASING = "cash_releasing"
    NON_CASH_RELEASING = "non_cash_releasing"
    NON_EFFICIENCY_SAVING = "non_efficiency_saving"


class SavingStatus(StrEnum):
    """How far a saving is."""

    IDENTIFIED = "identified"
    VALIDATED = "validated"
    IN_DELIVERY = "in_delivery"
    REALISED = "realised"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"


class ValidationVerdict(StrEnum):
    """What finance says to a saving."""

    VALIDATED = "validated"
    RETURNED = "returned"


class UseOfSaving(StrEnum):
    """Where money went that was saved."""

    RETURNED = "returned"
    REINVESTED = "reinvested"
