"""`make bench`: the product beside its floor, in one run, on PostgreSQL."""

import argparse
import os
import pickle
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from flask import Flask

from benchmarks.databases import NoPostgres, described, measured_database
from benchmarks.floor import PLAN_VARIABLE, Plan
from benchmarks.imports import Imported, measure_imports
from benchmarks.load import drive
from benchmarks.matching import SIZES, measure_matching, print_matching
from benchmarks.records import AGENCIES, SYSTEMS, Stocked, stock
from benchmarks.relay import Distance, distant
from benchmarks.rounds import Compared, compare
from benchmarks.servers import ServerOptions, serving
from benchmarks.summaries import Summed, measure_summaries, print_summaries
from benchmarks.table import print_table
from benchmarks.workloads import Workloads, observed_plan, require_same_answers
from catalogue.app import create_app
from catalogue.core.config import Settings
from catalogue.core.server import APPLICATION

PUBLIC_URL = "http://catalogue.test"
MOST_MILLISECONDS = 1_000


@dataclass(frozen=True)
class Effort:
    """How long to measure. `seconds` is for each side and each number of connections."""

    rounds: int
    seconds: float
    rows: int
    imports: int
    catalogues: tuple[int, ...]
    """Numbers of systems among which overlaps are found."""


FULL = Effort(rounds=11, seconds=0.3, rows=10_000, imports=3, catalogues=SIZES)
QUICK = Effort(rounds=3, seconds=0.2, rows=2_000, imports=1, catalogues=SIZES[:1])


def main() -> int:
    """Measure, and print the table."""
    arguments = _arguments()
    effort = QUICK if arguments.quick else FULL
    options = ServerOptions(arguments.workers, arguments.threads)
    try:
        with measured_database() as url:
            _measure(url, effort, options, arguments)
    except NoPostgres as missing:
        print(missing, file=sys.stderr)
        return 1
    if arguments.only in "matching":
        # Last, when no server is left that would take its share of the machine.
        _say("matching")
        print_matching(measure_matching(effort.catalogues))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--only", default="", help="only workloads whose name holds this")
    parser.add_argument("--workers", type=int, default=ServerOptions.workers)
    parser.add_argument("--threads", type=int, default=ServerOptions.threads)
    parser.add_argument(
        "--round-trip",
        type=_milliseconds,
        metavar="MS",
        help="the distance to PostgreSQL, e.g. 0.5",
    )
    return parser.parse_args()


def _milliseconds(text: str) -> float:
    number = float(text)
    if not 0 <= number <= MOST_MILLISECONDS:
        raise argparse.ArgumentTypeError(f"from 0 to {MOST_MILLISECONDS}")
    return number


def _measure(
    url: str, effort: Effort, options: ServerOptions, arguments: argparse.Namespace
) -> None:
    settings = Settings(
        database_url=url,
        public_url=PUBLIC_URL,
        job_worker="external",
        token_lifetime_seconds=3600,
    )
    app = create_app(settings)
    _say(f"Making {SYSTEMS:,} systems of {AGENCIES} agencies")
    stocked = stock(app)
    wanted: float | None = arguments.round_trip
    with nullcontext() if wanted is None else distant(url, wanted) as distance:
        if distance:
            print(distance, file=sys.stderr, flush=True)
            settings = replace(settings, database_url=distance.url)
            app = create_app(settings)
        _measure_all(app, settings, stocked, effort, options, arguments.only, distance)


def _measure_all(
    app: Flask,
    settings: Settings,
    stocked: Stocked,
    effort: Effort,
    options: ServerOptions,
    only: str,
    distance: Distance | None,
) -> None:
    url = settings.database_url
    plan = observed_plan(app, stocked, url)
    workloads = Workloads(stocked)
    compared: list[Compared] = []
    imported: Imported | None = None
    summed: Summed | None = None
    with _both(settings, plan, options) as (product, floor):
        require_same_answers(workloads, product, floor)
        idle = drive(floor, workloads.nothing(floor, 16), seconds=effort.seconds)
        for workload in workloads.all():
            if only in workload.name:
                _say(workload.name)
                compared.append(
                    compare(
                        workload,
                        product=product,
                        floor=floor,
                        rounds=effort.rounds,
                        seconds=effort.seconds,
                    )
                )
    if only in "import":
        _say("import")
        imported = measure_imports(app, url, rows=effort.rows, rounds=effort.imports)
    if only in "summary":
        _say("summary")
        summed = measure_summaries(
            app,
            stocked,
            lambda: serving(APPLICATION, options, _environment(settings)),
            rounds=effort.rounds,
            seconds=effort.seconds,
        )
    print_table(
        compared,
        imported,
        title=f"{SYSTEMS:,} systems of {AGENCIES} agencies; {effort.rounds} rounds by turns",
        notes=(
            f"Both sides: granian, {options.workers} workers with {options.threads} threads each, "
            f"on {os.cpu_count()} cores. PostgreSQL {_version(url)}: {described()}.\n"
            "Floor: the same statements by psycopg in a bare WSGI app, without token, checks or "
            "entity tags; PATCH is one UPDATE and one SELECT; import is a COPY of finished rows.\n"
            f"The client alone reaches {idle.rate:,.0f} requests per second.\n"
            "Ratios are medians over the rounds, so they are not the quotients of the columns."
            + (f"\n{distance}" if distance else "")
        ),
    )
    if summed:
        print_summaries(summed)


@contextmanager
def _both(settings: Settings, plan: Plan, options: ServerOptions) -> Iterator[tuple[int, int]]:
    """Serve the product and the floor; their ports."""
    environment = _environment(settings)
    with tempfile.TemporaryDirectory(prefix="catalogue-bench-") as directory:
        written = Path(directory, "plan")
        written.write_bytes(pickle.dumps(plan))
        named = {PLAN_VARIABLE: str(written)}
        with (
            serving(APPLICATION, options, environment) as product,
            serving("benchmarks.floor:create_floor", options, named) as floor,
        ):
            yield product, floor


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "CATALOGUE_DATABASE_URL": settings.database_url,
        "CATALOGUE_PUBLIC_URL": settings.public_url,
        "CATALOGUE_JOB_WORKER": settings.job_worker,
    }


def _version(url: str) -> str:
    with psycopg.connect(url) as connection:
        return str(connection.info.server_version // 10_000)


def _say(what: str) -> None:
    print(f"{what} ...", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
