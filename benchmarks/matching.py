"""How long matching takes, and how much memory, on catalogues that are made up.

Run it with `python -m benchmarks.matching`. Each size is measured in a process of its own.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from random import Random
from uuid import UUID

from rich.console import Console
from rich.table import Table

from catalogue.rationalisation.matching.finding import find_pairs
from catalogue.rationalisation.matching.grouping import find_groups
from catalogue.rationalisation.matching.records import Record
from catalogue.rationalisation.matching.shipped import shipped_reference
from catalogue.rationalisation.matching.terms import public_weights
from catalogue.systems.vocabulary import Lifecycle

AGENCIES = 90
SIZES = (5_000, 50_000)
SEED = 20_261_122
SYSTEMS_OF_A_PRODUCT = 6
"""On average. The register of products grows with the catalogue, as new agencies bring their own."""

_BEGINNINGS = "Al Bar Cas Cor Dra El Fen Gal Hal Jor Kes Lan Mer Nor Or Pel Quin Ros Sel Tor Ven Wyn"
_MIDDLES = "a da di fo la lo ma mi na no ra ri ro sa si ta ti va vi"
_ENDINGS = "bis cor dex dyne gate link max mere nix pad point ron scape soft ta trix via vue wise x"
_KINDS = (
    "Command and Control", "Custody", "Case Management", "Records Management", "Duty Management",
    "Digital Evidence", "Fleet", "Mobilising", "Prevention", "Hydrants", "Intelligence", "HR",
    "Payroll", "Vetting", "Firearms Licensing", "Property Stores", "Crime Recording", "Mapping",
    "Incident Command", "Breathing Apparatus", "Body Worn Video", "Interview Recording", "Contact",
    "ANPR", "Telematics", "Rostering", "Station End", "Risk Information", "Learning", "Finance",
)  # fmt: skip
_GENERAL = ("system", "application", "platform", "suite", "solution", "portal", "database", "")
_OWN_WORDS = ("Force", "Service", "Digital", "Corporate", "New", "Joint", "Regional", "Legacy")
_SAID = (
    "Used by {who} to {what} {thing}.",
    "Keeps {thing} for {who}.",
    "{who} {what} {thing} with it, and send {thing} to partners.",
    "Replaced a spreadsheet with which {who} had to {what} {thing}.",
)
_WHO = (
    "response officers", "control room staff", "station commanders", "the training school",
    "custody sergeants", "watch managers", "finance", "investigators", "wardens", "the enquiry desk",
)  # fmt: skip
_WHAT = ("record", "plan", "review", "search", "audit", "share", "approve", "report on", "schedule")
_THING = (
    "detentions", "statements", "hydrant inspections", "vehicle defects", "shift patterns",
    "home visits", "exhibits", "licences", "overtime claims", "risk assessments", "call logs",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """A record, and the number of the product that it truly is; None for an agency's own."""

    record: Record
    product: int | None


@dataclass(frozen=True, slots=True)
class Cost:
    """What matching one catalogue took."""

    systems: int
    groups: int
    pairs: int
    seconds: float
    megabytes: float


