"""Every dbt unit test, in one dbt start over an empty warehouse that knows all sources."""

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
    assert [] == [f"{node.unique_id}: {node.message}" for node in report.nodes if node.status not in {"pass", "success"}]
    assert () == report.errors


def test_unit_tests_are_found_at_all(report: BuildReport) -> None:
    assert sum(node.unique_id.startswith("unit_test.") for node in report.nodes) > 60
