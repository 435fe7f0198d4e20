"""`make bench`: the product compared with its floor on PostgreSQL, in one run."""

import argparse
import os
import pickle
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from flask import Flask

from benchmarks.databases import NoPostgres, describe_server, measured_database
from benchmarks.floor import PLAN_VARIABLE, Plan
from benchmarks.imports import ImportRates, measure_imports
from benchmarks.load import drive
from benchmarks.matching import SIZES, measure_matching, print_matching
from benchmarks.pages import PageTimes, measure_pages, print_pages
from benchmarks.records import AGENCIES, SYSTEMS, TestData, create_test_data
from benchmarks.relay import Distance, distant
from benchmarks.rounds import Comparison, compare
from benchmarks.servers import ServerOptions, serving
from benchmarks.summaries import SummaryTimes, measure_summaries, multiply_systems, print_summaries
from benchmarks.table import print_table
from benchmarks.workloads import Workloads, observe_plan, require_same_responses
from catalogue.app import create_app
from catalogue.core.config import Settings
from catalogue.core.server import APPLICATION

PUBLIC_URL = "http://catalogue.test"
MOST_MILLISECONDS = 1_000


@dataclass(frozen=True)
class Effort:
    """The extent of a measurement. `seconds` is for each side and number of connections."""

    rounds: int
    seconds: float
    rows: int
    imports: int
    catalogues: tuple[int, ...]
    """The numbers of systems among which overlaps are found."""


FULL = Effort(rounds=11, seconds=0.3, rows=10_000, imports=3, catalogues=SIZES)
QUICK = Effort(rounds=3, seconds=0.2, rows=2_000, imports=1, catalogues=SIZES[:1])


def main() -> int:
    """Measure the speed of the product and print the tables."""
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
        # Measured last, when no server still takes a share of the machine.
        _show_progress("matching")
        print_matching(measure_matching(effort.catalogues))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="Run fewer and shorter rounds.")
    parser.add_argument(
        "--only", default="", help="Run only workloads whose name contains this text."
    )
    parser.add_argument("--workers", type=int, default=ServerOptions.workers)
    parser.add_argument("--threads", type=int, default=ServerOptions.threads)
    parser.add_argument(
        "--round-trip",
        type=_milliseconds,
        metavar="MS",
        help="The round trip to PostgreSQL in milliseconds, such as 0.5.",
    )
    return parser.parse_args()


def _milliseconds(text: str) -> float:
    number = float(text)
    if not 0 <= number <= MOST_MILLISECONDS:
        raise argparse.ArgumentTypeError(f"Give a number from 0 to {MOST_MILLISECONDS}.")
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
    _show_progress(f"Creating {SYSTEMS:,} systems of {AGENCIES} agencies")
    data = create_test_data(app)
    round_trip: float | None = arguments.round_trip
    with nullcontext() if round_trip is None else distant(url, round_trip) as distance:
        if distance:
            print(distance, file=sys.stderr, flush=True)
            settings = replace(settings, database_url=distance.url)
            app = create_app(settings)
        _measure_all(app, settings, data, effort, options, arguments.only, distance)


def _measure_all(
    app: Flask,
    settings: Settings,
    data: TestData,
    effort: Effort,
    options: ServerOptions,
    only: str,
    distance: Distance | None,
) -> None:
    url = settings.database_url
    plan = observe_plan(app, data, url)
    workloads = Workloads(data)
    comparisons: list[Comparison] = []
    import_rates: ImportRates | None = None
    summary_times: SummaryTimes | None = None
    page_times: PageTimes | None = None

    def serve() -> AbstractContextManager[int]:
        return serving(APPLICATION, options, _environment(settings))

    with _serving_both(settings, plan, options) as (product, floor):
        require_same_responses(workloads, product, floor)
        idle = drive(floor, workloads.nothing(floor, 16), seconds=effort.seconds)
        for workload in workloads.all():
            if only in workload.name:
                _show_progress(workload.name)
                comparisons.append(
                    compare(
                        workload,
                        product=product,
                        floor=floor,
                        rounds=effort.rounds,
                        seconds=effort.seconds,
                    )
                )
    if only in "import":
        _show_progress("import")
        import_rates = measure_imports(app, url, rows=effort.rows, rounds=effort.imports)
    if only in "summary":
        _show_progress("summary")
        summary_times = measure_summaries(
            app,
            data,
            serve,
            rounds=effort.rounds,
            seconds=effort.seconds,
        )
    if only in "page":
        _show_progress("page")
        if summary_times is None:
            multiply_systems(app.extensions["database"].engine)
        page_times = measure_pages(app, data, serve, rounds=effort.rounds, seconds=effort.seconds)
    print_table(
        comparisons,
        import_rates,
        title=f"{SYSTEMS:,} systems of {AGENCIES} agencies; {effort.rounds} alternating rounds",
        notes=(
            f"Both sides: granian, {options.workers} workers with {options.threads} threads each, "
            f"on {os.cpu_count()} cores. PostgreSQL {_version(url)}: {describe_server()}.\n"
            "Floor: the same statements by psycopg in a bare WSGI app, without tokens, checks or "
            "entity tags. PATCH is one UPDATE and one SELECT. Import is a COPY of finished rows.\n"
            f"The client alone reaches {idle.rate:,.0f} requests per second.\n"
            "Ratios are medians over the rounds, so they differ from the quotients of the columns."
            + (f"\n{distance}" if distance else "")
        ),
    )
    if summary_times:
        print_summaries(summary_times)
    if page_times:
        print_pages(page_times)


@contextmanager
def _serving_both(
    settings: Settings, plan: Plan, options: ServerOptions
) -> Iterator[tuple[int, int]]:
    """Serve the product and the floor, and yield their ports."""
    environment = _environment(settings)
    with tempfile.TemporaryDirectory(prefix="catalogue-bench-") as directory:
        plan_file = Path(directory, "plan")
        plan_file.write_bytes(pickle.dumps(plan))
        floor_environment = {PLAN_VARIABLE: str(plan_file)}
        with (
            serving(APPLICATION, options, environment) as product,
            serving("benchmarks.floor:create_floor", options, floor_environment) as floor,
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


def _show_progress(step: str) -> None:
    print(f"{step} ...", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
