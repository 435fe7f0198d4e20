"""The enumerations that describe a system."""

from enum import StrEnum

MOST_ATTRIBUTES = 50
"""How many fields of its own an agency may give a system."""


class Lifecycle(StrEnum):
    """How far a system is in its life."""

    PLANNED = "planned"
    IN_PROCUREMENT = "in_procurement"
    IMPLEMENTING = "implementing"
    LIVE = "live"
    SUNSETTING = "sunsetting"
    READ_ONLY_ARCHIVE = "read_only_archive"
    DECOMMISSIONED = "decommissioned"
    CANCELLED = "cancelled"


class Hosting(StrEnum):
    """Where a system runs, and who runs it."""

    ON_PREMISE = "on_premise"
    PRIVATE_CLOUD = "private_cloud"
    PUBLIC_CLOUD_IAAS = "public_cloud_iaas"
    PAAS = "paas"
    SAAS = "saas"
    MANAGED_SERVICE = "managed_service"
    SHARED_SERVICE = "shared_service"
    NATIONAL_SYSTEM = "national_system"
    HYBRID = "hybrid"


class Criticality(StrEnum):
    """What stops when the system stops."""

    MISSION_CRITICAL = "mission_critical"
    BUSINESS_CRITICAL = "business_critical"
    BUSINESS_OPERATIONAL = "business_operational"
    ADMINISTRATIVE = "administrative"


class Disposition(StrEnum):
    """What is meant to become of a system (the TIME model)."""

    TOLERATE = "tolerate"
    INVEST = "invest"
    MIGRATE = "migrate"
    ELIMINATE = "eliminate"


class Classification(StrEnum):
    """Government security classification. OFFICIAL-SENSITIVE is a handling caveat on OFFICIAL."""

    OFFICIAL = "official"
    OFFICIAL_SENSITIVE = "official_sensitive"
    SECRET = "secret"  # noqa: S105 - a classification, not a password
    TOP_SECRET = "top_secret"  # noqa: S105


class PersonalData(StrEnum):
    """The most sensitive personal data held (UK GDPR articles 9 and 10)."""

    NONE = "none"
    PERSONAL = "personal"
    SPECIAL_CATEGORY = "special_category"
    CRIMINAL_OFFENCE = "criminal_offence"


class DpiaStatus(StrEnum):
    """How far the data protection impact assessment is (UK GDPR article 35)."""

    NONE = "none"
    SCREENING = "screening"
    DRAFT = "draft"
    APPROVED = "approved"
    REVIEW_DUE = "review_due"


class AttestationVerdict(StrEnum):
    """What its owner says of the record of a system."""

    CONFIRMED = "confirmed"
    NOT_OURS = "not_ours"
    NO_LONGER_USED = "no_longer_used"


class InterfaceDirection(StrEnum):
    """Which way the data goes between the two ends of an interface."""

    FROM_TO = "from_to"
    BOTH = "both"


class InterfaceStandard(StrEnum):
    """How two systems exchange data; at worst, by somebody who types it in again."""

    MAIT = "mait"
    DEIT = "deit"
    PND = "pnd"
    PNC = "pnc"
    AIRWAVE_SDS = "airwave_sds"
    ESN_ICCS = "esn_iccs"
    POLE = "pole"
    REST = "rest"
    SOAP = "soap"
    MESSAGE_QUEUE = "message_queue"
    DATABASE_LINK = "database_link"
    ETL = "etl"
    SFTP = "sftp"
    EMAIL = "email"
    MANUAL_REKEY = "manual_rekey"
    OTHER = "other"


class DataCategory(StrEnum):
    """What the data of an interface is about: people, objects, locations, events, and more."""

    PEOPLE = "people"
    OBJECTS = "objects"
    LOCATIONS = "locations"
    EVENTS = "events"
    INCIDENTS = "incidents"
    RESOURCE_STATUS = "resource_status"
    INTELLIGENCE = "intelligence"
    CUSTODY = "custody"
    CASE_FILES = "case_files"
    DIGITAL_EVIDENCE = "digital_evidence"
    PATIENTS = "patients"
    RISK_AND_HAZARDS = "risk_and_hazards"
    WORKFORCE = "workforce"
    FINANCE = "finance"
    ASSETS = "assets"
    REFERENCE_DATA = "reference_data"
