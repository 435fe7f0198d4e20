"""The enumerations that describe overlaps, decisions, and what stands in the way of them."""

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


class GroupingAction(StrEnum):
    """How somebody made a group of systems by hand."""

    SPLIT = "split"
    MERGE = "merge"


class DecisionStatus(StrEnum):
    """How far a decision is."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


class PaperRole(StrEnum):
    """What a decision means to one of its systems."""

    STAYS = "stays"
    GOES = "goes"
    SUCCEEDS = "succeeds"
    """It takes over from others, and is not to be decided on itself."""


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


class BlockerKind(StrEnum):
    """What stands in the way of turning a system off."""

    NO_AGREED_DECISION = "no_agreed_decision"
    SUCCESSOR_NOT_LIVE = "successor_not_live"
    LIVE_DEPENDANT = "live_dependant"
    USERS_NOT_MOVED = "users_not_moved"
    CONTRACT_RUNNING = "contract_running"
    RETENTION_HOLD = "retention_hold"
    DPIA_UNANSWERED = "dpia_unanswered"
    NATIONAL_SYSTEM = "national_system"
