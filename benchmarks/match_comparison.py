"""The product's matcher beside others that could have been taken, on the two development sets.

Run it with `uv run --group comparison python -m benchmarks.match_comparison --data DIR`.

No method is shown labels. Each has one threshold for all sets. Those of the others were set in
their favour, as the step with the best mean F1 over the sets; the product's is its own. Each
method runs on each set in a process of its own, so that time and memory are its own. The seconds
are the processor's, of all threads together, from when the method's libraries are loaded.
"""

import argparse
import importlib
import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.matchers.sets import Quality, read_sets

METHODS = {
    "letters, TF-IDF, one-to-one": "cosines:by_letters",
    "mean of three TF-IDF and numbers, one-to-one": "cosines:by_all",
    "rapidfuzz WRatio, one-to-one": "edits:by_wratio",
    "rapidfuzz token_set_ratio, one-to-one": "edits:by_token_set",
    "Splink, Jaro-Winkler, one-to-one": "probabilities:by_jaro_winkler",
    "Splink, shared letters, one-to-one": "probabilities:by_letters",
    "Splink, shared letters, every likely pair": "probabilities:by_letters_alone",
    "mean of three TF-IDF and Splink, one-to-one": "combined:both",
    "the product's own": "product:own",
}


@dataclass(frozen=True)
class Outcome:
    """What a method found in one set, in how much of the processor's time, and the memory."""

    precision: float
    recall: float
    seconds: float
    megabytes: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return Quality(self.precision, self.recall).f1


def main() -> int:
    """Compare, and print one table."""
    arguments = _arguments()
    if arguments.method:
        outcome = _measured(arguments.method, arguments.data, arguments.set)
        print(json.dumps(vars(outcome)))
        return 0
    table = Table(title="Methods of matching, no labels used", title_justify="left")
    for column in ("method", "set"):
        table.add_column(column)
    for column in ("precision", "recall", "F1", "CPU s", "peak MB"):
        table.add_column(column, justify="right")
    for title, method in METHODS.items():
        if arguments.only not in title:
            continue
        for number, records in enumerate(read_sets(arguments.data)):
            outcome = _apart(method, arguments.data, number)
            quality = (f"{x:.4f}" for x in (outcome.precision, outcome.recall, outcome.f1))
            costs = (f"{outcome.seconds:.1f}", f"{outcome.megabytes:.0f}")
            table.add_row(title if number == 0 else "", records.name, *quality, *costs)
        table.add_section()
    # Wide enough for the table wherever the output goes, a file included.
    Console(highlight=False, width=max(120, Console().width)).print(table)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, required=True, help="with abt-buy/, gsa-renames.csv")
    parser.add_argument("--only", default="", help="methods whose title contains this")
    parser.add_argument("--method", help=argparse.SUPPRESS)
    parser.add_argument("--set", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def _apart(method: str, data: Path, number: int) -> Outcome:
    command = [sys.executable, "-m", "benchmarks.match_comparison", "--data", str(data)]
    command += ["--method", method, "--set", str(number)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Outcome(**json.loads(done.stdout.splitlines()[-1]))


def _measured(method: str, data: Path, number: int) -> Outcome:
    module, function = method.split(":")
    match = getattr(importlib.import_module(f"benchmarks.matchers.{module}"), function)
    records = read_sets(data)[number]
    began = time.process_time()
    found = match(records)
    seconds = time.process_time() - began
    quality = Quality.of(found, records.truth)
    # Linux counts kilobytes, macOS bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return Outcome(quality.precision, quality.recall, seconds, megabytes)


if __name__ == "__main__":
    sys.exit(main())
