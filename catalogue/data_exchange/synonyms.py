"""Synonyms that real inventories use for the values of enumerations.

The keys are the values of the API, in the order of a system's life or of importance. Words are
compared without case, punctuation and repeated spaces. A word that could mean two values, such as
“Cloud”, is left out. Its row is rejected with the list of values, because a wrong guess would look
like knowledge in the record.
"""

import re
from functools import cache

from catalogue.core import clock

SYNONYMS: dict[str, dict[str, tuple[str, ...]]] = {
    "lifecycle": {
        "planned": (
            "proposed", "plan", "pipeline", "requested", "submitted", "not yet submitted",
            "under review", "in review", "evaluation", "evaluating", "not started", "future",
        ),
        "in_procurement": (
            "procurement", "procuring", "tender", "out to tender", "tendering",
            "being procured", "under procurement",
        ),
        "implementing": (
            "implementation", "in implementation", "pilot", "in pilot", "proof of concept", "poc",
            "trial", "development", "in development", "in build", "build", "test", "testing",
            "uat", "in test", "rollout", "rolling out", "roll out", "deploying", "in progress",
            "in flight",
            "being implemented", "under development", "in dev", "under implementation",
        ),
        "live": (
            "in use", "active", "production", "in production", "operational", "current",
            "in service", "approved", "approved preferred", "approved maintain", "preferred",
            "maintain", "exception", "cto dispensation", "deployed", "installed", "bau",
            "business as usual", "supported", "in operation", "running", "in life",
            "live service", "live system", "prod", "in live use", "live in use", "currently in use",
            "currently live", "fully live", "fully operational", "active use", "in active use",
            "in daily use", "still in use",
        ),
        "sunsetting": (
            "sunset", "grandfathered exception", "contained", "containment", "retiring",
            "to be retired", "being retired", "to be decommissioned", "decommissioning",
            "being decommissioned", "decommission in progress", "in decommission",
            "due for decommission", "due to be decommissioned", "pending decommission",
            "planned decommission", "decommission planned", "due for retirement",
            "scheduled for retirement", "end of life", "eol", "phase out", "phasing out",
            "being phased out", "deprecated", "being replaced", "to be replaced", "legacy",
            "winding down",
        ),
        "read_only_archive": (
            "read only", "archive", "archived", "legacy read only", "archive only", "view only",
            "archived read only", "read only access",
        ),
        "decommissioned": (
            "retired", "switched off", "turned off", "disposed", "removed", "closed", "ceased",
            "not in use", "no longer used", "no longer in use", "not used", "obsolete",
            "inactive", "not active", "decom d", "decomd", "decom", "decomm", "decommed",
            "decommisioned", "de commissioned", "shut down", "shutdown", "discontinued",
            "terminated", "disused", "unused", "out of use",
        ),
        "cancelled": ("canceled", "denied", "rejected", "withdrawn", "abandoned", "not approved"),
    },
    "hosting": {
        "on_premise": (
            "on premises", "on prem", "onprem", "onpremise", "onpremises", "desktop", "server",
            "mobile", "client server", "in house", "local", "data centre", "own data centre",
            "datacentre", "physical", "thick client", "laptop", "workstation", "on site",
            "onsite", "local server", "self hosted", "hosted in house", "hosted on premises",
            "hosted on premise", "hosted on prem", "internal server", "on premise server",
            "hosted internally", "internally hosted", "hosted locally",
        ),
        "private_cloud": ("private",),
        "public_cloud_iaas": (
            "iaas", "infrastructure as a service", "public cloud", "aws", "azure", "gcp",
            "amazon web services", "microsoft azure", "google cloud", "ms azure",
        ),
        "paas": ("platform as a service",),
        "saas": (
            "software as a service", "cloud saas", "saas cloud", "web based saas",
            "software as a service saas", "saas hosted", "hosted saas", "saas based",
        ),
        "managed_service": (
            "managed", "hosted", "vendor hosted", "supplier hosted", "externally hosted",
            "supplier managed", "vendor managed", "outsourced", "hosted by supplier",
            "hosted by vendor", "hosted by the supplier", "third party hosted",
            "3rd party hosted", "hosted externally", "hosted by third party",
        ),
        "shared_service": ("shared", "shared services"),
        "national_system": ("national", "nationally hosted", "national service"),
        "hybrid": ("mixed", "hybrid cloud"),
    },
    "criticality": {
        "mission_critical": (
            "critical", "tier 0", "tier 1", "gold", "very high", "vital", "p1", "priority 1",
            "safety critical", "operationally critical",
        ),
        "business_critical": ("high", "tier 2", "silver", "p2", "h", "priority 2"),
        "business_operational": (
            "medium", "moderate", "tier 3", "bronze", "operational", "p3", "m", "med",
            "priority 3",
        ),
        "administrative": ("low", "minor", "tier 4", "admin", "p4", "l", "priority 4"),
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
        "none": ("no", "n", "not started", "not done", "missing"),
        "screening": ("screened",),
        "draft": ("in progress", "in draft", "started"),
        "approved": ("yes", "y", "complete", "completed", "done", "signed off", "in place"),
        "review_due": ("due for review", "needs review", "expired", "out of date"),
    },
    "disclosure": {
        "owner_only": ("private", "own agency", "internal"),
        "agreement": ("partners", "collaboration"),
        "all_agencies": ("all", "shared", "public"),
    },
    "procurement_route": {
        "framework_call_off": (
            "framework", "call off", "calloff", "framework call off contract", "mini competition",
            "further competition", "framework further competition", "framework mini competition",
        ),
        "framework_direct_award": (
            "direct award from framework", "direct call off", "framework direct",
            "direct award via framework", "direct award under framework",
        ),
        "open": ("open procedure", "open tender", "open competition", "full tender"),
        "competitive_flexible": ("competitive flexible procedure", "cfp"),
        "direct_award": (
            "single tender", "single tender action", "sta", "waiver", "no competition",
            "single source", "sole source", "negotiated without publication",
        ),
        "below_threshold": ("quotation", "quotations", "three quotes", "rfq", "quote", "3 quotes"),
        "collaborative_lead_force": (
            "lead force", "collaboration", "collaborative", "collaborative contract",
        ),
    },
    "renewal": {
        "none": (
            "no", "n", "false", "fixed term", "fixed", "non renewable", "not renewable",
            "no renewal", "does not renew", "no extension", "no extensions",
        ),
        "option": (
            "optional", "option to extend", "options to extend", "by agreement", "extension option",
            "extension options", "express", "manual", "manual renewal", "extendable",
        ),
        "automatic": (
            "yes", "y", "true", "auto", "auto renew", "auto renewal", "autorenew", "auto renews",
            "automatic renewal", "automatically renews", "tacit", "tacit renewal", "rolling",
            "rolls over", "rollover", "evergreen", "annual rolling",
        ),
    },
    "regime": {
        "pcr_2015": ("pcr", "pcr15", "pcr2015", "public contracts regulations 2015", "pcr 15"),
        "procurement_act_2023": ("pa23", "pa 2023", "pa2023", "procurement act", "pa 23"),
    },
    "category": {
        "one_off_capital": ("capital", "capex", "capital expenditure", "capital cost"),
        "one_off_revenue": (
            "one off", "implementation", "set up", "setup", "installation", "one off revenue cost",
        ),
        "recurring_revenue": (
            "revenue", "recurring", "opex", "annual", "licence", "licences", "license", "licenses",
            "licensing", "support", "maintenance", "support and maintenance", "subscription",
            "subscriptions", "hosting", "annual licence", "annual support", "annual cost",
            "annual charge", "running cost", "running costs", "ongoing", "managed service",
            "software licences", "licence and support", "licences and support",
        ),
        "exit_cost": ("exit", "exit costs", "termination", "exit fee", "termination fee"),
        "decommissioning": ("decommission", "disposal", "decommissioning cost"),
        "dual_running": ("parallel running", "double running", "dual running cost"),
    },
    "direction": {
        "from_to": (
            "one way", "oneway", "outbound", "push", "send", "sends", "unidirectional", "1 way",
            "single direction", "export", "uni directional",
        ),
        "both": (
            "two way", "bidirectional", "bi directional", "both ways", "2 way", "both directions",
            "in and out", "twoway", "send and receive",
        ),
    },
    "standard": {
        "mait": ("multi agency incident transfer",),
        "deit": ("direct electronic incident transfer",),
        "pnd": ("police national database",),
        "pnc": ("police national computer",),
        "airwave_sds": ("airwave", "sds"),
        "esn_iccs": ("iccs", "esn"),
        "pole": ("pole data",),
        "rest": ("rest api", "restful", "api", "json api", "web api", "restful api", "http api"),
        "soap": ("soap api", "soap web service", "xml web service"),
        "message_queue": (
            "mq", "queue", "messaging", "message bus", "kafka", "rabbitmq", "service bus", "biztalk",
        ),
        "database_link": (
            "db link", "database", "direct database", "linked server", "sql link", "odbc", "view",
            "direct sql", "database view",
        ),
        "etl": ("batch", "overnight batch", "ssis", "nightly batch", "data load", "scheduled job"),
        "sftp": ("ftp", "file transfer", "csv", "csv file", "flat file", "file", "ftps", "csv sftp"),
        "email": ("e mail", "smtp"),
        "manual_rekey": (
            "manual", "rekeyed", "re keyed", "double keying", "manual entry", "re keying",
            "rekeying", "manual rekeying", "manual re keying", "typed in",
        ),
        "other": ("bespoke", "proprietary", "custom"),
    },
    "data_categories": {
        "people": ("persons", "person", "nominals", "nominal", "victims", "suspects"),
        "objects": ("object", "vehicles", "vehicle", "property"),
        "locations": ("location", "addresses", "address", "gazetteer", "places", "mapping"),
        "events": ("event", "crimes", "crime"),
        "incidents": ("incident", "calls", "command and control incidents"),
        "resource_status": ("resources", "crew status", "unit status", "resource", "availability"),
        "intelligence": ("intel",),
        "custody": ("detainees", "detentions", "custody records"),
        "case_files": ("case file", "cases", "case", "case papers"),
        "digital_evidence": ("evidence", "video", "bwv", "images", "media"),
        "patients": ("patient",),
        "risk_and_hazards": ("risk", "risks", "hazards", "site risk", "ssri"),
        "workforce": ("hr", "staff", "duties", "people data", "personnel", "rota", "officers"),
        "finance": ("financial", "orders", "payments", "payroll", "invoices"),
        "assets": ("asset", "equipment", "fleet"),
        "reference_data": ("codes", "lookups", "reference", "lookup data"),
    },
}  # fmt: skip

