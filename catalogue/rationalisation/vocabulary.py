"""Enumerations of overlaps, decisions and blockers."""

from catalogue.core.vocabulary import Vocabulary


class OverlapKind(Vocabulary):
    """The thing that the systems of an overlap have in common."""

    SAME_INSTANCE = "same_instance", "The records describe one installation."
    SAME_PRODUCT = "same_product", "The agencies run the same product, each its own installation."
    SAME_FUNCTION = "same_function", "Different products perform the same function."
    RENAMED_SUPPLIER = (
        "renamed_supplier",
        "The agencies run the same product, and record its supplier under different names.",
    )


class OverlapStatus(Vocabulary):
    """The stage that the review of an overlap has reached."""

    CANDIDATE = (
        "candidate",
        "No agency has reviewed the overlap, or a member changed after a rejection.",
    )
    CONFIRMED = "confirmed", "An agency confirmed that the systems overlap."
    REJECTED = "rejected", "An agency found that the systems do not overlap."
    DECIDED = "decided", "The owners have agreed a decision on the overlap."


class OverlapVerdict(Vocabulary):
    """The result of an agency's review of an overlap."""

    CONFIRMED = "confirmed", "The systems overlap."
    REJECTED = "rejected", "The systems do not overlap."


class GroupingAction(Vocabulary):
    """The way in which an agency grouped systems by hand."""

    SPLIT = "split", "Some systems of one overlap become an overlap of their own."
    MERGE = "merge", "Several overlaps become one overlap."


class DecisionStatus(Vocabulary):
    """The stage that a decision has reached."""

    DRAFT = "draft", "The agency that drafted the decision can still change it."
    PROPOSED = "proposed", "The decision awaits the sign-off of each agency that owns a system."
    AGREED = "agreed", "Every agency that owns a system has agreed."
    REFUSED = "refused", "An agency that owns a system has refused."
    WITHDRAWN = "withdrawn", "The decision was withdrawn before it was agreed."
    SUPERSEDED = "superseded", "A later decision on the same systems was agreed and replaces it."


class BriefingRole(Vocabulary):
    """The role of a system in the briefing of a decision."""

    STAYS = "stays", "The system stays in use."
    GOES = "goes", "The system is retired."
    SUCCEEDS = (
        "succeeds",
        "The system replaces another and stays in use, but is not itself part of the decision.",
    )


class SignOffVerdict(Vocabulary):
    """An agency's response to a proposed decision."""

    AGREED = "agreed", "The agency agrees to the decision."
    REFUSED = "refused", "The agency refuses the decision."


class MigrationStrategy(Vocabulary):
    """The way to move or retire a system, often called the seven Rs."""

    RETAIN = "retain", "Keep the system where it is."
    RETIRE = "retire", "Turn the system off."
    REHOST = "rehost", "Move the system to other infrastructure without changes."
    RELOCATE = "relocate", "Move to another installation of the same product."
    REPURCHASE = "repurchase", "Replace the system with another product."
    REPLATFORM = "replatform", "Move the system to another platform with small changes."
    REFACTOR = "refactor", "Redesign the system for its new platform."


class BlockerKind(Vocabulary):
    """A reason why a system cannot be retired yet."""

    NO_AGREED_DECISION = "no_agreed_decision", "No agreed decision retires the system."
    SUCCESSOR_NOT_LIVE = "successor_not_live", "The system that replaces it is not live."
    LIVE_DEPENDANT = "live_dependant", "Another live system relies on it through an interface."
    USERS_NOT_MOVED = "users_not_moved", "People still use the system."
    CONTRACT_RUNNING = "contract_running", "A contract for the system is still running."
    RETENTION_HOLD = (
        "retention_hold",
        "The system's records are under a retention hold and must not be destroyed.",
    )
    DPIA_UNANSWERED = (
        "dpia_unanswered",
        "The system may hold personal data, and no impact assessment is approved.",
    )
    NATIONAL_SYSTEM = "national_system", "A national body runs the system, and alone can retire it."
