"""Every dbt unit test, in one dbt start over an empty warehouse that knows all sources."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration.settings import load
from orchestration.warehouse import PROJECT_DIR, BuildReport, Warehouse, set_variables
from orchestration.warehouse.build import _common, _invoke, _report

SETTINGS = PROJECT_DIR.parent / "tieout.sandbox.toml"
AS_OF = datetime(2026, 10, 3, 2, 30, tzinfo=UTC)
"""Half past ten of 2026-10-03 in Shanghai: the run's moment in all unit tests."""
CODES = (
    *("E001", "E002", "E004", "E005", "E101", "E102", "E103", "E104", "E105", "E106", "E107"),
    *("E110", "E111", "E112", "E113", "E114", "E115", "E116", "E201", "E203", "E204", "E206", "E208", "E209", "E212"),
    *("E301", "E302", "E401", "E402", "E403", "E404", "E406", "E407", "E408", "E501", "E502", "E503", "E509"),
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> BuildReport:
    """Models and their unit tests on no data at all; what a unit test fails is not built, nor what rests on it."""
    folder = tmp_path_factory.mktemp("units")
    settings = load(Path(shutil.copy(SETTINGS, folder / "tieout.toml")))
    warehouse = Warehouse(settings)
    warehouse.ensure()
    set_variables(warehouse.variables(AS_OF, "units"))
    try:
        return _report(_invoke(settings, ["build", "--exclude-resource-type", "test", *_common(settings)], None))
    finally:
        set_variables(None)


def test_every_unit_test_of_the_dbt_project_passes(report: BuildReport) -> None:
    assert [] == [
        f"{node.unique_id}: {node.message}" for node in report.nodes if node.status not in {"pass", "success"}
    ]
    assert () == report.errors


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_tried_both_ways(report: BuildReport, code: str) -> None:
    names = [node.unique_id.rsplit(".", 1)[1] for node in report.nodes if node.unique_id.startswith("unit_test.")]
    assert any(re.match(rf"{code.lower()}_is_raised_", name) for name in names)
    assert any(re.match(rf"{code.lower()}_is_not_raised_", name) for name in names)