YES = frozenset({
    "yes", "y", "true", "t", "1", "x", "✓", "✔", "☑", "✅", "on", "enabled", "tick", "ticked",
})  # fmt: skip
NO = frozenset({
    "no", "n", "false", "f", "0", "✗", "✘", "☐", "❌", "off", "disabled", "not",
})  # fmt: skip

HINTS: dict[str, dict[str, tuple[str, ...]]] = {
    "lifecycle": {
        "on hold": ("planned", "implementing", "live"),
        "paused": ("planned", "implementing", "live"),
        "suspended": ("live", "decommissioned"),
        "not live": ("planned", "implementing", "decommissioned"),
        "not yet live": ("planned", "implementing"),
        "go live": ("implementing", "live"),
        "end of support": ("live", "sunsetting"),
        "out of support": ("live", "sunsetting"),
        "unsupported": ("live", "sunsetting"),
        "dormant": ("read_only_archive", "decommissioned"),
        "replaced": ("decommissioned", "read_only_archive"),
        "superseded": ("decommissioned", "read_only_archive"),
        "redundant": ("decommissioned", "sunsetting"),
        "retired": ("sunsetting", "decommissioned"),
        "decommissioned": ("sunsetting", "decommissioned"),
    },
    "hosting": {
        "cloud": ("saas", "public_cloud_iaas", "paas", "private_cloud"),
        "cloud based": ("saas", "public_cloud_iaas", "paas", "private_cloud"),
        "cloud hosted": ("saas", "public_cloud_iaas", "paas", "private_cloud"),
        "web based": ("saas", "managed_service", "on_premise"),
        "internal": ("on_premise", "private_cloud"),
        "external": ("saas", "managed_service"),
    },
    "criticality": {
        "yes": ("mission_critical", "business_critical"),
        "no": ("business_operational", "administrative"),
        "not critical": ("business_operational", "administrative"),
        "non critical": ("business_operational", "administrative"),
        "essential": ("mission_critical", "business_critical"),
        "important": ("business_critical", "business_operational"),
    },
}
"""Words with several meanings, and the values that each can mean. The user must choose one."""

