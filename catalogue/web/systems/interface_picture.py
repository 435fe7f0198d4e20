"""The picture of a system's interfaces: the system between those that send and those that receive.

It is drawn by hand, because no library makes accessible SVG that the policy of the pages allows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalogue.systems.vocabulary import InterfaceDirection
from catalogue.web.wording import NOT_SHARED, value_label

MOST_DRAWN = 25
"""The most interfaces of a picture. The table alone shows more."""

_STEP, _BOX = 60, 46
_LONGEST_NAME = 27


@dataclass(frozen=True)
class Box:
    """The system at the other end of an interface."""

    top: int
    name: str
    note: str
    """The standard, and the direction if it is not plain from the side."""
    is_hidden: bool
    is_both: bool

    @property
    def middle(self) -> int:
        """The height of its line."""
        return self.top + _BOX // 2


@dataclass(frozen=True)
class Picture:
    """The boxes on both sides of the system, and the words for people who cannot see them."""

    name: str
    sources: list[Box]
    targets: list[Box]
    description: str

    @property
    def height(self) -> int:
        """The height of the picture."""
        return max(len(self.sources), len(self.targets)) * _STEP

    @property
    def middle(self) -> int:
        """The height of the middle of the system's box."""
        return self.height // 2


def draw(system: Mapping[str, Any], interfaces: Sequence[Mapping[str, Any]]) -> Picture | None:
    """Return the picture, or None if it would be empty or too large to read."""
    if not 0 < len(interfaces) <= MOST_DRAWN:
        return None
    targets = [each for each in interfaces if each["from_system_id"] == system["id"]]
    sources = [each for each in interfaces if each["from_system_id"] != system["id"]]
    height = max(len(sources), len(targets)) * _STEP
    return Picture(
        name=_shorten(system["name"], 20),
        sources=_stack(sources, "from", height),
        targets=_stack(targets, "to", height),
        description=" ".join(map(_describe, interfaces)),
    )


def _stack(interfaces: Sequence[Mapping[str, Any]], end: str, height: int) -> list[Box]:
    top = (height - len(interfaces) * _STEP + _STEP - _BOX) // 2
    return [_box(each, end, top + place * _STEP) for place, each in enumerate(interfaces)]


def _box(interface: Mapping[str, Any], end: str, top: int) -> Box:
    name = interface[f"{end}_system_name"]
    is_both = interface["direction"] == InterfaceDirection.BOTH
    standard = value_label(interface["standard"])
    return Box(
        top=top,
        name=NOT_SHARED if name is None else _shorten(name, _LONGEST_NAME),
        note=f"{standard}, both ways" if is_both else standard,
        is_hidden=name is None,
        is_both=is_both,
    )


def _describe(interface: Mapping[str, Any]) -> str:
    """Describe an interface in a sentence."""
    source, target = (
        interface[f"{end}_system_name"] or "a system that is not shared with your agency"
        for end in ("from", "to")
    )
    verb = "exchanges data with" if interface["direction"] == "both" else "sends data to"
    sentence = f"{source} {verb} {target} ({value_label(interface['standard'])})."
    return sentence[:1].upper() + sentence[1:]


def _shorten(name: str, longest: int) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"
