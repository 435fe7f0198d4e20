"""Requests of the actor that write: valid ones, and near misses that name hidden records."""

from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask

from tests.api.surface import Op
from tests.api.world import OWNER, PARTNER, STRANGER, Sent
from tests.api.world import World as ApiExamples
from tests.api.wrong_values import placed
from tests.noninterference.pair import Pair
from tests.noninterference.parameters import Parameters, address, spread
from tests.noninterference.records import ACTOR, ADMINISTRATOR, COLLEAGUE, MEMBER, VISITOR
from tests.noninterference.worlds import Answer, Request

FEW = 3


class PairClient:
    """A client of both worlds. Only responses to the actor's agency and administrator are compared."""

    def __init__(self, pair: Pair, name: str) -> None:
        self.pair, self.name = pair, name

    def open(self, url: str, **options: Any) -> Answer:
        """Send a request to both worlds."""
        compared = self.name in {MEMBER.name, COLLEAGUE.name, ADMINISTRATOR.name}
        return self.pair.ask(Request.of(self.name, url, **options), compared=compared)

    def get(self, url: str, **options: Any) -> Answer:
        return self.open(url, method="GET", **options)

    def post(self, url: str, **options: Any) -> Answer:
        return self.open(url, method="POST", **options)

    def patch(self, url: str, **options: Any) -> Answer:
        return self.open(url, method="PATCH", **options)


class Examples(ApiExamples):
    """The example requests of every operation, set up in both worlds at once."""

    def __init__(self, pair: Pair) -> None:
        self.pair, self.app = pair, pair.without.app
        names = {OWNER: MEMBER.name, PARTNER: PARTNER, STRANGER: STRANGER}
        self.owner, self.partner, self.stranger = (  # type: ignore[assignment]
            PairClient(pair, names[code]) for code in (OWNER, PARTNER, STRANGER)
        )
        self.administrator = PairClient(pair, ADMINISTRATOR.name)
        ids = pair.without.ids
        self.records = {
            "overlap_id": ids["overlap Stores"],
            "own_member_id": ids["Own stores"],
            "partner_member_id": ids["Open stores"],
            "session_id": ids[f"session of {VISITOR.name}"],
        }

    def signed_in(self, code: str | None, scopes: str) -> PairClient:  # type: ignore[override]
        assert code == ACTOR, "another client of the actor's agency"
        return PairClient(self.pair, COLLEAGUE.name)

    def run_in_app(self, step: Callable[[Flask], Any]) -> None:
        self.pair.run_in_apps(step)


def near_misses(
    op: Op, sent: Sent, parameters: Parameters, turn: int | None = None
) -> Iterator[Sent]:
    """Yield variants of a request in which one value is that of a hidden record.

    An id is replaced by ids of every kind of record. With a turn, it is replaced by a few kinds only,
    which differ at each turn.
    """
    if op.parameter_names("path"):
        for fill in spread(parameters.fills(op), 8):
            yield sent.but(url=address(op, fill))
    if op.kernel.if_match:
        yield sent.but(headers=sent.headers | {"If-Match": '"stale"'})
    if op.kernel.idempotent:
        yield sent.but(headers=sent.headers | {"Idempotency-Key": "key-1"})
    for choice in parameters.choices(op, 3):
        yield sent.but(query={choice.name: choice.value})
    of_any_kind = parameters.some_hidden_ids
    for place, (pointer, value) in enumerate(leaves(sent.json)):
        strange = of_any_kind if turn is None else in_turn(of_any_kind, turn + place)
        for text in values_for(pointer, value, parameters, strange):
            yield sent.but(json=placed(sent.json, pointer, text))
    if sent.form is not None:
        names = spread([n for n in parameters.texts("name") if "," not in n], 12)
        ids = spread(parameters.texts("external_id"), 12)
        for source in ("cmdb", "import"):
            rows = [f"{n},{i},live" for n, i in zip(names, ids, strict=False)]
            file = "\n".join(["Name,External ID,Lifecycle", *rows])
            yield sent.but(form=sent.form | {"file": file, "source": source})


def leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the pointer and value of each leaf of a body."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{pointer}/{name}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from leaves(inner, f"{pointer}/{i}")
    elif pointer:
        yield pointer, value


def in_turn(texts: list[str], turn: int) -> list[str]:
    """Return a few of the texts, and others at the next turn."""
    return [texts[(FEW * turn + place) % len(texts)] for place in range(min(FEW, len(texts)))]


def values_for(pointer: str, value: Any, parameters: Parameters, strange: list[str]) -> list[str]:
    """Return other values for a leaf: ids and names of hidden and visible records."""
    name = next(step for step in reversed(pointer.split("/")) if not step.isdecimal())
    if name == "id" or name.endswith("_id"):
        kin = [*parameters.texts(name), *parameters.ids_of(name)]
        return [*spread(kin, 5), *strange]
    return spread(parameters.texts(name), 3) if isinstance(value, str) else []