_MOST_OFFERED = 3
_ALIKE = 80
_SHORTEST_ALIKE = 3
_NEGATIONS = frozenset({"not", "no", "non", "never", "un"})
_DATED = re.compile(
    r"(?P<state>.+?)(?P<since> (?:in|since|from|on|as of|during))?"
    r"(?: \d{1,2}){0,2}(?: [a-z]{3,9}| q[1-4])? (?P<year>(?:19|20)\d\d)(?: \d{2})?"
)
_PAST = frozenset({"decommissioned", "cancelled"})


def find_value(enumeration: str, text: str) -> str | None:
    """Return the value that a cell states, or None.

    Several words for one value, such as “Live (BAU)”, count as that value. So do words with a year,
    such as “Decommissioned 2021” or “Live since 2019”, unless the year is in the future.
    """
    known = words_for(enumeration)
    if value := known.get(plain_words(text)):
        return value
    parts = [plain_words(part) for part in re.split(r"[()\[\]/;,|]| [-–—] ", text)]
    values = {known.get(part) for part in parts if part}
    if len(values) == 1 and (value := values.pop()):
        return value
    return _dated_value(known, plain_words(text)) if enumeration == "lifecycle" else None


def _dated_value(known: dict[str, str], words: str) -> str | None:
    match = _DATED.fullmatch(words)
    value = known.get(match["state"]) if match else None
    if not match or int(match["year"]) > clock.now().year:
        return None
    is_since = (match["since"] or "").strip() in {"since", "from"}
    return value if value in _PAST or (value == "live" and is_since) else None


