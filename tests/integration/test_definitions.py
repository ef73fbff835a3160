"""What Dagster is told: every asset complete, one writer, one job over all, and settings that say when one is missing."""

import ast
import os
import subprocess
import sys
from datetime import UTC, datetime

import dagster as dg
import pytest

from connectors.core.registry import source_named
from orchestration.lib.keys import JOB, OWNERS, POOL, PUBLISH, ROOMS
from orchestration.settings import load
from tests import definitions


@pytest.fixture(scope="module")
def nodes():
    return list(definitions.loaded().resolve_asset_graph().asset_nodes)


@pytest.fixture(scope="module")
def job():
    return definitions.loaded().resolve_job_def(JOB)


def test_every_asset_is_in_a_room_and_is_made_by_somebody(nodes):
    assert {node.group_name for node in nodes} <= set(ROOMS)
    assert [] == [node.key for node in nodes if not node.is_executable]


def test_every_asset_says_what_it_is_and_whose(nodes):
    assert [] == [node.key for node in nodes if not node.description]
    assert [] == [node.key for node in nodes if not node.owners]
    assert [] == [node.key for node in nodes if not node.kinds]
    assert set(OWNERS) <= {owner for node in nodes for owner in node.owners}


def test_every_asset_has_business_days_and_one_run_per_backfill(nodes):
    zone = load(definitions.SETTINGS).timezone.key
    for node in nodes:
        days = node.partitions_def
        assert isinstance(days, dg.TimeWindowPartitionsDefinition), node.key
        assert ("2026-09-26", zone) == (days.start.date().isoformat(), days.timezone)
        assert dg.BackfillPolicy.single_run() == node.backfill_policy, node.key


def test_there_is_one_landing_asset_per_connection_and_stream(nodes):
    expected = {
        ("landing", connection.name, stream.name)
        for connection in load(definitions.SETTINGS).connections
        for stream in source_named(connection.source).streams
    }
    found = {tuple(node.key.path) for node in nodes if node.key.path[0] == "landing" and len(node.key.path) == 3}
    assert expected == found


def test_whatever_opens_the_warehouse_waits_for_the_one_writer(nodes):
    writers = {node.key for node in nodes if node.group_name != "landing"}
    assert [] == [node.key for node in nodes if node.key in writers and node.pools != {POOL}]


def test_the_daily_job_covers_everything_in_one_process(job, nodes):
    assert {node.key for node in nodes} == set(job.asset_layer.executable_asset_keys)
    assert "in_process" == job.executor_def.name


def test_publishing_comes_after_every_published_model(nodes):
    by_key = {node.key: node for node in nodes}
    marts = {node.key for node in nodes if node.group_name == "marts"}
    assert marts
    assert marts <= by_key[PUBLISH].parent_keys


def test_tests_of_models_and_sources_are_checks():
    keys = definitions.loaded().resolve_asset_graph().asset_check_keys
    rooms = {key.asset_key.path[0] for key in keys}
    assert {"landing", "marts", "matching"} <= rooms
    assert {key.name for key in keys if key.asset_key == PUBLISH} >= {"snapshot_opens", "newest_day_is_recent"}


def test_schedule_and_sensors_are_there():
    repository = definitions.loaded().get_repository_def()
    schedule = repository.get_schedule_def("daily_at_half_past_ten")
    assert ("30 10 * * *", "Asia/Shanghai") == (schedule.cron_schedule, schedule.execution_timezone)
    assert {"failed_runs", "inbox_shop_export", "inbox_icbc_1234"} == {s.name for s in repository.sensor_defs}


def test_the_schedule_asks_for_the_days_that_are_due():
    repository = definitions.loaded().get_repository_def()
    schedule = repository.get_schedule_def("daily_at_half_past_ten")
    with dg.instance_for_test() as instance:
        tick = datetime(2026, 9, 28, 2, 30, tzinfo=UTC)
        context = dg.build_schedule_context(instance=instance, scheduled_execution_time=tick)
        (request,) = schedule.evaluate_tick(context).run_requests
        assert {"2026-09-26", "2026-09-27"} <= set(request.tags.values())
        early = dg.build_schedule_context(
            instance=instance, scheduled_execution_time=datetime(2026, 9, 26, 2, 30, tzinfo=UTC)
        )
        assert "2026-09-26" in schedule.evaluate_tick(early).skip_message


def test_without_settings_loading_fails_with_one_sentence(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "import orchestration.definitions"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "", "TIEOUT_CONFIG": str(tmp_path / "none.toml")},
    )
    assert 0 != done.returncode
    assert "none.toml" in done.stderr.strip().splitlines()[-1]


def test_only_configured_connectors_are_loaded():
    code = (
        "import sys; from orchestration.lib.workspace import settings; import orchestration.definitions;"
        "print(sorted({name.split('.')[1] for name in sys.modules if name.startswith('connectors.')}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"TIEOUT_CONFIG": str(definitions.SETTINGS)},
        capture_output=True,
        text=True,
        check=True,
    )
    configured = set(load(definitions.SETTINGS).sources)
    assert sorted(configured | {"core"}) == ast.literal_eval(done.stdout.splitlines()[-1])
