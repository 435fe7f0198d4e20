"""Requests of the actor that write: those that succeed, and ways to come near what is hidden."""

from collections.abc import Iterator
from typing import Any

from tests.api.surface import Op
from tests.api.world import OWNER, PARTNER, STRANGER, Sent
from tests.api.world import World as Scenes
from tests.api.wrong_values import placed
from tests.noninterference.knowledge import Knowledge, address, spread
from tests.noninterference.makers import ACTOR, COLLEAGUE, MEMBER
from tests.noninterference.pair import Pair
from tests.noninterference.worlds import Answer, Asked


class Voice:
    """A client of both worlds. Only the answers to the actor's agency are compared."""

    def __init__(self, pair: Pair, name: str) -> None:
        self.pair, self.name = pair, name

    def open(self, url: str, **options: Any) -> Answer:
        """Ask both worlds."""
        compared = self.name in {MEMBER.name, COLLEAGUE.name}
        return self.pair.ask(Asked.of(self.name, url, **options), compared=compared)

    def get(self, url: str, **options: Any) -> Answer:
        return self.open(url, method="GET", **options)

    def post(self, url: str, **options: Any) -> Answer:
        return self.open(url, method="POST", **options)

    def patch(self, url: str, **options: Any) -> Answer:
        return self.open(url, method="PATCH", **options)


class Rehearsal(Scenes):
    """The scenes that the tests of every operation set up, in both worlds at once."""

    def __init__(self, pair: Pair) -> None:
        self.pair, self.app = pair, pair.without.app
        names = {OWNER: MEMBER.name, PARTNER: PARTNER, STRANGER: STRANGER}
        self.owner, self.partner, self.stranger = (  # type: ignore[assignment]
            Voice(pair, names[code]) for code in (OWNER, PARTNER, STRANGER)
        )
        ids = pair.without.ids
        self.records = {
            "overlap_id": ids["overlap Stores"],
            "own_member_id": ids["Own stores"],
            "partner_member_id": ids["Open stores"],
        }

    def signed_in(self, code: str | None, scopes: str) -> Voice:  # type: ignore[override]
        assert code == ACTOR, "another client of the actor's agency"
        return Voice(self.pair, COLLEAGUE.name)

    def run_jobs(self) -> None:
        self.pair.run_jobs()


def near_misses(op: Op, sent: Sent, knowledge: Knowledge) -> Iterator[Sent]:
    """The same request with something in it that hidden records have."""
    if op.parameter_names("path"):
        for fill in spread(knowledge.fills(op), 8):
            yield sent.but(url=address(op, fill))
    if op.kernel.if_match:
        yield sent.but(headers=sent.headers | {"If-Match": '"stale"'})
    if op.kernel.idempotent:
        yield sent.but(headers=sent.headers | {"Idempotency-Key": "key-1"})
    for choice in knowledge.choices(op, 3):
        yield sent.but(query={choice.name: choice.value})
    for pointer, value in leaves(sent.json):
        for text in values_for(pointer, value, knowledge):
            yield sent.but(json=placed(sent.json, pointer, text))
    if sent.form is not None:
        names = spread([n for n in knowledge.texts("name") if "," not in n], 12)
        ids = spread(knowledge.texts("external_id"), 12)
        for source in ("cmdb", "import"):
            rows = [f"{n},{i},live" for n, i in zip(names, ids, strict=False)]
            file = "\n".join(["Name,External ID,Lifecycle", *rows])
            yield sent.but(form=sent.form | {"file": file, "source": source})


def leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """The plain values within a body."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{pointer}/{name}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from leaves(inner, f"{pointer}/{i}")
    elif pointer:
        yield pointer, value


def values_for(pointer: str, value: Any, knowledge: Knowledge) -> list[str]:
    """What else might stand there: ids and names of records that are hidden, and of others."""
    name = next(step for step in reversed(pointer.split("/")) if not step.isdecimal())
    if name == "id" or name.endswith("_id"):
        kin = [*knowledge.texts(name), *knowledge.ids_of(name)]
        return [*spread(kin, 5), *knowledge.some_hidden_ids]
    return spread(knowledge.texts(name), 3) if isinstance(value, str) else []
