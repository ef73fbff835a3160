"""Every dbt unit test over an empty warehouse: the staging of every source, the ledger's and all behind it."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.core.registry import NAMES
from orchestration.settings import load
from orchestration.warehouse import PROJECT_DIR, BuildReport, Warehouse, set_variables
from orchestration.warehouse.build import _common, _has_forgotten, _invoke, _report

EVERY_SOURCE = PROJECT_DIR.parent / "docs/guides/every-source.toml"
AS_OF = datetime(2026, 10, 3, 2, 30, tzinfo=UTC)
"""Half past ten of 2026-10-03 in Shanghai: the run's moment in all unit tests."""
CODES = sorted(
    {
        code
        for path in (PROJECT_DIR / "models" / "exceptions").glob("*.sql")
        for code in re.findall(r"'(E\d{3})'", path.read_text(encoding="utf-8"))
    }
)
"""All that the models raise."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> BuildReport:
    """Models and their unit tests on no data at all; what a unit test fails is not built, nor what rests on it."""
    settings = load(Path(shutil.copy(EVERY_SOURCE, tmp_path_factory.mktemp("units") / "tieout.toml")))
    warehouse = Warehouse(settings)
    warehouse.ensure()
    assert not _has_forgotten(settings, anew=False)
    set_variables(warehouse.variables(AS_OF, "units"))
    try:
        return _report(_invoke(settings, ["build", "--exclude-resource-type", "test", *_common(settings)], None))
    finally:
        set_variables(None)


def failures(report: BuildReport) -> list[str]:
    assert () == report.errors
    return [f"{node.unique_id}: {node.message}" for node in report.nodes if node.status not in {"pass", "success"}]


def test_every_unit_test_of_the_dbt_project_passes(report: BuildReport) -> None:
    assert [] == failures(report)


def test_every_sources_staging_is_tried(report: BuildReport) -> None:
    staged = {
        found[1]
        for node in report.nodes
        if (found := re.fullmatch(r"unit_test\.tieout\.stg_(\w+?)__.*", node.unique_id))
    }
    assert set(NAMES) == staged


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_tried_both_ways(report: BuildReport, code: str) -> None:
    names = [node.unique_id.rsplit(".", 1)[1] for node in report.nodes if node.unique_id.startswith("unit_test.")]
    assert any(re.match(rf"{code.lower()}_is_raised_", name) for name in names)
    assert any(re.match(rf"{code.lower()}_is_not_raised_", name) for name in names)
