"""`make bench`: the product beside its floor, in one run, on PostgreSQL."""

import argparse
import os
import pickle
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.databases import NoPostgres, described, measured_database
from benchmarks.floor import PLAN_VARIABLE
from benchmarks.imports import Imported, measure_imports
from benchmarks.load import Measured, ask_once, drive
from benchmarks.records import Stocked, stock
from benchmarks.servers import ServerOptions, serving
from benchmarks.table import Row, print_table
from benchmarks.workloads import Workload, Workloads, observed_plan
from catalogue.app import create_app
from catalogue.core.config import Settings

CONNECTIONS = (1, 4, 16)
PUBLIC_URL = "http://catalogue.test"
WARM_UP_SECONDS = 0.5


@dataclass(frozen=True)
class Effort:
    """How long to measure."""

    rounds: int
    seconds: float
    rows: int
    imports: int


FULL = Effort(rounds=5, seconds=0.8, rows=10_000, imports=3)
QUICK = Effort(rounds=2, seconds=0.4, rows=2_000, imports=1)


def main() -> int:
    """Measure, and print the table."""
    arguments = _arguments()
    effort = QUICK if arguments.quick else FULL
    options = ServerOptions(arguments.workers, arguments.blocking_threads)
    try:
        with measured_database() as url:
            _measure(url, effort, options, arguments.only)
    except NoPostgres as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--only", default="", help="only workloads whose name holds this")
    parser.add_argument("--workers", type=int, default=ServerOptions.workers)
    parser.add_argument("--blocking-threads", type=int, default=ServerOptions.blocking_threads)
    return parser.parse_args()


def _measure(url: str, effort: Effort, options: ServerOptions, only: str) -> None:
    app = create_app(
        Settings(
            database_url=url,
            public_url=PUBLIC_URL,
            job_worker="external",
            token_lifetime_seconds=3600,
        )
    )
    stocked = stock(app)
    plan = observed_plan(app, stocked, url)
    environment = {
        "CATALOGUE_DATABASE_URL": url,
        "CATALOGUE_PUBLIC_URL": PUBLIC_URL,
        "CATALOGUE_JOB_WORKER": "external",
    }
    with tempfile.TemporaryDirectory(prefix="catalogue-bench-") as directory:
        plan_file = Path(directory, "plan")
        plan_file.write_bytes(pickle.dumps(plan))
        with (
            serving("catalogue.app:create_app", options, environment) as product,
            serving("benchmarks.floor:create_floor", options, {PLAN_VARIABLE: str(plan_file)}) as floor,
        ):
            rows, ceiling = _requests(stocked, product, floor, effort, only)
    imported = measure_imports(app, url, rows=effort.rows, rounds=effort.imports) if not only else None
    print_table(rows, imported, ceiling=ceiling, options=options, server=described())
