import json
from pathlib import Path

import duckdb
import pytest

from orchestration.cli.edge import UsageError
from orchestration.cli.order import hashed, show_trail
from orchestration.settings import load

SETTINGS = Path(__file__).parents[3] / "tieout.sandbox.toml"


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "tieout.toml"
    path.write_text(SETTINGS.read_text(encoding="utf-8"), encoding="utf-8")
    settings = load(path)
    snapshot = settings.data_dir / "published" / "tieout.duckdb"
    snapshot.parent.mkdir(parents=True)
    with duckdb.connect(str(snapshot)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            """
            create table marts.order_trail as select * from (values
                ('shop', 'O1', timestamptz '2026-10-01 10:00:00+08', 'ordered', 'shop|O1', 'O1'),
                ('shop', 'O1', timestamptz '2026-10-01 10:01:00+08', 'paid', 'till|payment|T1', 'T1'),
                ('shop', 'O2', timestamptz '2026-10-01 11:00:00+08', 'ordered', 'shop|O2', 'O2')
            ) as t (store, order_no, happened_at, event, record_key, source_no)
            """
        )
        connection.execute(
            "create table marts.orders as select * from (values ('shop', 'O1', ?), ('shop', 'O2', ?))"
            " as t (store, order_no, buyer_key)",
            [hashed(settings, "anna"), hashed(settings, "ben")],
        )
        connection.execute("create table marts.refunds as select 'shop' as store, 'O1' as order_no, 'R1' as refund_no")
        connection.execute(
            "create table marts.shipments as select 'shop' as store, 'O1' as order_no, 'W1' as waybill_no"
        )
        connection.execute(
            "create table marts.matches as select 'm1' as match_id, 'payout_bank' as level, 'P1' as pass"
        )
        connection.execute(
            """
            create table marts.match_legs as select * from (values
                ('m1', 'left', 'payout', 'till|PO1', 5.00::decimal(18, 2)), ('m1', 'right', 'bank_line', 'bank|B1', 5.00)
            ) as t (match_id, side, record_type, record_key, amount)
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


def test_an_unknown_number_says_where_it_was_looked_for(config):
    with pytest.raises(UsageError, match="waybill"):
        show_trail(config, "X9", None, as_json=False)


def test_the_table_is_readable_too(config, capsys):
    assert 0 == show_trail(config, "O1", None, as_json=False)
    assert "2026-10-01 10:01:00" in capsys.readouterr().out
