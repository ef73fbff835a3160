import dagster as dg
import pytest

from orchestration.lib.dbt_run import Graph, Selection, results_of
from orchestration.warehouse import NodeResult

MODEL, TEST, WARNING = "model.tieout.matches", "test.tieout.unique", "test.tieout.odd"
KEY = dg.AssetKey(["marts", "matches"])
CHECKS = {TEST: dg.AssetCheckKey(KEY, "unique"), WARNING: dg.AssetCheckKey(KEY, "odd")}
GRAPH = Graph(assets={MODEL: KEY}, checks=CHECKS, warns=frozenset({WARNING}))
ALL = Selection({KEY}, set(CHECKS.values()))


def results(unique_id, status, *, selection=ALL, failures=None):
    node = NodeResult(unique_id, status, None, "why", failures, 0.5)
    return list(results_of(node, GRAPH, selection, {KEY: 7}))


def test_a_built_model_is_a_materialization_with_its_rows():
    (result,) = results(MODEL, "success")
    assert isinstance(result, dg.MaterializeResult)
    assert (KEY, 7) == (result.asset_key, result.metadata["dagster/row_count"])


@pytest.mark.parametrize(("status", "passed"), [("pass", True), ("fail", False), ("error", False)])
def test_a_test_is_a_check_result(status, passed):
    (result,) = results(TEST, status, failures=0 if passed else 3)
    assert isinstance(result, dg.AssetCheckResult)
    assert (passed, dg.AssetCheckSeverity.ERROR) == (result.passed, result.severity)


def test_an_oddity_only_warns():
    (result,) = results(WARNING, "warn", failures=2)
    assert (False, dg.AssetCheckSeverity.WARN) == (result.passed, result.severity)


@pytest.mark.parametrize(
    ("unique_id", "status"), [(MODEL, "skipped"), (MODEL, "error"), (TEST, "skipped"), ("unit_test.x", "pass")]
)
def test_what_did_not_happen_is_not_reported(unique_id, status):
    assert [] == results(unique_id, status)


def test_what_was_not_asked_for_is_not_reported():
    assert [] == results(MODEL, "success", selection=Selection(set(), set()))
