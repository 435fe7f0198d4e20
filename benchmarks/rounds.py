"""Product and floor by turns, round after round: on a busy machine only neighbours compare."""

from dataclasses import dataclass
from statistics import median

from benchmarks.load import Measured, drive
from benchmarks.workloads import Workload

CONNECTIONS = (1, 4, 16)


@dataclass(frozen=True)
class Outcome:
    """What a side reached with the number of connections that served it best."""

    connections: int
    rate: float
    p50: float
    p99: float


@dataclass(frozen=True)
class Compared:
    """One workload: both sides, and the product's rate as a share of the floor's."""

    name: str
    product: Outcome
    floor: Outcome
    ratio: float


def compare(
    workload: Workload, *, product: int, floor: int, rounds: int, seconds: float
) -> Compared:
    """Measure a workload on two ports."""
    runs: dict[int, list[dict[int, Measured]]] = {product: [], floor: []}
    for port in (product, floor):
        for connections in CONNECTIONS:
            drive(port, workload.requests(port, connections), seconds=seconds)
    for number in range(rounds):
        # Whoever goes second may find the machine warmer: so each goes first half of the time.
        order = (product, floor) if number % 2 else (floor, product)
        reached: dict[int, dict[int, Measured]] = {product: {}, floor: {}}
        for connections in CONNECTIONS:
            for port in order:
                asked = workload.requests(port, connections)
                reached[port][connections] = drive(port, asked, seconds=seconds)
        for port in order:
            runs[port].append(reached[port])
    ratios = [
        max(m.rate for m in ours.values()) / max(m.rate for m in theirs.values())
        for ours, theirs in zip(runs[product], runs[floor], strict=True)
    ]
    return Compared(workload.name, _best(runs[product]), _best(runs[floor]), median(ratios))


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
