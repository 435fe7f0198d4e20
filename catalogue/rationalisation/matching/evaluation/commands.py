"""`catalogue match`: evaluation of the matcher."""

from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from catalogue.rationalisation.matching.evaluation.labelled_lists import (
    COLUMNS,
    UnusableFile,
    read_pairs,
    read_two,
)
from catalogue.rationalisation.matching.evaluation.memory import peak_megabytes
from catalogue.rationalisation.matching.evaluation.results import Result, Task, Wrong, evaluate
from catalogue.rationalisation.matching.similarity import THRESHOLD

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_WRITTEN_DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


@click.group()
def match() -> None:
    """Evaluate the matching of systems of different agencies."""


@match.command("evaluate")
@click.option("--left", type=_FILE, help="The first agency's list. Its first column holds the ids.")
@click.option(
    "--right", type=_FILE, help="The second agency's list. Its first column holds the ids."
)
@click.option("--truth", type=_FILE, help="The true pairs, with an id of each list in two columns.")
@click.option(
    "--pairs",
    type=_FILE,
    help="Labelled pairs instead of lists: old_name, candidate_name and label (1 or 0).",
)
@click.option(
    "--delimiter", help="The delimiter of the cells, or `tab`. Each file's own by default."
)
@click.option(
    "--map",
    "mappings",
    metavar="FIELD=COLUMN",
    multiple=True,
    help=f"The column of a field, such as name=title. Fields: {', '.join(COLUMNS)}.",
)
@click.option(
    "--errors",
    default=0,
    type=click.IntRange(0),
    help="List up to this many false and missed pairs.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def evaluate_matching(
    left: Path | None,
    right: Path | None,
    truth: Path | None,
    pairs: Path | None,
    delimiter: str | None,
    mappings: tuple[str, ...],
    errors: int,
    *,
    as_json: bool,
) -> None:
    """Match two lists whose true pairs are known, and print precision and recall.

    The command needs no database. The threshold is built in and does not adapt to the true pairs.
    """
    if pairs is not None and (left or right or truth or mappings):
        raise click.UsageError(
            "--pairs cannot be used with --left, --right, --truth or --map. "
            "Give --pairs alone, or leave it out."
        )
    delimiter = _delimiter(delimiter)
    try:
        if pairs is not None:
            task = read_pairs(pairs, delimiter)
        elif left and right and truth:
            task = read_two(left, right, truth, delimiter, _mapping(mappings))
        else:
            raise click.UsageError(
                "The lists are incomplete. Give --left, --right and --truth together, or --pairs alone."
            )
    except UnusableFile as error:
        raise click.UsageError(str(error)) from None
    result = evaluate(task)
    if as_json:
        click.echo(orjson.dumps(_document(result, errors), option=orjson.OPT_INDENT_2))
    else:
        _print(task, result, errors)


def _delimiter(written: str | None) -> str | None:
    if written is None:
        return None
    delimiter = _WRITTEN_DELIMITERS.get(written.lower(), written)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise click.UsageError(f"--delimiter {written!r} is invalid. Give one character or `tab`.")
    return delimiter


def _mapping(mappings: tuple[str, ...]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for pair in mappings:
        field, equals, column = (part.strip() for part in pair.partition("="))
        if not equals or not column:
            raise click.UsageError(
                f"--map {pair!r} does not have the form FIELD=COLUMN. "
                "Write, for example, --map name=title."
            )
        if field not in COLUMNS:
            raise click.UsageError(
                f"--map {pair!r}: There is no field {field!r}. The fields are {', '.join(COLUMNS)}."
            )
        if field in mapping:
            raise click.UsageError(
                f"--map {pair!r}: The field {field} already has a column. "
                "Remove one of the mappings."
            )
        mapping[field] = column
    return mapping


def _document(result: Result, errors: int) -> dict[str, Any]:
    document: dict[str, Any] = {
        "precision": round(result.precision, 6),
        "recall": round(result.recall, 6),
        "f1": round(result.f1, 6),
        "threshold": THRESHOLD,
        "left": result.left,
        "right": result.right,
        "unnamed": result.unnamed,
        "true": result.true,
        "found": result.found,
        "correct": result.correct,
        "candidates": result.candidates,
        "blocking_recall": round(result.blocking_recall, 6),
        "seconds": round(result.seconds, 3),
        "peak_megabytes": round(peak_megabytes()),
    }
    if errors:
        for name in ("false_pairs", "missed_pairs"):
            document[name] = [
                {field: getattr(wrong, field) for field in Wrong.__slots__}
                for wrong in getattr(result, name)[:errors]
            ]
    return document


def _print(task: Task, result: Result, errors: int) -> None:
    source = "listed pairs" if task.listed is not None else "two lists"
    lines = [
        f"{source}: {result.left:,} and {result.right:,} records, {result.true:,} true pairs",
        f"found {result.found:,} pairs, {result.correct:,} of them true, at threshold {THRESHOLD}",
        f"precision {result.precision:.4f}",
        f"recall    {result.recall:.4f}",
        f"F1        {result.f1:.4f}",
        f"compared {result.candidates:,} pairs, which hold {result.blocking_recall:.4f} of the true pairs",
        f"{result.seconds:.1f} seconds, {peak_megabytes():,.0f} MB of memory at most",
    ]
    if result.unnamed:
        lines.append(f"{result.unnamed:,} records have no name and cannot be matched")
    click.echo("\n".join(lines))
    if errors:
        _print_wrong("Found, but not true", result.false_pairs, errors)
        _print_wrong("True, but missed", result.missed_pairs, errors)


def _print_wrong(title: str, pairs: tuple[Wrong, ...], most: int) -> None:
    table = Table(title=f"{title}: {len(pairs):,}", title_justify="left", box=None, pad_edge=False)
    table.add_column("score", justify="right")
    for column in ("left", "name", "right", "name"):
        table.add_column(column, overflow="fold")
    for wrong in pairs[:most]:
        score = "-" if wrong.score is None else f"{wrong.score:.3f}"
        cells = (score, wrong.left, wrong.left_name, wrong.right, wrong.right_name)
        # Plain text, because rich would interpret square brackets in a name as markup.
        table.add_row(*map(Text, cells))
    Console(highlight=False).print(table)
