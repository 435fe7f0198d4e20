"""Sentences that may be published of a migration, in words that everybody understands.

The rules follow the content guidance of GOV.UK: sentences of at most 25 words, and no jargon. Ways
to reach people are left to the page that a sentence is published on, where they are kept right.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from catalogue.core.errors import FieldError
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
    """What would confuse whoever reads a public statement, or does not belong in it."""
    if len(text) > LONGEST:
        yield _fault("too_long", f"At most {LONGEST} characters.")
    if any(len(_WORD.findall(each)) > MOST_WORDS for each in _SENTENCE.findall(text)):
        yield _fault("long_sentence", f"Sentences have at most {MOST_WORDS} words.")
    if _CONTACT.search(text):
        yield _fault("contact", "Leave out addresses and telephone numbers.")
    if initials := sorted(set(_INITIALS.findall(text)) - _KNOWN):
        yield _fault("abbreviation", f"Write out {', '.join(initials)}.")
    used = {word.lower() for word in _WORD.findall(text)} & _PLAIN.keys()
    if used:
        better = "; ".join(f"for {word!r}, say {_PLAIN[word]!r}" for word in sorted(used))
        yield _fault("jargon", f"Use plain words: {better}.")


def suggest_statement(
    *,
    agency_name: str,
    functions: Sequence[str],
    kind: MigrationKind,
    stage: MigrationStage,
    day: date | None,
    moved_on: date | None,
) -> str | None:
    """A statement made from the record, unless its names are too long or too short to be plain.

    It names no system: that tells the public nothing, and others where to look.
    """
    what = _in_a_sentence(functions[0]) if functions else "its work"
    whose = "of its own" if kind is MigrationKind.SEPARATION else "that it shares with others"
    if stage is MigrationStage.CANCELLED:
        said = f"{agency_name} keeps the computer system that it uses"
    elif stage is MigrationStage.ROLLED_BACK:
        said = f"{agency_name} is using its earlier computer system again"
    else:
        if moved_on is not None:
            begins = f"Since {_spoken(moved_on)} {agency_name} has used"
        elif day is not None and stage is not MigrationStage.ON_HOLD:
            begins = f"On {_spoken(day)} {agency_name} plans to start using"
        else:
            begins = f"{agency_name} plans to use"
        said = f"{begins} a computer system {whose}"
    ways = (f"{said} for {what}.", f"{said}. It is for {what}.", f"{said} for its work.")
    return next((way for way in ways if not list(find_statement_faults(way))), None)


def _in_a_sentence(name: str) -> str:
    """What begins with initials keeps them."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _spoken(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _fault(code: str, detail: str) -> FieldError:
    return FieldError("/public_statement", code, detail)
