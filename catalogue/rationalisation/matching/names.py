"""Plain names of products and suppliers, without versions, legal forms and marks."""

import re
from functools import lru_cache

from catalogue.core.text import fold

LEGAL_FORMS = frozenset(
    "corp corporation gmbh inc incorporated limited llc llp ltd plc".split()  # noqa: SIM905
)
LONGEST_NAME = 400
"""The most characters in a name. One character can fold to a whole phrase, which is no name."""

PLACES = frozenset({"emea", "europe", "group", "holdings", "international", "ireland", "uk"})
VERSION_WORDS = frozenset({"rel", "release", "ver", "version"})
NO_PRODUCTS = frozenset(
    {
        "bespoke",
        "custom",
        "excel",
        "in house",
        "inhouse",
        "internal",
        "n a",
        "na",
        "none",
        "not applicable",
        "not known",
        "other",
        "spreadsheet",
        "tba",
        "tbc",
        "tbd",
        "unknown",
        "various",
    }
)
"""Words that people write when there is no product to name."""

COMMON_WORDS = frozenset(
    "and app application archive cloud control corporate data database department for force legacy "  # noqa: SIM905
    "live management mobile mobilising new of old online phone portal production records register "
    "service services solution staff suite support system systems team telephone the tool tracker "
    "web".split()
)
"""Words that many agencies use in the names of unrelated systems."""

_CACHED = 50_000
_WORD = re.compile(r"[^\W_]+(?:\.[^\W_]+)*")
# Matches 9.2, v9, 12, 2016, r2 and sp3, but not 365, which is part of a name.
_VERSION = re.compile(r"(v|r|sp)\d+(\.\d+)*[a-z]?|\d+(\.\d+)+[a-z]?|\d{1,2}|(19|20)\d\d")
_MARKS = str.maketrans({"™": " ", "®": " ", "©": " ", "'": "", "’": "", "&": " and "})


@lru_cache(maxsize=_CACHED)
def plain_name(text: str) -> str:
    """Return a name folded, without marks, and without a legal form or version at its end.

    'Cortex® ICCS v7.1' and 'CORTEX ICCS 7' both become 'cortex iccs'. A name that consists of a
    version alone stays as it is.
    """
    words = _WORD.findall(fold(text.translate(_MARKS)))
    while len(words) > 1 and is_ending(words[-1]):
        words.pop()
    return " ".join(words)


def company_name(text: str) -> str:
    """Return a supplier's plain name without words such as "UK" or "Group" at its end.

    "Civica UK Limited" and "Civica" both become "civica".
    """
    words = plain_name(text).split()
    while len(words) > 1 and words[-1] in PLACES:
        words.pop()
    return " ".join(words)


def is_ending(word: str) -> bool:
    """Return whether a word is a legal form or a version, rather than part of a name."""
    return word in LEGAL_FORMS or word in VERSION_WORDS or _VERSION.fullmatch(word) is not None


def names_a_product(plain: str) -> bool:
    """Return whether a plain name can name a product, unlike "none" or "bespoke"."""
    return (
        plain not in NO_PRODUCTS and len(plain) <= LONGEST_NAME and any(c.isalpha() for c in plain)
    )
