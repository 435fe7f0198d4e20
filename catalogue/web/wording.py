"""Words of the pages for fields, values and errors. A field's hint is its text in the API document."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from catalogue.core import clock
from catalogue.core.text import format_date
from catalogue.core.vocabulary import Vocabulary
from catalogue.core.wording import day, sentence_case

LABELS = {
    "amount": "Amount in pounds",
    "agency_name": "Agency",
    "as_of": "Date",
    "aliases": "Other names",
    "product_name": "Product",
    "product_version": "Version",
    "supplier_name": "Supplier",
    "agency_claims": "Claims that name the agency",
    "agency_values": "Agency of each value of the claim",
    "client_claims": "Claims that name the program",
    "person_claims": "Claims that name the person",
    "role_claims": "Claims that name roles",
    "scope_claims": "Claims that name scopes",
    "jwks_url": "Address of the keys",
    "max_lifetime_seconds": "Longest lifetime of a token (seconds)",
    "sign_in_client_id": "Client id of the pages",
    "email_domains": "E-mail domains",
    "blocked_clients": "Blocked programs",
    "blocked_subjects": "Blocked people",
    "subject": "Name in the audit log",
    "begun_at": "Signed in",
    "seen_at": "Last request",
    "rto_hours": "Recovery time objective (hours)",
    "rpo_hours": "Recovery point objective (hours)",
    "dpia_status": "Data protection impact assessment",
    "disposition": "What your agency intends",
    "user_count": "Number of users",
    "legacy_risk": "Legacy IT risk score",
    "from_system_name": "From",
    "to_system_name": "To",
    "external_ids": "Ids in other registers",
    "disclosure": "Who can see it without a grant",
    "attested_at": "Last confirmed",
    "attestation_verdict": "Verdict of the last confirmation",
    "updated_at": "Last changed",
    "created_at": "First recorded",
    "annual_value": "Yearly value",
    "max_extent_date": "Latest end with all extensions",
    "notice_period_days": "Notice period (days)",
    "notice_period_months": "Notice period (months)",
    "notice_given_on": "Notice given on",
    "ocid": "Open Contracting ID",
    "regime": "Procurement law",
    "renewal_period_months": "Renewal period (months)",
    "instrument": "Law",
    "lead_agency": "Lead agency",
    "decision_notice_url": "Where it is published",
    "field_profile": "Profile",
    "resource_types": "Types of records",
    "grantee": "Agency that gets access",
    "expires_at": "Last day",
    "since": "First day",
    "until": "Last day",
}
"""The labels of fields whose names do not serve as labels."""

NOT_SHARED = "Not shared with your agency"
"""The text for a value that the person's agency cannot see."""

_VALUES = {
    "airwave_sds": "Airwave SDS",
    "both": "Both ways",
    "from_to": "One way",
    "deit": "DEIT",
    "esn_iccs": "ESN ICCS",
    "etl": "ETL",
    "mait": "MAIT",
    "pnc": "PNC",
    "pnd": "PND",
    "pole": "POLE",
    "rest": "REST",
    "sftp": "SFTP",
    "soap": "SOAP",
    "paas": "Platform as a service",
    "saas": "Software as a service",
    "public_cloud_iaas": "Public cloud, own servers",
    "official": "OFFICIAL",
    "official_sensitive": "OFFICIAL-SENSITIVE",
    "secret": "SECRET",
    "top_secret": "TOP SECRET",
    "on_premise": "On premises",
    "pcc": "Police and crime commissioner",
    "pfcc": "Police, fire and crime commissioner",
    "pcr_2015": "Public Contracts Regulations 2015",
    "procurement_act_2023": "Procurement Act 2023",
    "police_act_1996_s22a": "Section 22A of the Police Act 1996",
    "policing_and_crime_act_2017_s1": "Section 1 of the Policing and Crime Act 2017",
}

_PAIRS = frozenset({"agency_values", "identifiers", "roles"})
_FIRST_OF_PAIR = ("scheme", "value")
"""The first fields of the entries of all pairs."""
_DAYS = frozenset({"live_from", "end_of_support", "since", "sign_by", "until"})
_AMOUNTS = frozenset({"amount", "annual_value", "total_value", "exit_cost"})
_CHOICES = frozenset(
    {
        "category",
        "classification",
        "criticality",
        "data_categories",
        "direction",
        "disclosure",
        "disposition",
        "dpia_status",
        "field_profile",
        "hosting",
        "instrument",
        "lifecycle",
        "personal_data",
        "attestation_verdict",
        "procurement_route",
        "regime",
        "renewal",
        "standard",
        "status",
        "term_status",
    }
)

_NULL = re.compile(r",? or null(?: if [^.]*)?(?=\.)| Null (?:if|means|while) [^.]*\.")
_QUOTED = re.compile(r"`/?([a-z_]+)`")
_CODE = re.compile(r"`([^`]*)`")
_CLAIMS = frozenset({"aud", "exp", "iat", "iss", "sub", "typ"})
"""Names in tokens, which are written the same everywhere."""

