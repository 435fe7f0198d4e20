"""`catalogue match evaluate`: what it says of good files, and of bad ones."""

import os
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from catalogue import cli
from tests.stores import ROOT

DATA = Path(os.environ.get("CATALOGUE_MATCHING_DATA") or ROOT.parent / "shared/data/matching")
with_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="CATALOGUE_MATCHING_DATA names no directory of development sets"
)

LEFT = """id,name,supplier,capabilities,version
a1,Niche RMS,Niche Technology,C05;C07,5.1
a2,Northgate DMS,Northgate Public Services,E04,
a3,Zephyrine archive,Zephyr Ltd,,2
a4,Duty management,,E04,
a5,Midland HR,,,
a6,Panthera 30453,Orbis,E01,
"""
RIGHT = """id,name,supplier,capabilities,version
b1,Niche Records Management System,,C05,
b2,NEC Duty Management System,NEC,E04,
b3,Archive (ZEPHYRINE),,,2
b4,Duty Management,,E04,
b5,MHR,,,
b6,Panthera-30453 ledger,,E01,
b7,Quorum vote counter,,S01,
"""
TRUTH = "left,right\na1,b1\na2,b2\na3,b3\na5,b5\na6,b6\n"
PAIRS = """old_name,candidate_name,label
Zephyrine 5,Zephyrine 5.1,1
Zephyrine 5,Quorum,0
Northgate Public Services,NEC Software Solutions UK,1
Northgate Public Services,Zellis,0
"""

Matching = Callable[..., Result]


@pytest.fixture
def matching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Matching:
    """`matching("--json", left=..., right=..., truth=...)`, without a database."""
    monkeypatch.setenv("CATALOGUE_DATABASE_URL", "postgresql://nobody@nowhere.invalid/none")

    def run(*arguments: str, **files: str | bytes) -> Result:
        named: list[str] = []
        for name, content in files.items():
            path = tmp_path / f"{name}.csv"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            named += [f"--{name}", str(path)]
        return CliRunner().invoke(cli.main, ["match", "evaluate", *named, *arguments])

    return run


def figures(result: Result) -> dict[str, object]:
    assert result.exit_code == 0, result.output
    found: dict[str, object] = orjson.loads(result.stdout)
    return found


def test_two_lists_are_matched_by_words_and_by_the_register(matching: Matching) -> None:
    found = figures(matching("--json", left=LEFT, right=RIGHT, truth=TRUTH))
    assert (found["found"], found["correct"], found["true"]) == (5, 5, 5), found
    assert (found["left"], found["right"], found["f1"]) == (6, 7, 1.0)
    assert found["blocking_recall"] == 1.0


def test_listed_pairs_are_the_only_ones_asked_about(matching: Matching) -> None:
    found = figures(matching("--json", pairs=PAIRS))
    assert (found["candidates"], found["left"], found["right"]) == (4, 2, 4)
    assert found["f1"] == 1.0


def test_what_is_printed_says_how_good_it_is(matching: Matching) -> None:
    truth = TRUTH + "a4,b4\na4,b7\n"
    result = matching("--errors", "2", left=LEFT, right=RIGHT, truth=truth)
    assert result.exit_code == 0, result.output
    for said in ("precision 1.0000", "recall    0.7143", "F1        0.8333", "threshold", " MB "):
        assert said in result.output
    assert "True, but not found: 2" in result.output
    assert "Quorum vote counter" in result.output


