"""One dbt start: session variables reach SQL, what failed is named, the file is closed and the folder as before."""

import importlib
import os
from datetime import date
from pathlib import Path

import pytest
from demo_source import csv_part

from orchestration.warehouse import build, connect, manifest_of, parse

PROJECT = """
name: mini
version: "1.0"
config-version: 2
profile: mini
models: {mini: {+materialized: table}}
"""
PROFILE = """
mini:
  target: it
  outputs:
    it:
      type: duckdb
      path: "{{ env_var('TIEOUT_WAREHOUSE') }}"
      threads: 1
      plugins: [{module: orchestration.warehouse.dbt_plugin}]
"""
DAY = date(2026, 9, 26)


@pytest.fixture
def project(tmp_path, monkeypatch):
    folder = tmp_path / "project"
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(PROJECT)
    (folder / "profiles.yml").write_text(PROFILE)
    (folder / "models/window.sql").write_text(
        "select getvariable('load_from') as first, getvariable('today') as today, '{{ env_var('TIEOUT_SOURCES') }}' as s,"
        " (select count(*) from raw.demo__bills) as rows"
    )
    monkeypatch.setattr(importlib.import_module("orchestration.warehouse.build"), "PROJECT_DIR", folder)
    return folder


def test_a_build_knows_the_run_and_clears_what_was_pending(world, project):
    world.unpacked = csv_part()
    world.bring("bills", b"order_no,amount,note\n1,1,a\n", DAY)
    world.warehouse().load(world.archive())
    before, settings = Path.cwd(), world.settings()
    events: list[str] = []
    report = build(
        settings, world.warehouse().variables(world.now, "r1"), on_event=lambda event: events.append(event.info.name)
    )
    assert (True, ()) == (report.success, report.errors)
    assert [("model.mini.window", "success")] == [(node.unique_id, node.status) for node in report.nodes]
    assert [{"first": DAY, "today": date(2026, 9, 28), "s": "demo", "rows": 1}] == world.warehouse().read(
        "from main.window"
    )
    assert world.warehouse().pending() is None
    assert (before, False) == (Path.cwd(), "TIEOUT_WAREHOUSE" in os.environ)
    assert "NodeFinished" in events

    stamp = parse(settings).stat().st_mtime_ns
    assert stamp == parse(settings).stat().st_mtime_ns
    assert "model.mini.window" in manifest_of(settings)["nodes"]

    world.bring("bills", b"order_no,amount,note\n2,2,a\n", DAY)
    world.warehouse().load(world.archive())
    (project / "models/window.sql").write_text("select nothing from nowhere")
    failed = build(settings, world.warehouse().variables(world.now, "r2"))
    assert not failed.success
    assert "model.mini.window" in failed.errors[0]
    assert (DAY, DAY) == world.warehouse().pending()
    assert stamp != parse(settings).stat().st_mtime_ns
    with connect(world.warehouse().path) as connection:
        assert [(1,)] == connection.execute("select 1").fetchall()