_MISTAKES = {
    "required": "Enter the {field}",
    "null": "Enter the {field}",
    "too_short": "Enter the {field}",
    "taken": "Another record already has this {field}. Enter a different one",
}
"""The text of an error beside a control, by its code. The API's own text serves for all others."""


def label(name: str) -> str:
    """Return the label of a field."""
    return LABELS.get(name) or sentence_case(name)


def hint(description: str) -> str:
    """Return the API's description of a field as a hint, without what only programs send."""
    return plain(_NULL.sub("", description).replace(" ,", ",").strip())


def value_label(value: str) -> str:
    """Return a value of an enumeration in words."""
    return _VALUES.get(value) or sentence_case(value)


def meaning(value: str, choices: Iterable[Any]) -> str:
    """Return the meaning of a value, or an empty text."""
    found = next((c.meaning for c in choices if c == value and isinstance(c, Vocabulary)), "")
    return "" if found.rstrip(".") == value_label(value) else found


def plain(text: str) -> str:
    """Return a text of the API with the words of the pages for the names that it quotes."""
    named = _QUOTED.sub(lambda quoted: f"“{_name_in_words(quoted[1])}”", text)
    return _CODE.sub(r"“\1”", named)


def _name_in_words(name: str) -> str:
    return name if name in _CLAIMS else label(name)


_MISTAKES_OF_KINDS = {
    "date": "{Field} must be a real date, such as 27 3 2027",
    "money": "{Field} must be an amount, such as 1,250.00",
    "number": "{Field} must be a whole number, such as 250",
}
"""The texts for a value of the wrong form, by the kind of control."""


_NO_PAIR = "Each line of {Field} must have two parts, with = between them"


def pair(entry: Mapping[str, Any]) -> str:
    """Return an entry of two fields as a line of a form, in the order of the schema.

    PostgreSQL keeps the fields of stored JSON in an order of its own.
    """
    first = next(name for name in _FIRST_OF_PAIR if name in entry)
    (second,) = (value for name, value in entry.items() if name != first)
    return f"{entry[first]} = {show(second)}"


def mistake(code: str, detail: str, name: str, kind: str) -> str:
    """Return the text of an error beside the control of a field."""
    words = label(name)
    text = _NO_PAIR if kind == "pairs" and code in _MISTAKES else _MISTAKES.get(code)
    if text is None and code in {"invalid", "format"}:
        text = _MISTAKES_OF_KINDS.get(kind)
    if text is None:
        return plain(detail.replace(f"`{name}`", words))
    inner = words if words[:2].isupper() else words[:1].lower() + words[1:]
    return text.format(field=inner, Field=words)


def show(value: Any) -> str:
    """Return the value of a field in words, and an empty text for a missing value."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(show(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {show(each)}" for name, each in value.items())
    if isinstance(value, int | float):
        return f"{value:,}"
    return str(value)


def cell(record: Mapping[str, Any], name: str) -> str:
    """Return a field of a record in words, also when it is empty or not shared."""
    words = show_field(name, record.get(name))
    if words and name in _AMOUNTS:
        return money(record[name], record.get("currency"))
    if words:
        return words
    withheld = name in (record.get("withheld") or ())
    return NOT_SHARED if withheld else "Not recorded"


def show_field(name: str, value: Any) -> str:
    """Return the value of a field in words, and an empty text for a missing value."""
    if name == "external_ids" and value:
        return ", ".join(f"{each['id']} in {each['source']}" for each in value)
    if name in _PAIRS and value:
        return ", ".join(map(pair, value))
    if isinstance(value, list) and name in _CHOICES:
        return ", ".join(map(value_label, value))
    if isinstance(value, str):
        if name in _DAYS or name.endswith(("_date", "_at", "_on")):
            return show_day(value)
        if name in _CHOICES:
            return value_label(value)
    return show(value)


def money(amount: str, currency: str | None) -> str:
    """Return an amount of the API in words, such as £1,250.00."""
    written = f"{Decimal(amount):,.2f}"
    return f"£{written}" if currency in (None, "GBP") else f"{written} {currency}"


def show_moment(text: str) -> str:
    """Return a moment of the API as a day and time in the United Kingdom."""
    at = datetime.fromisoformat(text).astimezone(clock.UK)
    return f"{format_date(at.date())} at {at:%H:%M}"


def person(text: str) -> str:
    """Return a person of the audit log by the name at the provider, then the provider's key."""
    key, colon, name = text.partition(":")
    return f"{name} ({key})" if colon and key and name else text


def show_day(text: str | None) -> str:
    """Return a date or moment of the API as a day in words, or an empty text."""
    return day(text) if text else ""