def read_yes_or_no(text: str) -> bool | None:
    """Return True for a word for yes, False for a word for no, and None for any other text."""
    word = text.strip().casefold()
    return True if word in YES else False if word in NO else None


def closest_values(enumeration: str, text: str) -> list[str]:
    """Return the values that an unknown word resembles most, or all values if it resembles none."""
    from rapidfuzz import fuzz, process

    words = plain_words(text)
    for hint, values in HINTS.get(enumeration, {}).items():
        if words == hint or words.startswith(f"{hint} "):
            return list(values)
    known = words_for(enumeration)
    if len(words) < _SHORTEST_ALIKE:
        return list(SYNONYMS[enumeration])
    found = process.extract(
        words, list(known), scorer=fuzz.token_set_ratio, score_cutoff=_ALIKE, limit=10
    )
    is_negated = not _NEGATIONS.isdisjoint(words.split())
    # “Not approved” is not like “approved”, although most of its letters are.
    alike = [k for k, *_ in found if is_negated == (not _NEGATIONS.isdisjoint(k.split()))]
    values = tuple(dict.fromkeys(known[word] for word in alike if len(word) > 1))
    return list(values[:_MOST_OFFERED]) or list(SYNONYMS[enumeration])


def plain_words(text: str) -> str:
    """Return text in lower case, with only letters, digits and single spaces. “&” is “and”."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold().replace("&", " and ")))


@cache
def words_for(enumeration: str) -> dict[str, str]:
    """Return every known word of an enumeration with its value."""
    values: dict[str, str] = {}
    for value, words in SYNONYMS[enumeration].items():
        for word in (value, *words):
            values[plain_words(word)] = value
    return values
