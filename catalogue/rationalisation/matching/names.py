"""What is left of a product's name when the ways of writing it are taken away."""

import re
from functools import lru_cache

from catalogue.core.text import fold

LEGAL_FORMS = frozenset(
    "corp corporation gmbh inc incorporated limited llc llp ltd plc".split()  # noqa: SIM905
)
LONGEST_NAME = 400
"""Some signs fold to a whole sentence; what is longer than this is not a name."""

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
"""What people write where no product is to be named."""

COMMON_WORDS = frozenset(
    "and app application archive cloud control corporate data database department for force legacy "  # noqa: SIM905
    "live management mobile mobilising new of old online phone portal production records register "
    "service services solution staff suite support system systems team telephone the tool tracker "
    "web".split()
)
"""Words that many agencies call systems by, each its own."""

_CACHED = 50_000
_WORD = re.compile(r"[^\W_]+(?:\.[^\W_]+)*")
# 9.2, v9, 12, 2016, r2, sp3; but not 365, which is a name.
_VERSION = re.compile(r"(v|r|sp)\d+(\.\d+)*[a-z]?|\d+(\.\d+)+[a-z]?|\d{1,2}|(19|20)\d\d")
_MARKS = str.maketrans({"™": " ", "®": " ", "©": " ", "'": "", "’": "", "&": " and "})


@lru_cache(maxsize=_CACHED)
def plain_name(text: str) -> str:
    """A name without marks, and without legal form and version at its end.

    'Cortex® ICCS v7.1' and 'CORTEX ICCS 7' are both 'cortex iccs'. A name that is nothing but a
    version stays as it is.
    """
    words = _WORD.findall(fold(text.translate(_MARKS)))
    while len(words) > 1 and is_ending(words[-1]):
        words.pop()
    return " ".join(words)


def company_name(text: str) -> str:
    """A supplier's plain name, without the places where it trades: another of those is no other
    name. "Civica UK Limited" and "Civica" are both "civica".
    """
    words = plain_name(text).split()
    while len(words) > 1 and words[-1] in PLACES:
        words.pop()
    return " ".join(words)


def is_ending(word: str) -> bool:
    """Whether a word is a legal form or a version, rather than part of a name."""
    return word in LEGAL_FORMS or word in VERSION_WORDS or _VERSION.fullmatch(word) is not None


def names_a_product(plain: str) -> bool:
    """Whether a plain name can stand for a product, rather than for the lack of one."""
    return (
        plain not in NO_PRODUCTS and len(plain) <= LONGEST_NAME and any(c.isalpha() for c in plain)
    )
