"""Public statements about migrations, in plain English.

The rules follow the content guidance of GOV.UK: sentences of at most 25 words, and no jargon.
Contact details belong on the page that publishes a statement, where they are kept up to date.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from catalogue.core.errors import FieldError
from catalogue.core.text import format_date
from catalogue.programmes.vocabulary import MigrationKind, MigrationStage

LONGEST = 500
MOST_WORDS = 25

_SENTENCE = re.compile(r"[^.!?]+(?:[.!?]+|$)")
_WORD = re.compile(r"[\w'’-]+")
_CONTACT = re.compile(r"@|https?://|www\.|(?:\d[ ()-]*){9}")  # a date has eight digits at most
_INITIALS = re.compile(r"\b[A-Z]{3,}\b")
_KNOWN = frozenset({"NHS", "BBC", "VAT", "PIN"})
_PLAIN = {
    "cutover": "the day of the change",
    "decommission": "switch off",
    "decommissioned": "switched off",
    "decommissioning": "switching off",
    "go-live": "start",
    "legacy": "old",
    "migrate": "move",
    "migrated": "moved",
    "migrating": "moving",
    "migration": "move",
    "migrations": "moves",
    "onboard": "bring in",
    "repoint": "connect",
    "rollback": "going back",
    "stakeholders": "people",
    "sunset": "end",
}


def find_statement_faults(text: str) -> Iterator[FieldError]:
    """Find the parts of a public statement that would confuse readers or do not belong in it."""
    if len(text) > LONGEST:
        yield _fault("too_long", f"The statement is too long. Use at most {LONGEST} characters.")
    if any(len(_WORD.findall(each)) > MOST_WORDS for each in _SENTENCE.findall(text)):
        yield _fault(
            "long_sentence", f"A sentence is too long. Use at most {MOST_WORDS} words in each."
        )
    if _CONTACT.search(text):
        yield _fault(
            "contact", "The statement has contact details. Remove addresses and telephone numbers."
        )
    if initials := sorted(set(_INITIALS.findall(text)) - _KNOWN):
        yield _fault(
            "abbreviation", f"The statement has abbreviations. Write out {', '.join(initials)}."
        )
    used = {word.lower() for word in _WORD.findall(text)} & _PLAIN.keys()
    if used:
        better = "; ".join(f"for {word!r}, write {_PLAIN[word]!r}" for word in sorted(used))
        yield _fault("jargon", f"The statement has jargon. Use plain words: {better}.")


def suggest_statement(
    *,
    agency_name: str,
    capabilities: Sequence[str],
    kind: MigrationKind,
    stage: MigrationStage,
    day: date | None,
    moved_on: date | None,
) -> str | None:
    """Write a statement about a migration from its record.

    Returns None if every wording breaks the rules, because of a name in the record.

    The statement names no system: a name means nothing to the public, but helps an attacker.
    """
    purpose = _in_a_sentence(capabilities[0]) if capabilities else "its work"
    kind_of_use = "of its own" if kind is MigrationKind.SEPARATION else "that it shares with others"
    if stage is MigrationStage.CANCELLED:
        statement = f"{agency_name} keeps the computer system that it uses"
    elif stage is MigrationStage.ROLLED_BACK:
        statement = f"{agency_name} is using its earlier computer system again"
    else:
        if moved_on is not None:
            begins = f"Since {format_date(moved_on)} {agency_name} has used"
        elif day is not None and stage is not MigrationStage.ON_HOLD:
            begins = f"On {format_date(day)} {agency_name} plans to start using"
        else:
            begins = f"{agency_name} plans to use"
        statement = f"{begins} a computer system {kind_of_use}"
    wordings = (
        f"{statement} for {purpose}.",
        f"{statement}. It is for {purpose}.",
        f"{statement} for its work.",
    )
    return next((each for each in wordings if not list(find_statement_faults(each))), None)


def _in_a_sentence(name: str) -> str:
    """Lower the first letter of a name, unless the name begins with initials."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _fault(code: str, detail: str) -> FieldError:
    return FieldError("/public_statement", code, detail)
