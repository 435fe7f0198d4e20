"""The product's matcher compared with the alternatives, on the two development sets.

Run it with `uv run --group comparison python -m benchmarks.match_comparison --data DIR`.

No method sees labels, and each has one threshold for all sets. The thresholds of the alternatives
favour them: each is the step with the best mean F1 over the sets. The product keeps its own
threshold. Each method runs on each set in a separate process, so that time and memory are its own.
Seconds are processor time of all threads, from when the method's libraries are loaded.
"""

import argparse
import importlib
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.matchers.sets import Quality, read_sets
from catalogue.rationalisation.matching.evaluation.memory import peak_megabytes

METHODS = {
    "letters, TF-IDF, one-to-one": "cosines:by_letters",
    "mean of three TF-IDF and numbers, one-to-one": "cosines:by_all",
    "rapidfuzz WRatio, one-to-one": "edits:by_wratio",
    "rapidfuzz token_set_ratio, one-to-one": "edits:by_token_set",
    "Splink, Jaro-Winkler, one-to-one": "probabilities:by_jaro_winkler",
    "Splink, shared letters, one-to-one": "probabilities:by_letters",
    "Splink, shared letters, every likely pair": "probabilities:by_letters_alone",
    "mean of three TF-IDF and Splink, one-to-one": "combined:both",
    "the product's own": "product:match",
}


@dataclass(frozen=True)
class Outcome:
    """The quality of a method on one set, with its processor time and memory."""

    precision: float
    recall: float
    seconds: float
    megabytes: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return Quality(self.precision, self.recall).f1


def main() -> int:
    """Compare the methods and print one table."""
    arguments = _arguments()
    if arguments.method:
        outcome = _measure_one(arguments.method, arguments.data, arguments.set)
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
            outcome = _measure_in_process(method, arguments.data, number)
            quality = (f"{x:.4f}" for x in (outcome.precision, outcome.recall, outcome.f1))
            costs = (f"{outcome.seconds:.1f}", f"{outcome.megabytes:.0f}")
            table.add_row(title if number == 0 else "", records.name, *quality, *costs)
        table.add_section()
    # Wide enough for the table, also when the output goes to a file.
    Console(highlight=False, width=max(120, Console().width)).print(table)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="The directory that holds abt-buy/ and gsa-renames.csv.",
    )
    parser.add_argument(
        "--only", default="", help="Run only methods whose title contains this text."
    )
    parser.add_argument("--method", help=argparse.SUPPRESS)
    parser.add_argument("--set", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure_in_process(method: str, data: Path, number: int) -> Outcome:
    command = [sys.executable, "-m", "benchmarks.match_comparison", "--data", str(data)]
    command += ["--method", method, "--set", str(number)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Outcome(**json.loads(done.stdout.splitlines()[-1]))


def _measure_one(method: str, data: Path, number: int) -> Outcome:
    module, function = method.split(":")
    match = getattr(importlib.import_module(f"benchmarks.matchers.{module}"), function)
    records = read_sets(data)[number]
    began = time.process_time()
    pairs = match(records)
    seconds = time.process_time() - began
    quality = Quality.of(pairs, records.truth)
    return Outcome(quality.precision, quality.recall, seconds, peak_megabytes())


if __name__ == "__main__":
    sys.exit(main())
