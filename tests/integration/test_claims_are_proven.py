"""The data tests on our own promises: silent on a sound warehouse, and each catches the break it is there for."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.warehouse import connect

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
def built(repeated, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse as the last run built it, a copy, and the SQL of the tests as that run compiled it."""
    folder = tmp_path_factory.mktemp("claims")
    data = repeated.folder / "data"
    shutil.copy(data / "warehouse" / "tieout.duckdb", folder)
    shutil.copytree(data / "dbt_target" / "compiled" / "tieout" / "tests" / "conservation", folder / "tests")
    return folder


@pytest.fixture
def warehouse(built: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """What a test breaks is as before afterwards."""
    with connect(built / "tieout.duckdb") as connection:
        connection.execute("begin")
        yield connection
        connection.execute("rollback")


def offenders(built: Path, warehouse: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """What each data test finds."""
    return {
        name: len(warehouse.execute((built / "tests" / f"{name}.sql").read_text(encoding="utf-8")).fetchall())
        for name in TESTS
    }


def test_a_sound_warehouse_breaks_no_promise(built: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    found = {
        word
        for (word,) in warehouse.execute(
            "select distinct status from marts.matches union all select distinct level from marts.matches"
        ).fetchall()
    }
    assert {"matched", "differs", "order_payment", "payment_flow"} <= found
    assert dict.fromkeys(TESTS, 0) == offenders(built, warehouse)


@pytest.mark.parametrize("what", BREAKS)
def test_what_breaks_a_promise_is_caught(built: Path, warehouse: duckdb.DuckDBPyConnection, what: str) -> None:
    statement, caught_by = BREAKS[what]
    warehouse.execute(statement)
    assert {caught_by} == {name for name, rows in offenders(built, warehouse).items() if rows}
