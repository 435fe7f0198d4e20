"""Doubts about which record a row means. A person must resolve each doubt.

Ids that are row numbers, or that Excel has changed, lead a row to the record of another system. An
update would then rename that record, which can end with the wrong system switched off.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from catalogue.core.text import fold, name_key
from catalogue.data_exchange.front_doors import FrontDoor
from catalogue.data_exchange.problems import quoted
from catalogue.systems.models import System

_SHORTEST_RUN = 3
_ALIKE = 70
_SHARED = 0.4
"""The share of the shorter name that must consist of words in both names."""
_GENERAL = frozenset(
    {"system", "systems", "application", "app", "software", "service", "services", "solution",
     "platform", "tool", "management", "manager", "portal", "database", "suite", "online", "data",
     "records", "record", "the", "and", "of", "for", "it"}
)  # fmt: skip
_FEW = 2
_COMMON_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason to check a row, with the field that the doubt concerns."""

    field: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The doubts that the person who imports has resolved by an option."""

    renames: bool = False
    """True to accept ids that lead to a record with a quite different name, and rename it."""
    ids: bool = False
    """True to accept ids that look like row numbers, or that lost their zeros."""


def without_zeros(identity: str) -> str:
    """Return an id of digits without its leading zeros, and any other id as it is."""
    return identity.lstrip("0") or "0" if identity.isdecimal() else identity


def count_rows(identities: Iterable[str]) -> bool:
    """Return whether ids only count the rows: 1, 2, 3 and so on, or from 0."""
    count = 0
    for place, identity in enumerate(identities):
        if place == 0:
            first = 0 if identity == "0" else 1
        if identity != str(first + place):
            return False
        count += 1
    return count >= _SHORTEST_RUN


@dataclass
class RecordedNames:
    """The names and ids of an agency's systems before the import, and the names in the file."""

    names: dict[UUID, str]
    holders: dict[str, UUID]
    ids: Mapping[UUID, str]
    file_names: Sequence[str]
    front_door: FrontDoor

    @classmethod
    def of(
        cls,
        systems: Sequence[System],
        ids: Mapping[UUID, str],
        file_names: Sequence[str],
        front_door: FrontDoor,
    ) -> "RecordedNames":
        names = {system.id: system.name for system in systems}
        holders = {system.name_key: system.id for system in systems}
        return cls(names, holders, ids, file_names, front_door)

    @cached_property
    def common_words(self) -> frozenset[str]:
        """Words that do not show which system a name means."""
        recorded = _common_words(set(self.names.values()))
        return _GENERAL | recorded | _common_words(set(self.file_names))

    def doubt_of_rename(self, system: System, name: str, aliases: Iterable[str]) -> Doubt | None:
        """Return the doubt about a row with the id of a system but another name, or None."""
        recorded = self.names.get(system.id)
        if recorded is None or recorded == name or name_key(recorded) == (key := name_key(name)):
            return None
        holder = self.holders.get(key)
        if holder is not None and holder != system.id:
            other = self.ids.get(holder)
            place = f", which has the id “{quoted(other)}”" if other else ""
            detail = (
                f"The id belongs to your record “{quoted(recorded)}”, but the row has the name of "
                f"another of your records{place}. Correct the ids, or confirm the renames with "
                f"{self.front_door.confirm('renames')}."
            )
            return Doubt("name", "name_of_another_record", detail)
        if key in map(name_key, system.aliases) or name_key(recorded) in map(name_key, aliases):
            return None
        if self._are_alike(recorded, name):
            return None
        detail = (
            f"The id belongs to your record “{quoted(recorded)}”, and the name in the row is quite "
            f"different. Correct the id, or confirm the rename with "
            f"{self.front_door.confirm('renames')}."
        )
        return Doubt("name", "different_name", detail)

    def _are_alike(self, recorded: str, name: str) -> bool:
        from rapidfuzz import fuzz

        before, after = self._words(recorded), self._words(name)
        shared = sum(len(word) for word in set(before) & set(after))
        if shared >= _SHARED * min(sum(map(len, before)), sum(map(len, after))):
            return True
        if _is_acronym(before, after) or _is_acronym(after, before):
            return True
        return fuzz.ratio(" ".join(before), " ".join(after)) >= _ALIKE

    def _words(self, name: str) -> list[str]:
        words = re.findall(r"[^\W_]+", fold(name))
        return [word for word in words if word not in self.common_words] or words


def _is_acronym(short: list[str], long: list[str]) -> bool:
    return len(long) > 1 and "".join(short) == "".join(word[0] for word in long)


def _common_words(names: set[str]) -> frozenset[str]:
    """Return words in so many names that they do not show which system a name means."""
    counts = Counter(word for name in names for word in set(re.findall(r"[^\W_]+", fold(name))))
    most = max(_FEW, len(names) * _COMMON_SHARE)
    return frozenset(word for word, count in counts.items() if count > most)
