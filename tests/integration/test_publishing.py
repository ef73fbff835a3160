"""Publishing: only what differs is replaced, readers see one run or the next, and the proof holds."""

import importlib
import json
import os
from datetime import date, datetime, timedelta

import duckdb
import pytest

from orchestration.proof import proven, verify
from orchestration.warehouse import RunFacts, connect, last_published_as_of, publish, read_ledger
from orchestration.warehouse.gate import gate
from orchestration.warehouse.heads import read_heads

PUBLISHING = importlib.import_module("orchestration.warehouse.publish")
MANIFEST = {
    "nodes": {
        "model.t.orders": {
            "resource_type": "model",
            "schema": "marts",
            "name": "orders",
            "description": "One order.\nOnly one.",
            "columns": {"amount": {"description": "Money."}},
            "config": {"meta": {"key": ["store", "no"]}},
        },
        "model.t.days": {"resource_type": "model", "schema": "marts", "name": "days", "columns": {}, "config": {}},
        "test.t.u": {
            "resource_type": "test",
            "test_metadata": {"name": "unique", "kwargs": {}},
            "column_name": "day",
            "attached_node": "model.t.days",
        },
        "model.t.loose": {"resource_type": "model", "schema": "marts", "name": "loose", "columns": {}, "config": {}},
    }
}
ORDERS = "select 's' as store, n as no, cast(n as decimal(18, 2)) as amount from range(20) as r(n)"


@pytest.fixture
def shop(world, monkeypatch):
    monkeypatch.setattr(PUBLISHING, "manifest_of", lambda settings: MANIFEST)
    world.warehouse().ensure()
    build(world, orders=ORDERS, days="select date '2026-09-26' as day, 1 as rows", loose="select 1 as x")
    return world


def build(world, **tables):
    with connect(world.warehouse().path) as connection:
        connection.execute("create schema if not exists marts")
        for table, sql in tables.items():
            connection.execute(f"create or replace table marts.{table} as {sql}")


def run(world, number):
    start = world.now + timedelta(hours=number)
    facts = RunFacts(
        f"run-{number}", start, date(2026, 9, 26), date(2026, 9, 27), start, start, incomplete=("pay 2026-09-26",)
    )
    return publish(world.settings(), facts)


