"""`catalogue match evaluate`: its figures for good files, and its errors for bad ones."""

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


def test_evaluate_matches_two_lists_by_words_and_register(matching: Matching) -> None:
    found = figures(matching("--json", left=LEFT, right=RIGHT, truth=TRUTH))
    assert (found["found"], found["correct"], found["true"]) == (5, 5, 5), found
    assert (found["left"], found["right"], found["f1"]) == (6, 7, 1.0)
    assert found["blocking_recall"] == 1.0


def test_evaluate_compares_only_the_listed_pairs(matching: Matching) -> None:
    found = figures(matching("--json", pairs=PAIRS))
    assert (found["candidates"], found["left"], found["right"]) == (4, 2, 4)
    assert found["f1"] == 1.0


@pytest.mark.parametrize("name", ["MS 365", "MS365", "Office 365", "M365", "MS Office 365"])
def test_evaluate_knows_the_common_names_of_microsoft_365(matching: Matching, name: str) -> None:
    pairs = f"old_name,candidate_name,label\n{name},Microsoft 365,1\n{name},Quorum,0\n"
    assert figures(matching("--json", pairs=pairs))["f1"] == 1.0


def test_evaluate_prints_precision_recall_and_errors(matching: Matching) -> None:
    truth = TRUTH + "a4,b4\na4,b7\n"
    result = matching("--errors", "2", left=LEFT, right=RIGHT, truth=truth)
    assert result.exit_code == 0, result.output
    for line in ("precision 1.0000", "recall    0.7143", "F1        0.8333", "threshold", " MB "):
        assert line in result.output
    assert "True, but missed: 2" in result.output
    assert "Quorum vote counter" in result.output


def test_evaluate_lists_errors_in_json(matching: Matching) -> None:
    truth = TRUTH.replace("a1,b1", "a1,b7")
    found = figures(matching("--json", "--errors", "5", left=LEFT, right=RIGHT, truth=truth))
    assert [wrong["right"] for wrong in found["false_pairs"]] == ["b1"]  # type: ignore[attr-defined]
    assert [wrong["right"] for wrong in found["missed_pairs"]] == ["b7"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"], ids=["semicolon", "tab", "bar"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_evaluate_reads_spreadsheet_delimiters_and_encodings(
    matching: Matching, delimiter: str, encoding: str
) -> None:
    left, right, truth = (
        text.replace(";", "/").replace(",", delimiter).replace("Orbis", " Café\xa0Orbis ")
        .replace("\n", f"{delimiter}\r\n").encode(encoding)
        for text in (LEFT, RIGHT, TRUTH + ",\n")
    )  # fmt: skip
    found = figures(matching("--json", left=left, right=right, truth=truth))
    assert found["f1"] == 1.0


def test_evaluate_reads_the_delimiter_from_a_sep_line(matching: Matching) -> None:
    left = "sep=;\r\n" + LEFT.replace(";", "/").replace(",", ";")
    assert figures(matching("--json", left=left, right=RIGHT, truth=TRUTH))["f1"] == 1.0


def test_evaluate_maps_renamed_columns(matching: Matching) -> None:
    left = LEFT.replace("name,supplier", "Title,Maker")
    options = ("--json", "--map", "name=title", "--map", "supplier=maker")
    assert figures(matching(*options, left=left, right=RIGHT, truth=TRUTH))["f1"] == 1.0


def test_evaluate_counts_records_without_a_name(matching: Matching) -> None:
    left = LEFT.replace("a1,Niche RMS,Niche Technology", "a1,,")
    found = figures(matching("--json", left=left, right=RIGHT, truth=TRUTH))
    assert (found["unnamed"], found["correct"], found["precision"]) == (1, 4, 1.0)


