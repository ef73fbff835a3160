"""What is looked up by a key is published in its order, part by part: a reader skips what its row groups rule out."""

import importlib
import json
from datetime import date, timedelta

import duckdb
import pytest

from orchestration.warehouse import RunFacts, publish
from orchestration.warehouse.closing import ensure_closed
from orchestration.warehouse.connect import connect

PUBLISHING = importlib.import_module("orchestration.warehouse.publish")
MANIFEST = {
    "nodes": {
        "model.t.names": {
            "resource_type": "model",
            "schema": "marts",
            "name": "names",
            "columns": {"number_key": {"name": "number_key", "data_type": "bigint"}},
            "config": {"meta": {"kept": {"order": True}, "sort": ["number_key"], "is_told": False}},
        },
    }
}
SHUFFLED = "select (n * 7919 + {first}) % 100003 as number_key from range(60000) as numbers (n)"
STEPS_BACK = """
    select count(*) from (
        select number_key < lag(number_key) over (partition by {part} order by rowid) as is_back from {table}
    ) where is_back
"""


@pytest.fixture
def shop(world, monkeypatch):
    monkeypatch.setattr(PUBLISHING, "manifest_of", lambda settings: MANIFEST)
    world.warehouse().ensure()
    with connect(world.warehouse().path) as connection:
        ensure_closed(connection, MANIFEST, "code")
        connection.execute("create schema if not exists marts")
        connection.execute(f"create table marts.names as {SHUFFLED.format(first=3)}")
    return world


def closing(world, sequence):
    with connect(world.warehouse().path) as connection:
        connection.execute(
            f"insert into closed.names select 1, {sequence}, number_key from ({SHUFFLED.format(first=sequence)})"
        )
        connection.execute(f"update closed.state set sequence = {sequence}")
    start = world.now + timedelta(hours=sequence)
    day = date(2026, 9, 26)
    publish(world.settings(), RunFacts(f"run-{sequence}", start, day, day, start, start))


def scanned(node):
    return node.get("operator_rows_scanned", 0) + sum(scanned(child) for child in node.get("children", ()))


def test_one_key_is_looked_for_in_one_row_group_of_each_part(shop, tmp_path):
    closing(shop, 1)
    closing(shop, 2)
    profile = tmp_path / "profile.json"
    with duckdb.connect(str(shop.root / "data/published/tieout.duckdb"), read_only=True) as connection:
        connection.execute("set enable_profiling = 'json'")
        connection.execute(f"set profiling_output = '{profile}'")
        connection.execute("select count(number_key) from marts.names where number_key = 77").fetchall()
    assert scanned(json.loads(profile.read_text(encoding="utf-8"))) <= 3 * PUBLISHING.ROW_GROUP


def test_each_part_is_sorted_also_what_a_later_run_adds(shop):
    closing(shop, 1)
    closing(shop, 2)
    with duckdb.connect(str(shop.root / "data/published/tieout.duckdb"), read_only=True) as connection:
        assert [(60000, 1), (60000, 2)] == connection.execute(
            "select count(*), closed_in from closed.names group by closed_in order by closed_in"
        ).fetchall()
        assert [(0,)] == connection.execute(STEPS_BACK.format(part="closed_in", table="closed.names")).fetchall()
        assert [(0,)] == connection.execute(STEPS_BACK.format(part="1", table="open.names")).fetchall()
        assert [(180000,)] == connection.execute("select count(*) from marts.names").fetchall()
        assert [] == connection.execute("select * from marts.changes").fetchall()