def read(world, sql):
    with duckdb.connect(str(world.root / "data/published/tieout.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_the_first_run_publishes_everything_with_descriptions(shop):
    report = run(shop, 1)
    assert ("days", "loose", "orders") == report.changed
    assert {"days": 1, "loose": 1, "orders": 20, "changes": 21} == dict(report.rows)
    assert [("One order. Only one.",)] == read(shop, "select comment from duckdb_tables() where table_name = 'orders'")
    assert [("Money.",)] == read(
        shop, "select comment from duckdb_columns() where table_name = 'orders' and column_name = 'amount'"
    )
    assert [(None,)] != read(shop, "select comment from duckdb_tables() where table_name = 'run_ledger'")
    assert [("new", 21)] == read(shop, "select change, count(*) from marts.changes group by 1")
    assert [("run-1", "2026-09-26..2026-09-27", "done", "[]", '["pay 2026-09-26"]')] == read(
        shop, "select run_id, days, state, red, incomplete from marts.run_status"
    )


def test_a_run_that_changes_nothing_replaces_no_table(shop):
    run(shop, 1)
    second = run(shop, 2)
    assert () == second.changed
    assert [(2,)] == read(shop, "select count(*) from marts.run_status")
    assert [(21,)] == read(shop, "select count(*) from marts.changes")
    parquet = shop.root / "data/published/parquet"
    inodes = {(parquet / f"run-{n}/orders/data.parquet").stat().st_ino for n in (1, 2)}
    assert 1 == len(inodes)
    current = json.loads((parquet / "current.json").read_text())
    assert ("run-2", "run-2/orders/*.parquet", 20) == (
        *(current["run_id"], current["tables"]["orders"]["path"], current["tables"]["orders"]["rows"]),
    )


def test_differences_are_listed_by_key_and_applied(shop):
    run(shop, 1)
    build(
        shop,
        orders=f"select store, no, case no when 3 then 99.00 else amount end as amount from ({ORDERS}) where no <> 5"
        " union all select 's', 77, 1.00",
    )
    assert ("orders",) == run(shop, 2).changed
    assert [("changed", "s|3", "amount"), ("gone", "s|5", None), ("new", "s|77", None)] == read(
        shop, "select change, key, changed_columns from marts.changes where run_id = 'run-2' order by 1"
    )
    assert [(20, 1, 0)] == read(
        shop, "select count(*), count(*) filter (amount = 99), count(*) filter (no = 5) from marts.orders"
    )
    assert [] == verify(shop.root / "data")


def test_a_new_column_a_table_without_key_and_a_table_that_went(shop):
    run(shop, 1)
    build(shop, orders=f"select *, 'x' as note from ({ORDERS})", loose="select 2 as x")
    with connect(shop.warehouse().path) as connection:
        connection.execute("drop table marts.days")
    assert {"days", "loose", "orders"} == set(run(shop, 2).changed)
    assert [("note", 20)] == read(
        shop, "select changed_columns, count(*) from marts.changes where run_id = 'run-2' group by 1"
    )
    assert [(2,)] == read(shop, "from marts.loose")
    assert [] == read(shop, "select 1 from duckdb_tables() where table_name = 'days'")


def test_only_the_last_three_runs_are_kept_as_parquet(shop):
    for number in range(1, 6):
        run(shop, number)
    folders = sorted(path.name for path in (shop.root / "data/published/parquet").iterdir() if path.is_dir())
    assert ["run-3", "run-4", "run-5"] == folders
    assert [] == verify(shop.root / "data")


def test_the_same_run_may_publish_twice(shop):
    run(shop, 1)
    run(shop, 1)
    assert [(1, 2)] == read(
        shop, "select (select count(*) from marts.run_status), (select count(*) from marts.run_ledger)"
    )
    assert [] == verify(shop.root / "data")


def test_an_open_reader_is_not_disturbed(shop):
    run(shop, 1)
    with duckdb.connect(str(shop.root / "data/published/tieout.duckdb"), read_only=True) as reader:
        build(shop, loose="select 5 as x")
        run(shop, 2)
        assert [(1,)] == reader.execute("from marts.loose").fetchall()
    assert [(5,)] == read(shop, "from marts.loose")


@pytest.mark.parametrize("step", ["_write_runs", "_name_parquet", "append_entry", "_show_parquet"])
def test_a_crash_while_publishing_leaves_the_last_run_and_the_next_heals(shop, monkeypatch, step):
    run(shop, 1)
    build(shop, loose="select 9 as x")
    with monkeypatch.context() as broken:
        broken.setattr(PUBLISHING, step, lambda *facts: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run(shop, 2)
    shown = read(shop, "from marts.loose")
    assert [(9 if step == "_show_parquet" else 1,)] == shown
    run(shop, 3)
    assert [(9,)] == read(shop, "from marts.loose")
    assert [] == verify(shop.root / "data")


def test_the_business_clock_of_the_last_run_is_known(shop):
    assert last_published_as_of(shop.root / "data") is None
    run(shop, 2)
    assert shop.now + timedelta(hours=2) == last_published_as_of(shop.root / "data")


def test_the_gate_names_what_a_stage_lost(shop):
    assert [] == gate(shop.settings())
    row = "date '2026-09-26' as day, 'pay' as connection, 'payments' as stream, 'CNY' as currency"
    build(
        shop,
        conservation=f"select {row}, 'raw' as stage, 0 as residual_rows, cast(0 as decimal(18, 2)) as residual_amount"
        f" union all select {row}, 'ledger', 1, 2.50",
    )
    found = gate(shop.settings())
    assert ["ledger"] == [residual.stage for residual in found]
    assert "2.50 CNY" in str(found[0])
    run(shop, 1)
    assert ["conservation"] == [finding.link for finding in verify(shop.root / "data", "2026-09")]
    assert [] == verify(shop.root / "data", "2026Q1")


class TestProof:
    def test_a_changed_ledger_line_is_named(self, shop):
        run(shop, 1)
        run(shop, 2)
        path = shop.root / "data/ledger/runs.jsonl"
        path.write_text(path.read_text().replace('"state":"done"', '"state":"fine"', 1))
        finding = verify(shop.root / "data")[0]
        assert ("run ledger", True) == (finding.link, "entry 1 was changed" in finding.detail)

    def test_a_ledger_written_anew_misses_the_noted_head(self, shop):
        run(shop, 1)
        head = read_ledger(shop.root / "data")[0].hash
        run(shop, 2)
        assert [] == verify(shop.root / "data", head=head)
        assert ["run ledger"] == [finding.link for finding in verify(shop.root / "data", head="f" * 64)]

    def test_a_head_of_any_chain_is_found_and_what_it_proves_is_said(self, shop):
        shop.archive().land_tables(shop.settings(), date(2026, 9, 26), shop.now)
        run(shop, 1)
        heads = read_heads(shop.root / "data")
        assert read_ledger(shop.root / "data")[-1].hash == heads.ledger
        for head, chain in ((heads.ledger, "of the run ledger"), (heads.manifest, "of the manifest")):
            assert [] == verify(shop.root / "data", head=head)
            *others, last = proven(shop.root / "data", (), head)
            assert ["archive", "run ledger", "decisions", "snapshot"] == [link.link for link in others]
            assert f"{head} is entry " in last.detail
            assert chain in last.detail
        received = shop.archive().entries()
        files = {entry.digest for entry in received if entry.status == "arrived"}
        assert f"{len(files)} files of " in others[0].detail
        assert f"{len(received)} entries" in others[0].detail

    def test_an_archive_made_shorter_is_noticed(self, shop):
        shop.archive().land_tables(shop.settings(), date(2026, 9, 26), shop.now)
        run(shop, 1)
        manifest = shop.root / "data/landing/manifest.jsonl"
        manifest.write_text("")
        assert ["inputs"] == [finding.link for finding in verify(shop.root / "data")]

    def test_a_changed_file_of_the_archive_is_named(self, shop):
        shop.archive().land_tables(shop.settings(), date(2026, 9, 26), shop.now)
        next((shop.root / "data/landing/_rules").rglob("*.csv")).write_text("other")
        assert ["archive"] == [finding.link for finding in verify(shop.root / "data")]

    def test_a_changed_table_is_noticed(self, shop):
        run(shop, 1)
        with duckdb.connect(str(shop.root / "data/published/tieout.duckdb")) as connection:
            connection.execute("update marts.orders set amount = 0.01 where no = 1")
        finding = verify(shop.root / "data")[0]
        assert ("snapshot", "orders: 1 rows differ between snapshot and Parquet file") == (finding.link, finding.detail)

    def test_a_changed_parquet_file_is_noticed(self, shop):
        run(shop, 1)
        path = shop.root / "data/published/parquet/run-1/orders/data.parquet"
        os.truncate(path, 100)
        assert ["parquet"] == [finding.link for finding in verify(shop.root / "data")]

    def test_a_record_claimed_twice_is_named(self, shop):
        build(
            shop,
            matches="select id as match_id, 'order_payment' as level, 'P1' as pass, 'matched' as status,"
            " 'CNY' as currency, 1.00 as left_amount, 1.00 as right_amount, 0.00 as difference,"
            " date '2026-09-26' as business_date from (values ('m1'), ('m2')) as t(id)",
            match_legs="select id as match_id, 'order_payment' as level, side, kind as record_type, key as record_key,"
            " 'CNY' as currency, 1.00 as amount from (values ('m1', 'left', 'order', 'o1'), ('m2', 'left', 'order', 'o1'),"
            " ('m1', 'right', 'payment', 'p1'), ('m2', 'right', 'payment', 'p2')) as t(id, side, kind, key)",
            open_items="select '' as level, '' as record_type, '' as record_key, null::date as business_date limit 0",
        )
        run(shop, 1)
        findings = verify(shop.root / "data")
        assert [("claims", "order o1 is in 2 matches of order_payment")] == [(f.link, f.detail) for f in findings]
        assert [] == verify(shop.root / "data", "2026Q1")

    def test_a_wrong_period_is_an_error(self, shop):
        run(shop, 1)
        with pytest.raises(ValueError, match="2026-10"):
            verify(shop.root / "data", "October")

    def test_an_empty_folder_proves_nothing_wrong(self, tmp_path):
        assert [] == verify(tmp_path)


def test_times_in_the_ledger_are_utc(shop):
    run(shop, 1)
    entry = read_ledger(shop.root / "data")[0]
    assert timedelta(0) == datetime.fromisoformat(entry.as_of).utcoffset()