def test_evaluate_accepts_several_true_matches_per_record(matching: Matching) -> None:
    found = figures(matching("--json", left=LEFT, right=RIGHT, truth=TRUTH + "a1,b2\na1,b2\n"))
    assert (found["true"], found["correct"]) == (6, 5)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        pytest.param(
            {"left": LEFT.replace("a2,", "a1,")},
            "left.csv, line 3: The id 'a1' is also on line 2",
            id="repeated_id",
        ),
        pytest.param({"left": LEFT.replace("a2,", ",")}, "left.csv, line 3: The id", id="empty_id"),
        pytest.param(
            {"left": LEFT.replace("name", "title")},
            "left.csv: There is no column name",
            id="no_name_column",
        ),
        pytest.param({"left": ""}, "left.csv: The file is empty", id="empty_file"),
        pytest.param(
            {"left": "id\n1\n"}, "left.csv, line 1: The file has only one column", id="one_column"
        ),
        pytest.param(
            {"left": LEFT + "a7,b,c,d,e,f\n"},
            "left.csv, line 8: The row has 6 cells",
            id="too_many_cells",
        ),
        pytest.param({"left": b"PK\x03\x04\x00"}, "left.csv: The file is not text", id="no_text"),
        pytest.param(
            {"left": b"id,name\n1,\x81\x8d\n"},
            "left.csv: The file is neither UTF-8 nor Windows-1252",
            id="unknown_encoding",
        ),
        pytest.param(
            {"truth": TRUTH + "a9,b1\n"},
            "truth.csv, line 7: The id 'a9' is not in",
            id="unknown_left_id",
        ),
        pytest.param(
            {"truth": TRUTH + "a1,b9\n"},
            "truth.csv, line 7: The id 'b9' is not in",
            id="unknown_right_id",
        ),
        pytest.param(
            {"truth": "left\na1\n"},
            "truth.csv, line 1: The file has only one column",
            id="truth_of_one_column",
        ),
        pytest.param(
            {"truth": TRUTH + "a1\n"},
            "truth.csv, line 7: The id '' is not in",
            id="missing_right_id",
        ),
    ],
)
def test_evaluate_explains_a_faulty_file(
    matching: Matching, changed: dict[str, str | bytes], message: str
) -> None:
    files: dict[str, str | bytes] = {"left": LEFT, "right": RIGHT, "truth": TRUTH, **changed}
    result = matching(**files)
    assert result.exit_code == 2, result.output
    assert message in " ".join(result.output.split())
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        pytest.param(
            "old_name,label\nx,1\n",
            "pairs.csv: There is no column candidate_name",
            id="no_candidate_column",
        ),
        pytest.param(
            PAIRS + "x,,1\n", "pairs.csv, line 6: One of the two names is empty", id="empty_name"
        ),
        pytest.param(
            PAIRS + "x,y,maybe\n",
            "pairs.csv, line 6: The label 'maybe' is unknown",
            id="unknown_label",
        ),
        pytest.param(
            PAIRS + "Zephyrine 5,Quorum,1\n", "pairs.csv, line 6:", id="contradicting_pair"
        ),
    ],
)
def test_evaluate_explains_faulty_pairs(matching: Matching, pairs: str, message: str) -> None:
    result = matching(pairs=pairs)
    assert result.exit_code == 2, result.output
    assert message in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            ["--delimiter", "|"],
            "has only one column with the delimiter '|'. Try the delimiter ','.",
            id="wrong_delimiter",
        ),
        pytest.param(["--delimiter", "||"], "Give one character", id="long_delimiter"),
        pytest.param(
            ["--map", "name"], "does not have the form FIELD=COLUMN", id="map_without_column"
        ),
        pytest.param(["--map", "price=cost"], "There is no field 'price'", id="unknown_field"),
        pytest.param(["--map", "name=title"], "has a column 'title'", id="unknown_column"),
        pytest.param(
            ["--map", "name=name", "--map", "name=id"],
            "already has a column",
            id="field_mapped_twice",
        ),
    ],
)
def test_evaluate_explains_a_faulty_option(
    matching: Matching, options: list[str], message: str
) -> None:
    result = matching(*options, left=LEFT, right=RIGHT, truth=TRUTH)
    assert result.exit_code == 2, result.output
    assert message in " ".join(result.output.split())


def test_evaluate_rejects_incomplete_or_mixed_files(matching: Matching) -> None:
    assert "--pairs" in matching(left=LEFT, right=RIGHT).output
    assert matching(left=LEFT, pairs=PAIRS).exit_code == 2


@with_data
def test_evaluate_reaches_the_promised_score_on_shop_lists() -> None:
    files = [f"--{side}={DATA / 'abt-buy' / name}.csv" for side, name in
             (("left", "abt"), ("right", "buy"), ("truth", "gt"))]  # fmt: skip
    command = ["match", "evaluate", *files, "--delimiter", "|", "--json"]
    found = figures(CliRunner().invoke(cli.main, command))
    assert float(str(found["f1"])) >= 0.95, found


@with_data
def test_evaluate_reaches_the_promised_score_on_renamed_systems() -> None:
    command = ["match", "evaluate", f"--pairs={DATA / 'gsa-renames.csv'}", "--json"]
    found = figures(CliRunner().invoke(cli.main, command))
    assert float(str(found["f1"])) >= 0.90, found
