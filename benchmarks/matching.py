"""Time and memory to find all overlaps, in catalogues of two sizes.

The measurement covers a run from after it has read the records until before it stores the overlaps.
"""

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from uuid import UUID

from rich.console import Console
from rich.table import Table

from catalogue.rationalisation.matching.evaluation.memory import peak_megabytes
from catalogue.rationalisation.matching.evaluation.shipped import shipped_reference
from catalogue.rationalisation.matching.grouping import find_groups
from catalogue.rationalisation.matching.pair_search import find_pairs
from catalogue.rationalisation.matching.records import Record, Reference
from catalogue.rationalisation.matching.terms import public_weights
from catalogue.systems.vocabulary import Lifecycle

SIZES = (5_000, 50_000)
AGENCIES = 90
MOST_SECONDS, MOST_MEGABYTES, MOST_RATIO = 30, 1024, 12
"""The targets: seconds and MB for the small size on two cores, and the factor for the large size."""

_BEGINNINGS = (
    *("Al", "Bri", "Cor", "Dar", "El", "Fen", "Gar", "Hal", "Isk", "Jun", "Kel", "Lum", "Mar"),
    *("Nor", "Ost", "Per", "Quo", "Ral", "Sel", "Tam", "Ul", "Ver", "Wil", "Xan", "Yor", "Zel"),
)
_MIDDLES = ("ba", "cu", "di", "fo", "ga", "le", "mi", "no", "pu", "ra", "so", "ti", "va", "we")
_ENDS = ("dex", "lon", "mark", "nix", "point", "rex", "serve", "track", "trix", "wise", "zon")
_FORMS = ("", "", " Ltd", " Limited", " UK", " (UK) Limited")
_DESCRIPTIONS = (
    "Holds {function} for the whole service.",
    "Bought for {function}; used by all districts.",
    "{function}, with monthly figures for managers.",
    "Replaced a paper process for {function}.",
    "{function}. Interfaces by overnight files.",
)
PRODUCTS_PER_SYSTEM = 0.6
POPULAR = 0.01
"""The share of the products that sell about as often as the most popular product."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product that agencies can buy, and its capabilities."""

    name: str
    supplier: str
    capabilities: tuple[str, ...]


def catalogue_of(systems: int, *, seed: int = 7) -> list[Record]:
    """Return this number of systems of all agencies, with varied spellings.

    Each agency chooses products from one market, each product once, and popular products more
    often. The market grows with the catalogue. So as many agencies share a product in a large
    catalogue as in a small one, and overlaps grow in line with the systems. Some systems are
    bespoke and named after their function.
    """
    dice = random.Random(seed)
    reference = shipped_reference()
    products = _products(round(PRODUCTS_PER_SYSTEM * systems), reference, dice)
    level = 1 + POPULAR * len(products)
    popular = list(accumulate(1 / (place + level) ** 0.9 for place in range(len(products))))
    records: list[Record] = []
    for number in range(AGENCIES):
        agency_id = UUID(int=number + 1)
        size = systems * (number + 1) // AGENCIES - systems * number // AGENCIES
        bespoke = size // 8
        chosen: dict[Product, None] = {}
        while len(chosen) < size - bespoke:
            chosen[dice.choices(products, cum_weights=popular)[0]] = None
        for product in chosen:
            records.append(_record(len(records), agency_id, product, reference, dice))
        for _ in range(bespoke):
            records.append(_bespoke(len(records), agency_id, reference, dice))
    return records


