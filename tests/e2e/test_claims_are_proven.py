"""The data tests on our own promises: silent on a sound warehouse, and each catches the break it is there for."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.warehouse import connect
from tests.merchant import Merchant
from tests.support import run_at

TESTS = ("every_record_is_accounted_for", "no_record_is_claimed_twice", "the_legs_of_a_match_add_up")
BREAKS = {
    "a payment in two matches": (
        """
        insert into matching.int_matching__legs by name
        select * replace ('another' as match_id) from matching.int_matching__legs
        where record_type = 'payment' and level = 'order_payment' limit 1
        """,
        "no_record_is_claimed_twice",
    ),
    "an order in a match and open": (
        """
        insert into matching.int_matching__open by name
        select 'order_payment' as level, record_type, record_key from matching.int_matching__legs
        where record_type = 'order' limit 1
        """,
        "no_record_is_claimed_twice",
    ),
    "a leg of another amount": (
        "update marts.match_legs set amount = amount + 0.01 where rowid = (select min(rowid) from marts.match_legs)",
        "the_legs_of_a_match_add_up",
    ),
    "a leg that is lost": (
        "delete from marts.match_legs where match_id in (select match_id from marts.matches where level = 'order_payment') and side = 'right'",
        "the_legs_of_a_match_add_up",
    ),
    "a match of another difference": (
        "update marts.matches set difference = 0.01 where level = 'payment_flow'",
        "the_legs_of_a_match_add_up",
    ),
    "a record without a state": (
        "update matching.int_matching__record_states set match_status = null where record_type = 'payment'",
        "every_record_is_accounted_for",
    ),
    "a record with two states": (
        "insert into matching.int_matching__record_states select * from matching.int_matching__record_states limit 1",
        "every_record_is_accounted_for",
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shop = Merchant(tmp_path_factory.mktemp("claims"))
    shop.store("own", "own_site", "wx")
    shop.account("wx", "wechatpay", "channel")
    shop.account("bank", "bank", "bank")
    shop.order("own", "A", "2026-04-20T09:00:00", "100.00")
    shop.pay("wx", "A", "A-1", "2026-04-20T09:00:01", "100.00")
    shop.order("own", "B", "2026-04-20T10:00:00", "50.00")
    shop.pay("wx", "B", "B-1", "2026-04-20T10:00:01", "49.00")
    shop.deliver("1")
    assert run_at(shop.folder, "2026-04-23T10:30:00+08:00") == 0
    return shop.folder


@pytest.fixture
def warehouse(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The built warehouse; what a test breaks is as before afterwards."""
    with connect(folder / "data" / "warehouse" / "tieout.duckdb") as connection:
        connection.execute("begin")
        yield connection
        connection.execute("rollback")


def offenders(folder: Path, warehouse: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """What each data test, as the run compiled it, finds."""
    compiled = folder / "data" / "dbt_target" / "compiled" / "tieout" / "tests" / "conservation"
    return {
        name: len(warehouse.execute((compiled / f"{name}.sql").read_text(encoding="utf-8")).fetchall())
        for name in TESTS
    }


def test_a_sound_warehouse_breaks_no_promise(folder: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    assert [("differs", 1), ("matched", 1)] == warehouse.execute(
        "select status, count(*) from marts.matches where level = 'order_payment' group by status order by status"
    ).fetchall()
    assert dict.fromkeys(TESTS, 0) == offenders(folder, warehouse)


@pytest.mark.parametrize("what", BREAKS)
def test_what_breaks_a_promise_is_caught(folder: Path, warehouse: duckdb.DuckDBPyConnection, what: str) -> None:
    statement, caught_by = BREAKS[what]
    warehouse.execute(statement)
    assert {caught_by} == {name for name, rows in offenders(folder, warehouse).items() if rows}
