"""Rounds that measure product and floor in turns, because the load on the machine changes."""

from dataclasses import dataclass
from statistics import median

from benchmarks.load import Measured, drive
from benchmarks.workloads import Workload

CONNECTIONS = (1, 4, 16)


@dataclass(frozen=True)
class Outcome:
    """The result of a side with its best number of connections. Times are in milliseconds."""

    connections: int
    rate: float
    p50: float
    p99: float


@dataclass(frozen=True)
class Comparison:
    """The results of one workload, and the product's rate as a share of the floor's."""

    name: str
    product: Outcome
    floor: Outcome
    ratio: float


def compare(
    workload: Workload, *, product: int, floor: int, rounds: int, seconds: float
) -> Comparison:
    """Measure a workload on the ports of product and floor."""
    runs: dict[int, list[dict[int, Measured]]] = {product: [], floor: []}
    for port in (product, floor):
        for connections in CONNECTIONS:
            drive(port, workload.requests(port, connections), seconds=seconds)
    for number in range(rounds):
        # The second side may meet a warmer machine, so each side goes first in half of the rounds.
        order = (product, floor) if number % 2 else (floor, product)
        results: dict[int, dict[int, Measured]] = {product: {}, floor: {}}
        for connections in CONNECTIONS:
            for port in order:
                requests = workload.requests(port, connections)
                results[port][connections] = drive(port, requests, seconds=seconds)
        for port in order:
            runs[port].append(results[port])
    ratios = [
        max(m.rate for m in by_product.values()) / max(m.rate for m in by_floor.values())
        for by_product, by_floor in zip(runs[product], runs[floor], strict=True)
    ]
    return Comparison(workload.name, _best(runs[product]), _best(runs[floor]), median(ratios))


def _best(runs: list[dict[int, Measured]]) -> Outcome:
    outcomes = [
        Outcome(
            connections,
            median(run[connections].rate for run in runs),
            median(run[connections].percentile(0.5) for run in runs),
            median(run[connections].percentile(0.99) for run in runs),
        )
        for connections in CONNECTIONS
    ]
    return max(outcomes, key=lambda outcome: outcome.rate)