def _products(count: int, reference: Reference, dice: random.Random) -> list[Product]:
    codes = sorted(reference.capabilities)
    suppliers = sorted({_invented_name(dice) for _ in range(count // 3)})
    products = [
        Product(each.name, reference.suppliers[each.supplier_id], (dice.choice(codes),))
        for each in sorted(reference.products.values(), key=lambda product: product.name)
    ]
    while len(products) < count:
        provided = tuple(dice.sample(codes, dice.choice((1, 1, 1, 2, 3))))
        supplier = dice.choice(suppliers)
        function = dice.choice(reference.capabilities[provided[0]].replace(",", "").split())
        name = dice.choice(
            (
                _invented_name(dice),
                f"{_invented_name(dice)} {function.title()}",
                f"{supplier} {function.title()}",
                f"{_invented_name(dice)}{dice.randint(1, 9)}",
                f"{_invented_name(dice)} {_invented_name(dice)}",
            )
        )
        products.append(Product(name, supplier, provided))
    dice.shuffle(products)
    return products


def _invented_name(dice: random.Random) -> str:
    # Few of the possible words are used, because real products seldom differ in one letter.
    middle = "".join(dice.choice(_MIDDLES) for _ in range(dice.choice((3, 3, 4))))
    return f"{dice.choice(_BEGINNINGS)}{middle}{dice.choice(_ENDS)}"


def _record(
    number: int, agency_id: UUID, product: Product, reference: Reference, dice: random.Random
) -> Record:
    function = reference.capabilities[product.capabilities[0]]
    version = f"{dice.randint(1, 12)}.{dice.randint(0, 9)}"
    written = _written(product.name, version, dice)
    name = dice.choice(
        (written, written, f"{written} {function.split()[0]}", function, f"{function} ({written})")
    )
    return Record(
        UUID(int=(1 << 64) + number),
        agency_id,
        name,
        Lifecycle.LIVE,
        product_name=_written(product.name, version, dice) if dice.random() < 0.7 else None,
        supplier_name=(product.supplier + dice.choice(_FORMS) if dice.random() < 0.75 else None),
        capabilities=product.capabilities if dice.random() < 0.9 else (),
        aliases=(written,) if dice.random() < 0.2 else (),
        description=_description(function, dice),
        version=version if dice.random() < 0.6 else None,
    )


def _bespoke(number: int, agency_id: UUID, reference: Reference, dice: random.Random) -> Record:
    code = dice.choice(sorted(reference.capabilities))
    function = reference.capabilities[code]
    sort = dice.choice(("database", "spreadsheet", "tracker", "register", "archive"))
    return Record(
        UUID(int=(1 << 64) + number),
        agency_id,
        dice.choice((f"{function} {sort}", f"{dice.choice(function.split())} {sort}")),
        Lifecycle.LIVE,
        capabilities=(code,),
        description=_description(function, dice),
    )


def _description(function: str, dice: random.Random) -> str | None:
    return dice.choice(_DESCRIPTIONS).format(function=function) if dice.random() < 0.6 else None


def _written(name: str, version: str, dice: random.Random) -> str:
    """Return a name as some agency would spell it, with a version or a slip of the keys."""
    choice = dice.random()
    if choice < 0.05:
        place = dice.randrange(len(name) - 1)
        return name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    if choice < 0.25:
        return f"{name} {dice.choice(('', 'v'))}{version}"
    if choice < 0.35:
        return name.upper()
    if choice < 0.42:
        return name.replace(" ", "")
    return name


@dataclass(frozen=True)
class MatchingRun:
    """The cost of finding all overlaps among some systems, in a separate process."""

    systems: int
    groups: int
    pairs: int
    seconds: float
    megabytes: float


def measure_matching(sizes: Sequence[int] = SIZES) -> list[MatchingRun]:
    """Measure each size in a separate process, so that the memory is that of one size."""
    runs = []
    for size in sizes:
        command = [sys.executable, "-m", "benchmarks.matching", "--systems", str(size)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        runs.append(MatchingRun(**json.loads(done.stdout.splitlines()[-1])))
    return runs


def print_matching(runs: Sequence[MatchingRun]) -> None:
    """Print the cost of each size, and the targets."""
    table = Table(title=f"Finding overlaps among {AGENCIES} agencies", title_justify="left")
    table.add_column("")
    for column in ("groups", "pairs", "seconds", "peak MB", "ratio"):
        table.add_column(column, justify="right")
    for run in runs:
        table.add_row(
            f"{run.systems:,} systems",
            f"{run.groups:,}",
            f"{run.pairs:,}",
            f"{run.seconds:.1f}",
            f"{run.megabytes:,.0f}",
            f"{run.seconds / runs[0].seconds:.1f}",
        )
    console = Console(highlight=False, width=max(96, Console().width))
    console.print(table)
    console.print(
        f"One process, without reading and storing. Targets: {SIZES[0]:,} within {MOST_SECONDS} seconds "
        f"and {MOST_MEGABYTES:,} MB, and {SIZES[1]:,} in at most {MOST_RATIO} times that time."
    )


def _measure_one(systems: int) -> MatchingRun:
    records, reference = catalogue_of(systems), shipped_reference()
    began = time.perf_counter()
    groups = find_groups(records, reference)
    pairs = find_pairs(records, reference, public_weights(reference))
    seconds = time.perf_counter() - began
    return MatchingRun(len(records), len(groups), len(pairs), seconds, peak_megabytes())


def main() -> int:
    """Measure both sizes and print a table, or measure one size and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--systems", type=int, help="Measure only this number of systems, and print JSON."
    )
    arguments = parser.parse_args()
    if arguments.systems:
        print(json.dumps(vars(_measure_one(arguments.systems))))
    else:
        print_matching(measure_matching())
    return 0


if __name__ == "__main__":
    sys.exit(main())