def test_errors_are_told_in_json(matching: Matching) -> None:
    truth = TRUTH.replace("a1,b1", "a1,b7")
    found = figures(matching("--json", "--errors", "5", left=LEFT, right=RIGHT, truth=truth))
    assert [wrong["right"] for wrong in found["false_pairs"]] == ["b1"]  # type: ignore[attr-defined]
    assert [wrong["right"] for wrong in found["missed_pairs"]] == ["b7"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_files_come_as_spreadsheets_write_them(
    matching: Matching, delimiter: str, encoding: str
) -> None:
    left, right, truth = (
        text.replace(";", "/").replace(",", delimiter).replace("Orbis", " Café\xa0Orbis ")
        .replace("\n", f"{delimiter}\r\n").encode(encoding)
        for text in (LEFT, RIGHT, TRUTH + ",\n")
    )  # fmt: skip
    found = figures(matching("--json", left=left, right=right, truth=truth))
    assert found["f1"] == 1.0


def test_a_line_for_excel_says_the_delimiter(matching: Matching) -> None:
    left = "sep=;\r\n" + LEFT.replace(";", "/").replace(",", ";")
    assert figures(matching("--json", left=left, right=RIGHT, truth=TRUTH))["f1"] == 1.0


def test_columns_may_be_called_otherwise_in_one_list_or_both(matching: Matching) -> None:
    left = LEFT.replace("name,supplier", "Title,Maker")
    options = ("--json", "--map", "name=title", "--map", "supplier=maker")
    assert figures(matching(*options, left=left, right=RIGHT, truth=TRUTH))["f1"] == 1.0


def test_a_record_without_a_name_is_told_and_not_found(matching: Matching) -> None:
    left = LEFT.replace("a1,Niche RMS,Niche Technology", "a1,,")
    found = figures(matching("--json", left=left, right=RIGHT, truth=TRUTH))
    assert (found["unnamed"], found["correct"], found["precision"]) == (1, 4, 1.0)


def test_one_may_truly_belong_to_many(matching: Matching) -> None:
    found = figures(matching("--json", left=LEFT, right=RIGHT, truth=TRUTH + "a1,b2\na1,b2\n"))
    assert (found["true"], found["correct"]) == (6, 5)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"left": LEFT.replace("a2,", "a1,")}, "left.csv, line 3: the id 'a1' is that of line 2"),
        ({"left": LEFT.replace("a2,", ",")}, "left.csv, line 3: the id"),
        ({"left": LEFT.replace("name", "title")}, "left.csv: it has no column name"),
        ({"left": ""}, "left.csv: it is empty"),
        ({"left": "id\n1\n"}, "left.csv, line 1: it has only one column"),
        ({"left": LEFT + "a7,b,c,d,e,f\n"}, "left.csv, line 8: it has 6 cells"),
        ({"left": b"PK\x03\x04\x00"}, "left.csv: it is no text"),
        ({"left": b"id,name\n1,\x81\x8d\n"}, "left.csv: it is neither UTF-8 nor Windows-1252"),
        ({"truth": TRUTH + "a9,b1\n"}, "truth.csv, line 7: the id 'a9' is not in"),
        ({"truth": TRUTH + "a1,b9\n"}, "truth.csv, line 7: the id 'b9' is not in"),
        ({"truth": "left\na1\n"}, "truth.csv, line 1: it has only one column"),
        ({"truth": TRUTH + "a1\n"}, "truth.csv, line 7: the id '' is not in"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_a_sentence(
    matching: Matching, changed: dict[str, str | bytes], said: str
) -> None:
    files: dict[str, str | bytes] = {"left": LEFT, "right": RIGHT, "truth": TRUTH, **changed}
    result = matching(**files)
    assert result.exit_code == 2, result.output
    assert said in " ".join(result.output.split())
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ("old_name,label\nx,1\n", "pairs.csv: it has no column candidate_name"),
        (PAIRS + "x,,1\n", "pairs.csv, line 6: one of the two names is empty"),
        (PAIRS + "x,y,maybe\n", "pairs.csv, line 6: the label is 'maybe'"),
        (PAIRS + "Zephyrine 5,Quorum,1\n", "pairs.csv, line 6:"),
    ],
)
def test_so_is_what_is_wrong_with_pairs(matching: Matching, pairs: str, said: str) -> None:
    result = matching(pairs=pairs)
    assert result.exit_code == 2, result.output
    assert said in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--delimiter", "|"], "it has only one column. Is ',' what parts its cells?"),
        (["--delimiter", "||"], "is not one character"),
        (["--map", "name"], "is not FIELD=COLUMN"),
        (["--map", "price=cost"], "there is no field 'price'"),
        (["--map", "name=title"], "has a column 'title'"),
        (["--map", "name=name", "--map", "name=id"], "given twice"),
    ],
)
def test_so_is_what_is_wrong_with_an_option(
    matching: Matching, options: list[str], said: str
) -> None:
    result = matching(*options, left=LEFT, right=RIGHT, truth=TRUTH)
    assert result.exit_code == 2, result.output
    assert said in " ".join(result.output.split())


def test_files_must_be_given_together(matching: Matching) -> None:
    assert "--pairs" in matching(left=LEFT, right=RIGHT).output
    assert matching(left=LEFT, pairs=PAIRS).exit_code == 2


@with_data
def test_shops_full_lists_are_matched_as_well_as_is_promised() -> None:
    files = [f"--{side}={DATA / 'abt-buy' / name}.csv" for side, name in
             (("left", "abt"), ("right", "buy"), ("truth", "gt"))]  # fmt: skip
    command = ["match", "evaluate", *files, "--delimiter", "|", "--json"]
    found = figures(CliRunner().invoke(cli.main, command))
    assert float(str(found["f1"])) >= 0.95, found


@with_data
def test_renamed_systems_are_found_as_well_as_is_promised() -> None:
    command = ["match", "evaluate", f"--pairs={DATA / 'gsa-renames.csv'}", "--json"]
    found = figures(CliRunner().invoke(cli.main, command))
    assert float(str(found["f1"])) >= 0.90, found
