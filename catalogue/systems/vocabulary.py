"""The enumerations that describe systems, attestations and interfaces."""

from catalogue.core.vocabulary import Vocabulary

MOST_ATTRIBUTES = 50
"""The most additional fields that an agency can record for a system."""


class Lifecycle(Vocabulary):
    """The state of a system, from planning to retirement."""

    PLANNED = "planned", "The system is planned, and procurement has not begun."
    IN_PROCUREMENT = "in_procurement", "The agency is choosing or buying the system."
    IMPLEMENTING = "implementing", "The system is being built or set up, and is not yet live."
    LIVE = "live", "The system is in use."
    SUNSETTING = "sunsetting", "The system is in use, and its retirement has begun."
    READ_ONLY_ARCHIVE = "read_only_archive", "Users can look records up, and cannot change them."
    DECOMMISSIONED = "decommissioned", "The system is turned off permanently."
    CANCELLED = "cancelled", "The system was stopped before it went live."


class Hosting(Vocabulary):
    """The place where a system runs, and who runs it."""

    ON_PREMISE = "on_premise", "The agency's own data centre or offices."
    PRIVATE_CLOUD = "private_cloud", "A cloud for the agency or its partners alone."
    PUBLIC_CLOUD_IAAS = (
        "public_cloud_iaas",
        "Virtual servers in a public cloud, which the agency maintains.",
    )
    PAAS = "paas", "A public cloud platform whose provider maintains the servers."
    SAAS = "saas", "Software as a service, run by its supplier."
    MANAGED_SERVICE = "managed_service", "A supplier runs the system for the agency."
    SHARED_SERVICE = "shared_service", "Another agency or a shared service runs the system."
    NATIONAL_SYSTEM = "national_system", "A national body runs the system for all agencies."
    HYBRID = "hybrid", "A mixture of on-premise and cloud hosting."


class Criticality(Vocabulary):
    """The work that stops when the system stops."""

    MISSION_CRITICAL = "mission_critical", "Emergency response and the safety of the public."
    BUSINESS_CRITICAL = (
        "business_critical",
        "Essential operational work, which must resume within hours.",
    )
    BUSINESS_OPERATIONAL = "business_operational", "Day-to-day work, which must resume within days."
    ADMINISTRATIVE = "administrative", "Internal administration, which can wait."


class Disposition(Vocabulary):
    """The agency's intention for a system, in the terms of the TIME model."""

    TOLERATE = "tolerate", "Keep the system as it is."
    INVEST = "invest", "Keep and improve the system."
    MIGRATE = "migrate", "Move its users and data to another system."
    ELIMINATE = "eliminate", "Retire the system without a successor."


class Classification(Vocabulary):
    """The government security classification of the data in a system."""

    OFFICIAL = "official", "OFFICIAL."
    OFFICIAL_SENSITIVE = "official_sensitive", "OFFICIAL, with the handling caveat SENSITIVE."
    SECRET = "secret", "SECRET."
    TOP_SECRET = "top_secret", "TOP SECRET."


class PersonalData(Vocabulary):
    """The most sensitive personal data in a system (UK GDPR articles 9 and 10)."""

    NONE = "none", "No personal data."
    PERSONAL = "personal", "Personal data outside the special categories and offence data."
    SPECIAL_CATEGORY = "special_category", "Special categories of personal data (article 9)."
    CRIMINAL_OFFENCE = "criminal_offence", "Data on criminal convictions and offences (article 10)."


class DpiaStatus(Vocabulary):
    """The state of the data protection impact assessment (UK GDPR article 35)."""

    NONE = "none", "No assessment has begun."
    SCREENING = "screening", "The agency is deciding whether an assessment is needed."
    DRAFT = "draft", "The assessment is being written."
    APPROVED = "approved", "The assessment is approved."
    REVIEW_DUE = "review_due", "The approved assessment needs a review."


class AttestationVerdict(Vocabulary):
    """The owner's verdict on the record of a system."""

    CONFIRMED = "confirmed", "The record is right."
    NOT_OURS = "not_ours", "The system belongs to another agency."
    NO_LONGER_USED = "no_longer_used", "The agency no longer uses the system."


class InterfaceDirection(Vocabulary):
    """The direction of the data between the two systems of an interface."""

    FROM_TO = "from_to", "Data flows from the first system to the second only."
    BOTH = "both", "Data flows in both directions."


class InterfaceStandard(Vocabulary):
    """The standard or technique by which two systems exchange data."""

    MAIT = "mait", "Multi-Agency Incident Transfer."
    DEIT = "deit", "Direct Electronic Incident Transfer."
    PND = "pnd", "Police National Database."
    PNC = "pnc", "Police National Computer."
    AIRWAVE_SDS = "airwave_sds", "Short data service of the Airwave network."
    ESN_ICCS = (
        "esn_iccs",
        "Integrated communication control system of the Emergency Services Network.",
    )
    POLE = "pole", "People, objects, locations and events data standard."
    REST = "rest", "REST API."
    SOAP = "soap", "SOAP web service."
    MESSAGE_QUEUE = "message_queue", "Message queue."
    DATABASE_LINK = "database_link", "Direct access to the other database."
    ETL = "etl", "Scheduled extract, transform and load."
    SFTP = "sftp", "Files over SFTP."
    EMAIL = "email", "Email."
    MANUAL_REKEY = "manual_rekey", "A person types the data in again."
    OTHER = "other", "Any other means."


class DataCategory(Vocabulary):
    """The subject of the data that an interface carries."""

    PEOPLE = "people", "Persons."
    OBJECTS = "objects", "Objects, such as vehicles and property."
    LOCATIONS = "locations", "Addresses and places."
    EVENTS = "events", "Events, such as crimes."
    INCIDENTS = "incidents", "Calls and incidents."
    RESOURCE_STATUS = "resource_status", "The state and position of crews and vehicles."
    INTELLIGENCE = "intelligence", "Intelligence reports."
    CUSTODY = "custody", "Detentions and custody records."
    CASE_FILES = "case_files", "Case files for prosecution."
    DIGITAL_EVIDENCE = "digital_evidence", "Digital evidence, such as video."
    PATIENTS = "patients", "Patients and their care."
    RISK_AND_HAZARDS = "risk_and_hazards", "Risks and hazards at sites."
    WORKFORCE = "workforce", "Staff, duties and skills."
    FINANCE = "finance", "Budgets, orders and payments."
    ASSETS = "assets", "Equipment, vehicles and buildings."
    REFERENCE_DATA = "reference_data", "Codes and lists that other data uses."
