"""The proof of matching stands before the gate: what breaks a rule publishes nothing."""

from types import SimpleNamespace

import dagster as dg
import duckdb
import pytest

from orchestration.cli.run import reasons
from orchestration.lib import checks
from orchestration.lib.keys import PUBLISH
from orchestration.proof import Finding, Proof

MARTS = [dg.AssetKey(["marts", name]) for name in ("matches", *checks.READ_WITH_THEM)]
BROKEN = Finding("claims", "a record is claimed once", "order o1 is in 2 matches of order_payment")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Marts that do nothing, the check, and a snapshot behind them."""
    path = tmp_path / "tieout.duckdb"
    duckdb.connect(str(path)).close()

    @dg.multi_asset(specs=[dg.AssetSpec(key) for key in MARTS])
    def marts():
        for key in MARTS:
            yield dg.MaterializeResult(asset_key=key)

    @dg.asset(key=PUBLISH, deps=MARTS)
    def snapshot() -> None: ...

    def execute(*findings):
        monkeypatch.setattr(checks, "prove_matching", lambda connection: Proof(list(findings), 7))
        defs = dg.Definitions(
            assets=[marts, snapshot],
            asset_checks=[checks.matches_keep_the_rules()],
            jobs=[dg.define_asset_job("daily", selection=dg.AssetSelection.all())],
            resources={
                "day": dg.ResourceDefinition.hardcoded_resource(SimpleNamespace(warehouse=SimpleNamespace(path=path)))
            },
        )
        with dg.DagsterInstance.ephemeral() as instance:
            return defs.resolve_job_def("daily").execute_in_process(instance=instance, raise_on_error=False)

    return execute


def test_what_keeps_the_rules_is_published(run):
    result = run()
    assert result.success
    assert PUBLISH in {event.asset_key for event in result.get_asset_materialization_events()}
    (evaluation,) = result.get_asset_check_evaluations()
    assert evaluation.metadata["rows read"].value == 7


def test_a_match_that_breaks_a_rule_publishes_nothing_and_says_why(run):
    result = run(BROKEN)
    assert not result.success
    assert PUBLISH not in {event.asset_key for event in result.get_asset_materialization_events()}
    assert f"marts/matches: {BROKEN.guarantee}: {BROKEN.detail}" in reasons(result)
