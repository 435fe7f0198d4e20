"""Synonyms that real inventories use for the values of enumerations.

The keys are the values of the API, in the order of a system's life or of importance. Words are
compared without case, punctuation and repeated spaces. A word that could mean two values, such as
“Cloud”, is left out. Its row is rejected with the list of values, because a wrong guess would look
like knowledge in the record.
"""

import re
from functools import cache

SYNONYMS: dict[str, dict[str, tuple[str, ...]]] = {
    "lifecycle": {
        "planned": (
            "proposed",
            "plan",
            "pipeline",
            "requested",
            "submitted",
            "not yet submitted",
            "under review",
            "in review",
            "evaluation",
            "evaluating",
            "not started",
            "future",
        ),
        "in_procurement": ("procurement", "procuring", "tender", "out to tender", "tendering"),
        "implementing": (
            "implementation",
            "in implementation",
            "pilot",
            "in pilot",
            "proof of concept",
            "poc",
            "trial",
            "development",
            "in development",
            "in build",
            "build",
            "test",
            "testing",
            "uat",
            "in test",
            "rollout",
            "rolling out",
            "roll out",
            "deploying",
            "in progress",
        ),
        "live": (
            "in use",
            "active",
            "production",
            "in production",
            "operational",
            "current",
            "in service",
            "approved",
            "approved preferred",
            "approved maintain",
            "preferred",
            "maintain",
            "exception",
            "cto dispensation",
            "deployed",
            "installed",
            "bau",
            "business as usual",
            "supported",
            "in operation",
            "running",
        ),
        "sunsetting": (
            "sunset",
            "grandfathered exception",
            "contained",
            "containment",
            "retiring",
            "to be retired",
            "being retired",
            "to be decommissioned",
            "decommissioning",
            "end of life",
            "eol",
            "phase out",
            "phasing out",
            "deprecated",
            "being replaced",
            "to be replaced",
            "legacy",
        ),
        "read_only_archive": ("read only", "archive", "archived", "legacy read only"),
        "decommissioned": (
            "retired",
            "switched off",
            "turned off",
            "disposed",
            "removed",
            "closed",
            "ceased",
            "not in use",
            "no longer used",
            "no longer in use",
            "obsolete",
            "inactive",
        ),
        "cancelled": ("canceled", "denied", "rejected", "withdrawn", "abandoned", "not approved"),
    },
    "hosting": {
        "on_premise": (
            "on premises",
            "on prem",
            "onprem",
            "onpremise",
            "desktop",
            "server",
            "mobile",
            "client server",
            "in house",
            "local",
            "data centre",
            "own data centre",
            "datacentre",
            "physical",
            "thick client",
            "laptop",
            "workstation",
        ),
        "private_cloud": ("private",),
        "public_cloud_iaas": (
            "iaas",
            "infrastructure as a service",
            "public cloud",
            "aws",
            "azure",
            "gcp",
            "amazon web services",
            "microsoft azure",
            "google cloud",
        ),
        "paas": ("platform as a service",),
        "saas": ("software as a service", "cloud saas", "saas cloud", "web based saas"),
        "managed_service": (
            "managed",
            "hosted",
            "vendor hosted",
            "supplier hosted",
            "externally hosted",
            "supplier managed",
            "vendor managed",
            "outsourced",
        ),
        "shared_service": ("shared", "shared services"),
        "national_system": ("national",),
        "hybrid": ("mixed", "hybrid cloud"),
    },
    "criticality": {
        "mission_critical": ("critical", "tier 0", "tier 1", "gold", "very high", "vital", "p1"),
        "business_critical": ("high", "tier 2", "silver", "p2"),
        "business_operational": ("medium", "moderate", "tier 3", "bronze", "operational", "p3"),
        "administrative": ("low", "minor", "tier 4", "admin", "p4"),
    },
    "disposition": {
        "tolerate": ("keep", "retain"),
        "invest": ("enhance", "grow", "develop"),
        "migrate": ("replace", "move"),
        "eliminate": ("retire", "remove", "decommission"),
    },
    "classification": {
        "official": (),
        "official_sensitive": ("o s", "os", "sensitive"),
        "secret": (),
        "top_secret": ("ts",),
    },
    "personal_data": {
        "none": ("no", "n", "false", "0", "no personal data"),
        "personal": ("yes", "y", "true", "1", "personal data", "pii"),
        "special_category": ("special", "special categories", "article 9", "sensitive personal"),
        "criminal_offence": ("criminal", "criminal offences", "law enforcement", "article 10"),
    },
    "dpia_status": {
        "none": ("no", "not started", "not done", "missing"),
        "screening": ("screened",),
        "draft": ("in progress", "in draft", "started"),
        "approved": ("yes", "complete", "completed", "done", "signed off", "in place"),
        "review_due": ("due for review", "needs review", "expired", "out of date"),
    },
    "disclosure": {
        "owner_only": ("private", "own agency", "internal"),
        "agreement": ("partners", "collaboration"),
        "all_agencies": ("all", "shared", "public"),
    },
}


def plain_words(text: str) -> str:
    """Return a text in lower case, with only letters, digits and single spaces."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


@cache
def words_for(enumeration: str) -> dict[str, str]:
    """Return every known word of an enumeration with its value."""
    values: dict[str, str] = {}
    for value, words in SYNONYMS[enumeration].items():
        for word in (value, *words):
            values[plain_words(word)] = value
    return values