def make(systems: int, *, agencies: int = AGENCIES, seed: int = SEED) -> list[Made]:
    """A catalogue in which agencies run some of the same products, and call them as they like.

    No agency has a product twice. A few products are nearly everywhere, and most in few places.
    """
    random = Random(seed)
    products = list(_products(random, max(1, systems // SYSTEMS_OF_A_PRODUCT)))
    owners = [UUID(int=(1 << 64) + number) for number in range(agencies)]
    taken: set[tuple[int, int]] = set()
    made = []
    for number in range(systems):
        place = number % agencies
        chosen: int | None = int(len(products) * random.random() ** 2)
        if random.random() < 0.2 or (place, chosen) in taken:
            chosen = None
        if chosen is not None:
            taken.add((place, chosen))
        record = _record(random, UUID(int=number + 1), owners[place], products, chosen)
        made.append(Made(record, chosen))
    return made


def _products(random: Random, count: int) -> Iterator[tuple[str, str, str]]:
    """The maker, the name and the kind of each."""
    makers = [_word(random) for _ in range(max(20, count // 6))]
    for _ in range(count):
        yield random.choice(makers), _word(random), random.choice(_KINDS)


def _word(random: Random) -> str:
    middle = "".join(random.choices(_MIDDLES.split(), k=random.choice((0, 1, 1, 2))))
    return random.choice(_BEGINNINGS.split()) + middle + random.choice(_ENDINGS.split())


def _record(
    random: Random,
    identity: UUID,
    owner: UUID,
    products: list[tuple[str, str, str]],
    chosen: int | None,
) -> Record:
    maker, product, kind = None, None, random.choice(_KINDS)
    name = f"{random.choice(_OWN_WORDS)} {kind} {random.choice(_GENERAL)}".strip()
    if chosen is not None:
        maker, product, kind = products[chosen]
        name = _spelt(random, maker, product, kind)
    return Record(
        identity,
        owner,
        name,
        Lifecycle.LIVE,
        product_name=product if random.random() < 0.3 else None,
        supplier_name=maker if random.random() < 0.6 else None,
        description=_described(random) if random.random() < 0.5 else None,
        version=f"{random.randint(1, 12)}.{random.randint(0, 9)}" if random.random() < 0.3 else None,
    )


def _spelt(random: Random, maker: str, product: str, kind: str) -> str:
    general = random.choice(_GENERAL)
    name = random.choice(
        (
            product,
            f"{product} {kind}",
            f"{maker} {product}",
            f"{product} {random.randint(2, 12)}",
            f"{product} ({maker}) {general}",
            f"{kind} {general} - {product}",
        )
    ).strip()
    if random.random() < 0.05:
        place = random.randrange(1, len(name) - 1)
        name = name[:place] + name[place + 1 :]
    return name.upper() if random.random() < 0.1 else name


def _described(random: Random) -> str:
    sentences = random.sample(_SAID, k=random.choice((1, 2)))
    return " ".join(
        said.format(
            who=random.choice(_WHO), what=random.choice(_WHAT), thing=random.choice(_THING)
        )
        for said in sentences
    )


def measure(systems: int) -> Cost:
    """Match a catalogue of a size in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.matching", "--alone", str(systems)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Cost(**json.loads(done.stdout))


def _measured(systems: int) -> Cost:
    records = [each.record for each in make(systems)]
    reference = shipped_reference()
    weights = public_weights(reference)
    began = time.perf_counter()
    groups = find_groups(records, reference)
    pairs = find_pairs(records, reference, weights)
    seconds = time.perf_counter() - began
    # Linux counts kilobytes, macOS bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return Cost(systems, len(groups), len(pairs), seconds, megabytes)


def print_costs(costs: list[Cost]) -> None:
    """One line for each size, and how the time grew."""
    table = Table(title=f"Matching systems of {AGENCIES} agencies", title_justify="left")
    for column in ("systems", "groups", "pairs", "seconds", "peak MB", "times the first"):
        table.add_column(column, justify="right")
    for cost in costs:
        table.add_row(
            f"{cost.systems:,}",
            f"{cost.groups:,}",
            f"{cost.pairs:,}",
            f"{cost.seconds:.1f}",
            f"{cost.megabytes:.0f}",
            f"{cost.seconds / costs[0].seconds:.1f}",
        )
    # Wide enough for the table wherever the output goes, a file included.
    Console(highlight=False, width=max(96, Console().width)).print(table)


def main() -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N")
    parser.add_argument("--alone", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.alone:
        print(json.dumps(asdict(_measured(arguments.alone))))
        return 0
    print_costs([measure(size) for size in arguments.sizes])
    return 0


if __name__ == "__main__":
    sys.exit(main())
