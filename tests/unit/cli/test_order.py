import json
from pathlib import Path

import duckdb
import pytest

from orchestration.cli.edge import UsageError
from orchestration.cli.order import HEAD, hashed, lookup_key, show_trail
from orchestration.settings.place import read_place

SETTINGS = Path(__file__).parents[3] / "tieout.sandbox.toml"


def blank(column):
    return f"null as {column}"


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "tieout.toml"
    path.write_text(SETTINGS.read_text(encoding="utf-8"), encoding="utf-8")
    settings = read_place(path)
    snapshot = settings.data_dir / "published" / "tieout.duckdb"
    snapshot.parent.mkdir(parents=True)
    with duckdb.connect(str(snapshot)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            """
            create table marts.order_trail as select * from (values
                ('shop', 'O1', timestamptz '2026-10-01 10:00:00+08', 'ordered', 'shop|O1', 'O1', 1),
                ('shop', 'O1', timestamptz '2026-10-01 10:01:00+08', 'paid', 'till|payment|T1', 'T1', 1),
                ('shop', 'O2', timestamptz '2026-10-01 11:00:00+08', 'ordered', 'shop|O2', 'O2', 2)
            ) as t (store, order_no, happened_at, event, record_key, source_no, order_key)
            """
        )
        connection.execute(
            f"create table marts.orders as select store, order_no, business_date, {', '.join(map(blank, HEAD[3:]))}"
            " from (values ('shop', 'O1', date '2026-10-01'), ('shop', 'O2', date '2026-10-01'))"
            " as t (store, order_no, business_date)"
        )
        connection.execute(
            "create table marts.order_numbers (number_key bigint, kind varchar, order_key bigint, store varchar,"
            " order_no varchar, business_date date)"
        )
        for order_key, order_no, kind, number in (
            (1, "O1", "order", "O1"),
            (1, "O1", "payment", "T1"),
            (1, "O1", "refund", "R1"),
            (1, "O1", "shipment", "W1"),
            (1, "O1", "buyer", hashed(settings, "anna")),
            (2, "O2", "order", "O2"),
            # of another order, and yet the first one's own number goes before
            (2, "O2", "payment", "O1"),
            (2, "O2", "buyer", hashed(settings, "ben")),
        ):
            connection.execute(
                "insert into marts.order_numbers values (?, ?, ?, 'shop', ?, date '2026-10-01')",
                [lookup_key(number), kind, order_key, order_no],
            )
        connection.execute("create table marts.matches as select 'm1' as match_id, 'P1' as pass")
        connection.execute(
            """
            create table marts.match_legs as select * from (values
                ('m1', 'payout_bank', 'left', 'payout', 'till|PO1', 5.00::decimal(18, 2)),
                ('m1', 'payout_bank', 'right', 'bank_line', 'bank|B1', 5.00)
            ) as t (match_id, level, side, record_type, record_key, amount)
            """
        )
    return path


def trail(config, capsys, number, buyer=None):
    assert 0 == show_trail(config, number, buyer, as_json=True)
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("number", ["O1", "T1", "R1", "W1"])
def test_any_number_of_an_order_finds_its_whole_trail_in_order_of_time(config, capsys, number):
    found = trail(config, capsys, number)
    assert ["ordered", "paid"] == [row["event"] for row in found["trail"]]
    assert ["O1"] == [row["order_no"] for row in found["orders"]]


def test_a_payout_shows_its_match_with_the_bank(config, capsys):
    found = trail(config, capsys, "PO1")
    assert ["payout", "bank_line"] == [row["record_type"] for row in found["payout"]]


def test_a_buyer_narrows_and_never_widens(config, capsys):
    assert trail(config, capsys, "O1", "anna")["trail"]
    with pytest.raises(UsageError, match="of that buyer"):
        show_trail(config, "O1", "ben", as_json=True)


def test_a_buyer_alone_lists_his_orders(config, capsys):
    found = trail(config, capsys, None, "ben")
    assert ["O2"] == [row["order_no"] for row in found["orders"]]
    with pytest.raises(UsageError, match="no order of that buyer"):
        show_trail(config, None, "carl", as_json=True)


def test_a_hash_that_somebody_has_seen_is_no_number(config):
    with pytest.raises(UsageError, match="is no order"):
        show_trail(config, hashed(read_place(config), "anna"), None, as_json=True)


def test_without_number_and_buyer_nothing_is_asked(config):
    with pytest.raises(UsageError, match="--buyer ID"):
        show_trail(config, None, None, as_json=True)


def test_a_number_is_looked_up_as_sql_has_written_it():
    found = duckdb.execute("select cast(md5_number_lower('订单 1') % 9223372036854775808 as bigint)").fetchall()
    assert found == [(lookup_key("订单 1"),)]


def test_an_unknown_number_says_where_it_was_looked_for(config):
    with pytest.raises(UsageError, match="waybill"):
        show_trail(config, "X9", None, as_json=False)


def test_the_table_is_readable_too(config, capsys):
    assert 0 == show_trail(config, "O1", None, as_json=False)
    assert "2026-10-01 10:01:00" in capsys.readouterr().out
