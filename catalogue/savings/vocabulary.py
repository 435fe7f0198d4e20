"""Enumerations of the states, kinds and uses of baselines and savings."""

from catalogue.core.vocabulary import Vocabulary


class BaselineStatus(Vocabulary):
    """The state of a baseline: a draft can change, and an approved baseline is frozen."""

    DRAFT = "draft", "Not approved yet. The lead agency can change it."
    APPROVED = "approved", "Frozen. New savings are claimed against its lines."
    SUPERSEDED = "superseded", "Frozen, and replaced by a later baseline."


class SavingKind(Vocabulary):
    """The type of a saving in the Government Efficiency Framework."""

    CASH_RELEASING = "cash_releasing", "Money that the agency can spend on something else."
    NON_CASH_RELEASING = "non_cash_releasing", "More output for the same money."
    NON_EFFICIENCY_SAVING = "non_efficiency_saving", "Money saved by doing less."


class SavingStatus(Vocabulary):
    """The state of a saving, from the claim to its delivery."""

    IDENTIFIED = "identified", "Claimed, and not validated by finance."
    VALIDATED = "validated", "Validated by finance, and not in delivery yet."
    IN_DELIVERY = "in_delivery", "Being delivered. Realised amounts can be recorded."
    REALISED = "realised", "Delivered, with an amount for every claimed year."
    MISSED = "missed", "Not delivered, or delivered in part only."
    WITHDRAWN = "withdrawn", "No longer claimed."


class ValidationVerdict(Vocabulary):
    """The result of a validation by finance."""

    VALIDATED = "validated", "Finance accepts the claim."
    RETURNED = "returned", "Finance sends the claim back, with a note on what is missing."


class UseOfSaving(Vocabulary):
    """The use of money that was saved."""

    RETURNED = "returned", "Returned to the budgets of the agencies."
    REINVESTED = "reinvested", "Spent on something else, which `reinvested_in` names."
