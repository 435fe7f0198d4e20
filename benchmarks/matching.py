"""How long it takes to find all overlaps, and how much memory, in catalogues of two sizes.

What is measured is what a run does between reading the records and keeping what it found.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from uuid import UUID

from rich.console import Console
from rich.table import Table

from catalogue.rationalisation.matching.evaluation.shipped import shipped_reference
from catalogue.rationalisation.matching.grouping import find_groups
from catalogue.rationalisation.matching.pair_search import find_pairs
from catalogue.rationalisation.matching.records import Record, Reference
from catalogue.rationalisation.matching.terms import public_weights
from catalogue.systems.vocabulary import Lifecycle

SIZES = (5_000, 50_000)
AGENCIES = 90
SECONDS, MEGABYTES, TIMES = 30, 1024, 12
"""What is aimed at: for the lesser size on two cores; and how much longer the greater may take."""

_BEGINNINGS = (
    *("Al", "Bri", "Cor", "Dar", "El", "Fen", "Gar", "Hal", "Isk", "Jun", "Kel", "Lum", "Mar"),
    *("Nor", "Ost", "Per", "Quo", "Ral", "Sel", "Tam", "Ul", "Ver", "Wil", "Xan", "Yor", "Zel"),
)
_MIDDLES = ("ba", "cu", "di", "fo", "ga", "le", "mi", "no", "pu", "ra", "so", "ti", "va", "we")
_ENDS = ("dex", "lon", "mark", "nix", "point", "rex", "serve", "track", "trix", "wise", "zon")
_FORMS = ("", "", " Ltd", " Limited", " UK", " (UK) Limited")
_SAID = (
    "Holds {what} for the whole service.",
    "Bought for {what}; used by all districts.",
    "{what}, with monthly figures for managers.",
    "Replaced a paper process for {what}.",
    "{what}. Interfaces by overnight files.",
)
PRODUCTS_PER_SYSTEM = 0.6
POPULAR = 0.01
"""The part of the market that is bought about as often as what is bought most."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product that agencies may have, and what it is for."""

    name: str
    supplier: str
    capabilities: tuple[str, ...]


def catalogue_of(systems: int, *, seed: int = 7) -> list[Record]:
    """So many systems of all agencies, each agency with its own ways of writing.

    Each agency chooses its products from one market, each product once, and popular ones sooner.
    The market grows with the catalogues: so a product is shared by as many agencies in a large
    one as in a small one, and what is there to be found grows in line with the systems. Some
    systems are bespoke, and named for their function.
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
    makers = sorted({_coined(dice) for _ in range(count // 3)})
    found = [
        Product(each.name, reference.suppliers[each.supplier_id], (dice.choice(codes),))
        for each in sorted(reference.products.values(), key=lambda product: product.name)
    ]
    while len(found) < count:
        served = tuple(dice.sample(codes, dice.choice((1, 1, 1, 2, 3))))
        supplier = dice.choice(makers)
        function = dice.choice(reference.capabilities[served[0]].replace(",", "").split())
        name = dice.choice(
            (
                _coined(dice),
                f"{_coined(dice)} {function.title()}",
                f"{supplier} {function.title()}",
                f"{_coined(dice)}{dice.randint(1, 9)}",
                f"{_coined(dice)} {_coined(dice)}",
            )
        )
        found.append(Product(name, supplier, served))
    dice.shuffle(found)
    return found


def _coined(dice: random.Random) -> str:
    # Of all words that could be names few are: two products are seldom one letter apart.
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
        description=_said(function, dice),
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
        description=_said(function, dice),
    )


def _said(function: str, dice: random.Random) -> str | None:
    return dice.choice(_SAID).format(what=function) if dice.random() < 0.6 else None


def _written(name: str, version: str, dice: random.Random) -> str:
    """A name as some agency writes it."""
    how = dice.random()
    if how < 0.05:
        place = dice.randrange(len(name) - 1)
        return name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    if how < 0.25:
        return f"{name} {dice.choice(('', 'v'))}{version}"
    if how < 0.35:
        return name.upper()
    if how < 0.42:
        return name.replace(" ", "")
    return name


@dataclass(frozen=True)
class Taken:
    """What it took to find all overlaps among some systems, in a process of its own."""

    systems: int
    groups: int
    pairs: int
    seconds: float
    megabytes: float


def measure_matching(sizes: Sequence[int] = SIZES) -> list[Taken]:
    """Measure each size in a process of its own, so that memory is its own."""
    taken = []
    for size in sizes:
        command = [sys.executable, "-m", "benchmarks.matching", "--systems", str(size)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        taken.append(Taken(**json.loads(done.stdout.splitlines()[-1])))
    return taken


def print_matching(taken: Sequence[Taken]) -> None:
    """What was measured, size by size, and what is aimed at."""
    table = Table(title=f"Finding overlaps among {AGENCIES} agencies", title_justify="left")
    table.add_column("")
    for column in ("groups", "pairs", "seconds", "peak MB", "ratio"):
        table.add_column(column, justify="right")
    for each in taken:
        table.add_row(
            f"{each.systems:,} systems",
            f"{each.groups:,}",
            f"{each.pairs:,}",
            f"{each.seconds:.1f}",
            f"{each.megabytes:,.0f}",
            f"{each.seconds / taken[0].seconds:.1f}",
        )
    console = Console(highlight=False, width=max(96, Console().width))
    console.print(table)
    console.print(
        f"One process; without reading and keeping. Aimed at: {SIZES[0]:,} within {SECONDS} seconds "
        f"and {MEGABYTES:,} MB; {SIZES[1]:,} in {TIMES} times that at most."
    )


def _measured(systems: int) -> Taken:
    records, reference = catalogue_of(systems), shipped_reference()
    began = time.perf_counter()
    groups = find_groups(records, reference)
    pairs = find_pairs(records, reference, public_weights(reference))
    seconds = time.perf_counter() - began
    # Linux counts kilobytes, macOS bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return Taken(len(records), len(groups), len(pairs), seconds, megabytes)


def main() -> int:
    """Measure both sizes and print them; or, told a size, that one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--systems", type=int, help="measure only so many, and print JSON")
    arguments = parser.parse_args()
    if arguments.systems:
        print(json.dumps(vars(_measured(arguments.systems))))
    else:
        print_matching(measure_matching())
    return 0


if __name__ == "__main__":
    sys.exit(main())
