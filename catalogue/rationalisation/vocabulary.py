"""The enumerations that describe overlaps and decisions."""

from enum import StrEnum


class OverlapKind(StrEnum):
    """What the systems of an overlap have in common."""

    SAME_INSTANCE = "same_instance"
    SAME_PRODUCT = "same_product"
    SAME_FUNCTION = "same_function"
    RENAMED_SUPPLIER = "renamed_supplier"


class OverlapStatus(StrEnum):
    """How far an overlap has been looked into."""

    CANDIDATE = "candidate"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    DECIDED = "decided"


class OverlapVerdict(StrEnum):
    """What an agency found when it looked into an overlap."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class DecisionStatus(StrEnum):
    """How far a decision is."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


class SignOffVerdict(StrEnum):
    """What an agency says to a decision."""

    AGREED = "agreed"
    REFUSED = "refused"


class MigrationStrategy(StrEnum):
    """How a system is dealt with (the seven Rs)."""

    RETAIN = "retain"
    RETIRE = "retire"
    REHOST = "rehost"
    RELOCATE = "relocate"
    REPURCHASE = "repurchase"
    REPLATFORM = "replatform"
    REFACTOR = "refactor"
