"""Every dbt unit test over empty warehouses: the ledger's and all behind it, and the staging of every source."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.core.registry import NAMES
from orchestration.settings import load
from orchestration.warehouse import PROJECT_DIR, BuildReport, Warehouse, set_variables
from orchestration.warehouse.build import _common, _invoke, _report

DEFAULT = PROJECT_DIR.parent / "tieout.sandbox.toml"
EVERY_SOURCE = PROJECT_DIR.parent / "docs/guides/every-source.toml"
AS_OF = datetime(2026, 10, 3, 2, 30, tzinfo=UTC)
"""Half past ten of 2026-10-03 in Shanghai: the run's moment in all unit tests."""
CODES = (
    *("E001", "E002", "E004", "E005", "E101", "E102", "E103", "E104", "E105", "E106", "E107", "E108", "E109"),
    *("E110", "E111", "E112", "E113", "E114", "E115", "E116", "E201", "E203", "E204", "E206", "E208", "E209", "E212"),
    *(
        "E301",
        "E302",
        "E401",
        "E402",
        "E403",
        "E404",
        "E406",
        "E407",
        "E408",
        "E501",
        "E502",
        "E503",
        "E505",
        "E506",
        "E509",
    ),
)


def built(folder: Path, file: Path, *words: str) -> BuildReport:
    """Models and their unit tests on no data at all; what a unit test fails is not built, nor what rests on it."""
    settings = load(Path(shutil.copy(file, folder / "tieout.toml")))
    warehouse = Warehouse(settings)
    warehouse.ensure()
    set_variables(warehouse.variables(AS_OF, "units"))
    try:
        return _report(
            _invoke(settings, ["build", *words, "--exclude-resource-type", "test", *_common(settings)], None)
        )
    finally:
        set_variables(None)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> BuildReport:
    return built(tmp_path_factory.mktemp("units"), DEFAULT)


def failures(report: BuildReport) -> list[str]:
    assert () == report.errors
    return [f"{node.unique_id}: {node.message}" for node in report.nodes if node.status not in {"pass", "success"}]


def test_every_unit_test_of_the_dbt_project_passes(report: BuildReport) -> None:
    assert [] == failures(report)


def test_every_unit_test_of_every_sources_staging_passes(tmp_path: Path) -> None:
    staged = built(tmp_path, EVERY_SOURCE, "--select", "path:models/staging")
    assert [] == failures(staged)
    tried = {node.unique_id.split(".")[2].split("__")[0] for node in staged.nodes if node.unique_id.startswith("unit")}
    assert {f"stg_{name}" for name in NAMES} == tried


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_tried_both_ways(report: BuildReport, code: str) -> None:
    names = [node.unique_id.rsplit(".", 1)[1] for node in report.nodes if node.unique_id.startswith("unit_test.")]
    assert any(re.match(rf"{code.lower()}_is_raised_", name) for name in names)
    assert any(re.match(rf"{code.lower()}_is_not_raised_", name) for name in names)
