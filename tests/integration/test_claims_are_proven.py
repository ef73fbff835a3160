"""The data tests on our own promises, and the proof beside them that shares no SQL with the matcher.

Both are silent on a sound warehouse, and each catches the breaks it is there for.
"""

import random
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.proof import prove_matching
from orchestration.proof.payouts import Claims, Item, judge
from orchestration.proof.windows import PASSES, Rule, Windows
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
ONE = "(select min(match_id) from marts.matches where level = 'order_payment' and pass = 'P1')"
PAID_OUT = "(select min(match_id) from marts.matches where level = 'payout_bank' and pass in ('P1', 'P4'))"
LEGS_OF_PAID_OUT = f"from marts.match_legs where match_id = {PAID_OUT} and side <> 'adjustment'"
PUBLISHED_BREAKS = {
    "a payment in two matches": (
        f"""
        insert into marts.match_legs by name
        select * replace ((select max(match_id) from marts.matches where level = 'order_payment') as match_id, 0 as amount)
        from marts.match_legs where match_id = {ONE} and side = 'right'
        """,
        "claims",
    ),
    "an order in a match and open": (
        f"""
        insert into marts.open_items by name
        select level, record_type, record_key from marts.match_legs where match_id = {ONE} and side = 'left'
        """,
        "claims",
    ),
    "a leg of another amount": (BREAKS["a leg of another amount"][0], "sums"),
    "a leg that is lost": (BREAKS["a leg that is lost"][0], "sums"),
    "a match of another difference": (BREAKS["a match of another difference"][0], "sums"),
    "a missing adjustment leg": ("delete from marts.match_legs where record_type = 'difference'", "sums"),
    "a payout and its credit passed over": (
        f"""
        insert into marts.open_items by name select level, record_type, record_key {LEGS_OF_PAID_OUT};
        create temp table passed_over as select {PAID_OUT} as match_id;
        delete from marts.match_legs where match_id in (from passed_over);
        delete from marts.matches where match_id in (from passed_over)
        """,
        "passes",
    ),
    "another word for a search": (
        """
        update marts.open_items
        set search = case when search = 'none_exists' then 'stopped_at_limit' else 'none_exists' end
        where level = 'payout_bank'
        """,
        "search",
    ),
}
PAYOUT_MODELS = ("windows", "exact", "candidates", "searches", "combined", "ties", "legs")
FIRST = date(2026, 9, 1)
WINDOWS = {name: Windows([Rule(0, 15)], {}, {}) for name in PASSES}


@pytest.fixture(scope="module")
def built(repeated, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse as the last run built it, a copy, and the SQL of the tests as that run compiled it."""
    folder = tmp_path_factory.mktemp("claims")
    data = repeated.folder / "data"
    shutil.copy(data / "warehouse" / "tieout.duckdb", folder)
    compiled = data / "dbt_target" / "compiled" / "tieout"
    shutil.copytree(compiled / "tests" / "conservation", folder / "tests")
    shutil.copytree(compiled / "models" / "matching" / "payout_bank", folder / "payout_bank")
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


def test_the_proof_is_silent_on_a_sound_warehouse(warehouse: duckdb.DuckDBPyConnection) -> None:
    proof = prove_matching(warehouse)
    assert [] == proof.findings
    assert proof.rows > warehouse.execute("select count(*) from marts.match_legs").fetchall()[0][0]


@pytest.mark.parametrize("what", PUBLISHED_BREAKS)
def test_the_proof_catches_what_breaks_a_rule(warehouse: duckdb.DuckDBPyConnection, what: str) -> None:
    statement, link = PUBLISHED_BREAKS[what]
    warehouse.execute(statement)
    assert link in {finding.link for finding in prove_matching(warehouse).findings}


def random_items(shops: int) -> Iterator[tuple[Item, str]]:
    """Payouts and credits of so many bank accounts, with few amounts and days, so that much fits; and the remarks."""
    chance = random.Random(20260926)  # noqa: S311 - made-up shops, always the same
    for shop in range(shops):
        most = 40 if shop % 10 == 0 else 7
        amounts = chance.sample(range(100, 3000, 50), 6)
        numbers = []
        for kind, count in (("payout", chance.randint(1, most)), ("bank_line", chance.randint(1, 6))):
            for place in range(count):
                key = f"{kind}-{shop}-{place}"
                cents = sum(
                    chance.choices(amounts, k=chance.choice((1, 1, 1, 2, 3) if kind == "bank_line" else (1, 1, 1, 2)))
                )
                day = FIRST + timedelta(days=chance.randint(0, 20))
                at = datetime(day.year, day.month, day.day, chance.randint(0, 12), tzinfo=UTC).timestamp()
                word = key if kind == "payout" else chance.choice([*numbers, *["-"] * 40])
                numbers += [word] if kind == "payout" else []
                family = chance.choice(("w", "w", "w", "v")) if kind == "payout" else ""
                yield Item(kind, key, family, f"bank-{shop}", "CNY", cents, day, at, frozenset({word})), word


def test_the_matcher_and_the_proof_agree_on_shops_made_at_random(
    built: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    made = list(random_items(shops=300))
    warehouse.execute("truncate matching.int_matching__payout_bank_items")
    warehouse.execute(
        """
        insert into matching.int_matching__payout_bank_items by name
        select
            unnest($kinds) as record_type, unnest($keys) as record_key, unnest($wallets) as wallet,
            unnest($banks) as bank_account, 'CNY' as currency, cast(unnest($cents) * 0.01 as decimal(18, 2)) as amount,
            cast(unnest($days) as date) as business_date, to_timestamp(unnest($moments)) as happened_at,
            unnest($words) as number
        """,
        {
            "kinds": [item.kind for item, _ in made],
            "keys": [item.key for item, _ in made],
            "wallets": [item.family or None for item, _ in made],
            "banks": [item.bank for item, _ in made],
            "cents": [item.cents for item, _ in made],
            "days": [item.day.isoformat() for item, _ in made],
            "moments": [item.at for item, _ in made],
            "words": [word for _, word in made],
        },
    )
    for model in PAYOUT_MODELS:
        sql = (built / "payout_bank" / f"int_matching__payout_bank_{model}.sql").read_text(encoding="utf-8")
        warehouse.execute(f"create or replace table matching.int_matching__payout_bank_{model} as {sql}")
    legs = warehouse.execute(
        "select record_type, record_key, match_key, pass from matching.int_matching__payout_bank_legs"
    ).fetchall()
    claims = Claims({(kind, key): match for kind, key, match, _ in legs}, {match: name for _, _, match, name in legs})
    searches = warehouse.execute(
        "select whole_type, whole_key, verdict from matching.int_matching__payout_bank_searches"
    ).fetchall()
    said = {(kind, key): verdict for kind, key, verdict in searches if (kind, key) not in claims.match_of}
    assert {"P1", "P2", "P4", "P5", "P6"} == set(claims.pass_of.values())
    assert {"none_exists", "several", "contested", "stopped_at_limit"} == set(said.values())
    assert [] == list(judge([item for item, _ in made], claims, WINDOWS, said))
