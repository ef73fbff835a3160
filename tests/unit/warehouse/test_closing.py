"""Closing threads: what shares a number goes together, what waits stays, sums and rows agree, and it is done once."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from orchestration.warehouse import close_threads, connect
from orchestration.warehouse.closing import FORGOTTEN, ensure_closed, is_stale
from orchestration.warehouse.warehouse import Warehouse

MANIFEST = {
    "nodes": {
        "model.t.payments": {
            "resource_type": "model",
            "schema": "marts",
            "name": "payments",
            "columns": {
                "record_key": {"name": "record_key", "data_type": "varchar"},
                "amount": {"name": "amount", "data_type": "decimal(18, 2)"},
            },
            "config": {
                "meta": {
                    "kept": {
                        "stream": "payments",
                        "key": "record_key",
                        "sums": [
                            {
                                "into": "settlement_sums",
                                "by": {"store": "'s'", "settlement_no": "'n'", "currency": "'CNY'"},
                                "of": {"lines": "1", "amount": "amount"},
                            }
                        ],
                    }
                }
            },
        }
    }
}
RECORDS = {"a": ["1", "2"], "b": ["2", "3"], "c": ["3"], "d": ["9"], "e": ["8"]}
"""a, b and c are one thread by their numbers; d and e are alone."""


@pytest.fixture
def shop(tmp_path: Path) -> SimpleNamespace:
    settings = SimpleNamespace(data_dir=tmp_path, timezone=None)
    (tmp_path / "warehouse").mkdir()
    with connect(Warehouse(settings).path) as connection:
        connection.execute(
            """
            create schema ledger; create schema matching; create schema exceptions; create schema marts;
            create table ledger.int_ledger__thread_numbers (
                stream varchar, record_key varchar, landed_on date, node ubigint, number ubigint);
            create table ledger.int_ledger__payments (record_key varchar);
            create table ledger.int_ledger__orders (record_key varchar, store varchar, order_no varchar, role varchar);
            create table ledger.int_ledger__reopened (thread bigint);
            create table ledger.int_ledger__scope (fact varchar, place varchar);
            create table matching.int_matching__legs (match_id varchar, record_type varchar, record_key varchar);
            create table matching.int_matching__order_money (
                record_key varchar, wallet varchar, credited_on date, paid_out_amount decimal(18, 2));
            create table matching.int_matching__paid_days (account varchar, day date, is_paid_out boolean);
            create table exceptions.int_exceptions__all (
                exception_id varchar, level varchar, anchor_type varchar, anchor_key varchar);
            create table exceptions.int_exceptions__restless (record_type varchar, record_key varchar);
            create table marts.payments (record_key varchar, amount decimal(18, 2))
            """
        )
        for key, numbers in RECORDS.items():
            for number in (f"payments|{key}", *numbers):
                connection.execute(
                    "insert into ledger.int_ledger__thread_numbers values"
                    " ('payments', $key, date '2026-09-26', md5_number_lower('payments|' || $key), md5_number_lower($number))",
                    {"key": key, "number": number},
                )
            connection.execute("insert into ledger.int_ledger__payments values (?)", [key])
            connection.execute("insert into marts.payments values (?, 10.01)", [key])
        ensure_closed(connection, MANIFEST, "code")
    return settings


def rows(shop: SimpleNamespace, sql: str) -> list[tuple[object, ...]]:
    with connect(Warehouse(shop).path, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def write(shop: SimpleNamespace, sql: str) -> None:
    with connect(Warehouse(shop).path) as connection:
        connection.execute(sql)


def test_a_thread_is_closed_whole_or_not_at_all(shop: SimpleNamespace) -> None:
    write(shop, "insert into exceptions.int_exceptions__restless values ('payment', 'c'), ('payment', 'e')")
    assert (1, 1) == (close_threads(shop, MANIFEST).threads, rows(shop, "select count(*) from closed.payments")[0][0])
    assert [("d",)] == rows(shop, "select record_key from closed.records")
    assert [("a",), ("b",), ("c",), ("e",)] == rows(shop, "select record_key from marts.payments order by 1")
    assert [("a",), ("b",), ("c",), ("e",)] == rows(
        shop, "select record_key from ledger.int_ledger__payments order by 1"
    )
    write(shop, "delete from exceptions.int_exceptions__restless where record_key = 'c'")
    write(shop, "delete from ledger.int_ledger__thread_numbers where record_key = 'd'")
    assert 1 == close_threads(shop, MANIFEST).threads
    assert [("a", 2), ("b", 2), ("c", 2), ("d", 1)] == rows(
        shop, "select record_key, thread from closed.payments order by 1"
    )


def test_a_match_ties_records_that_share_no_number(shop: SimpleNamespace) -> None:
    write(shop, "insert into matching.int_matching__legs values ('m', 'payment', 'd'), ('m', 'payment', 'e')")
    assert 2 == close_threads(shop, MANIFEST).threads
    assert [(1,)] == rows(shop, "select count(distinct thread) from closed.records where record_key in ('d', 'e')")


def test_sums_are_those_of_the_rows(shop: SimpleNamespace) -> None:
    close_threads(shop, MANIFEST)
    assert rows(shop, "select count(*), sum(amount) from closed.payments") == rows(
        shop, "select sum(lines), sum(amount) from closed.settlement_sums"
    )


def test_other_models_forget_what_was_closed_until_it_is_read_again(shop: SimpleNamespace) -> None:
    close_threads(shop, MANIFEST)
    with connect(Warehouse(shop).path) as connection:
        assert not ensure_closed(connection, MANIFEST, "code")
        assert ensure_closed(connection, MANIFEST, "other code")
        assert ensure_closed(connection, MANIFEST, "other code")
    assert [(FORGOTTEN, 0)] == rows(shop, "select sequence, (select count(*) from closed.payments) from closed.state")
    close_threads(shop, MANIFEST)
    with connect(Warehouse(shop).path) as connection:
        assert not ensure_closed(connection, MANIFEST, "other code")


def test_money_that_left_the_bank_again_is_noticed_until_all_is_read_again(shop: SimpleNamespace) -> None:
    write(shop, "insert into closed.paid_days values ('wallet', date '2026-09-26')")
    write(shop, "insert into matching.int_matching__paid_days values ('wallet', date '2026-09-26', true)")
    assert not is_stale(shop)
    write(shop, "update matching.int_matching__paid_days set is_paid_out = false")
    assert is_stale(shop)
    close_threads(shop, MANIFEST)
    assert not is_stale(shop)
