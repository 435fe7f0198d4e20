"""Everyday forms of values in spreadsheets: words for nothing, errors, and approximate numbers."""

import re

_NOTHING = frozenset({
    "n a", "not applicable", "null", "nil", "blank", "not specified", "nan", "none", "unknown",
    "not known", "unk", "tbc", "tbd", "tba", "to be confirmed", "to be determined",
    "to be advised", "to be agreed", "n k", "nk", "not identified", "unspecified", "pending",
    "not recorded", "information not held", "not held", "no information held",
    "no information", "none known", "none recorded", "none identified", "not available",
    "unavailable", "not stated", "not provided", "not supplied", "no data", "no record",
    "don t know", "dont know", "do not know", "not yet known", "awaiting", "awaiting information",
})  # fmt: skip
_NO_PERSON = frozenset({
    "vacant", "vacant post", "post vacant", "vacancy", "currently vacant", "to be appointed",
    "to be recruited", "not appointed", "unassigned", "not assigned", "to be assigned", "no owner",
    "nobody", "no one", "not allocated", "unallocated",
})  # fmt: skip
_NO_SUPPLIER = frozenset({"no supplier", "no vendor", "not allocated", "unallocated"})
_NO_LIMIT = frozenset({
    "unlimited", "all", "all staff", "all users", "everyone", "all employees", "all officers",
    "all officers and staff", "force wide", "forcewide", "service wide", "organisation wide",
    "organization wide", "enterprise", "enterprise wide", "site licence", "site license",
    "no limit", "various", "varies", "variable",
})  # fmt: skip
_SHORT_WORDS = frozenset({"na"})
"""Words for nothing that can also be the name of a system."""

_ERROR = re.compile(
    r"#(?:REF|VALUE|NUM|NULL|DIV/0|SPILL|CALC|FIELD|BLOCKED|CONNECT|BUSY|UNKNOWN|PYTHON)!"
    r"|#NAME\?|#N/A|#GETTING_DATA|#{3,}|Err:\d{3}",
    re.IGNORECASE,
)
_APPROXIMATE = re.compile(
    r"(?:approx(?:imately|\.)?|ca?\.?|circa|about|around|roughly|est(?:imated|\.)?|over|above"
    r"|more than|at least|in excess of|up to|under|less than|nearly|almost|[~≈><≥≤±])?\s*"
    r"(?P<number>\d{1,3}(?:[, ]\d{3})+|\d{1,9}(?:\.\d{1,3})?)\s*(?P<thousands>k|thousand)?\s*"
    r"(?:\+|plus|ish|or so)?\s*"
    r"(?:(?:named|concurrent|active|total)?\s*"
    r"(?:users?|people|staff|officers|licen[cs]es?|seats)\s*)?"
    r"(?:\(?\s*(?:approx(?:imately|\.)?|est(?:imated?|\.)?|circa|max(?:imum|\.)?|min(?:imum|\.)?)"
    r"\s*\)?)?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)(?::([0-5]\d))?")
_FINANCIAL_YEAR = re.compile(
    r"(?:f\.?y\.?|financial year)?\s*'?(\d{4}|\d{2})\s*[/–-]\s*'?(\d{4}|\d{2})", re.IGNORECASE
)
_NAMED_YEAR = re.compile(r"(?:f\.?y\.?|financial year)\s*'?(?:\d{4}|\d{2})", re.IGNORECASE)
LONGEST_NOTHING = 40


def means_nothing(field: str, words: str) -> bool:
    """Return whether plain words mean that a field has no value, or that nobody knows it."""
    if words in _NOTHING:
        return True
    match field:
        case "name" | "aliases" | "tags":
            return False
        case "business_owner" | "technical_owner":
            return words in _NO_PERSON or words in _SHORT_WORDS
        case "supplier_name":
            return words in _NO_SUPPLIER or words in _SHORT_WORDS
        case "user_count":
            return words in _NO_LIMIT or words in _SHORT_WORDS
    return words in _SHORT_WORDS


def is_error(text: str) -> bool:
    """Return whether text is an error of a formula, or the signs for a value that did not fit."""
    return bool(_ERROR.fullmatch(text))


def approximate_number(text: str) -> int | None:
    """Return the number in text such as “c. 200”, “400+” or “2k”, or None."""
    match = _APPROXIMATE.fullmatch(text.strip())
    if not match:
        return None
    number = float(re.sub(r"[, ]", "", match["number"])) * (1_000 if match["thousands"] else 1)
    return int(number) if number.is_integer() else None


def clock_minutes(text: str) -> int | None:
    """Return the minutes of a duration such as 04:00 or 72:00:00, or None."""
    match = _CLOCK.fullmatch(text)
    if not match or match[3] not in {None, "00"}:
        return None
    return int(match[1]) * 60 + int(match[2])


def is_financial_year(text: str) -> bool:
    """Return whether text can be a financial year, such as 2011/12, 2023-2024 or FY24."""
    if _NAMED_YEAR.fullmatch(text.strip()):
        return True
    match = _FINANCIAL_YEAR.fullmatch(text.strip())
    if not match:
        return False
    first, second = match[1], match[2]
    length = min(len(first), len(second))
    return len(first) >= len(second) and (int(first) + 1) % 10**length == int(second)
