"""Lists of the agencies that use a system, as people shorten the names of agencies."""

from collections.abc import Callable
from typing import Any

from tests.data_exchange.conftest import sheet

LoadFile = Callable[..., dict[str, Any]]

LIST = sheet(["System", "Force", "Users"], ["Rota", "Herts", "approx 12"])


def test_unknown_agency_is_translated_to_its_code(
    load_file: LoadFile, make_agency: Callable[..., Any]
) -> None:
    make_agency("hertfordshire-police")
    load_file(sheet(["System", "Status"], ["Rota", "Live"]))
    (problem,) = load_file(LIST, "--kind", "uses")["problems"]
    assert problem["detail"] == (
        "There is no agency `Herts`. Write the name or the code of an agency, or use the option "
        '`--value "agency:Herts=CODE"`.'
    )
    option = "agency:Herts=hertfordshire-police"
    report = load_file(LIST, "--kind", "uses", "--value", option)
    assert [each["name"] for each in report["created_records"]] == ["Rota, hertfordshire-police"]
