from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pytest

from orchestration.reports.figures import Figures, Incomplete, read_figures
from orchestration.reports.markdown import RunLine, render, write_report
from orchestration.warehouse.heads import Heads


@pytest.fixture
def snapshot(tmp_path):
    path = tmp_path / "tieout.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
    return path


def fill(path, *statements):
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)


MATCHES = """
    create table marts.matches as select * from (values
        ('order_payment', 'CNY', 'matched', 100.00::decimal(18, 2), 0.00::decimal(18, 2)),
        ('order_payment', 'CNY', 'differs', 50.00, -0.50)
    ) as t (level, currency, status, left_amount, difference)
"""
EXCEPTIONS = """
    create table marts.exceptions as select * from (values
        ('E101', 'ORDER_NO_PAYMENT', 'open', 'open', 'S2', 'order_payment', 'CNY', 50.00::decimal(18, 2), null, null),
        ('E203', 'SETTLE_MISSING', 'open', 'timing', 'S2', 'order_settlement', 'CNY', 9.00, '2026-10-04', null),
        ('E102', 'PAYMENT_NO_ORDER', 'open', 'cleared', 'S2', 'order_payment', 'CNY', 7.00, null, null),
        ('E001', 'SOURCE_MISSING', 'finding', 'open', 'S1', null, 'CNY', 0.00, null, 'alipay_main')
    ) as t (code, name, kind, status, severity, level, currency, amount, breaks_on, account),
    lateral (select null::varchar as store, null::varchar as connection, date '2026-10-01' as business_date,
        'not there' as explanation) as u
"""


def test_an_empty_snapshot_gives_no_figures(snapshot):
    assert Figures() == read_figures(snapshot)


def test_what_agrees_waits_and_is_broken_are_told_apart(snapshot):
    fill(snapshot, MATCHES, EXCEPTIONS)
    figures = read_figures(snapshot)
    (agreeing,) = figures.agreeing
    assert (2, Decimal("150.00"), 1, Decimal("0.50")) == (
        agreeing.matches,
        agreeing.amount,
        agreeing.differing,
        agreeing.difference,
    )
    assert [("E203", 1, Decimal("9.00"))] == [(line.code, line.items, line.amount) for line in figures.waiting]
    assert ["E001", "E101"] == [line.code for line in figures.broken]
    assert (Incomplete(date(2026, 10, 1), "alipay_main", "E001", "not there"),) == figures.incomplete


def test_the_match_rate_counts_what_is_in_no_match_by_number_and_by_money(snapshot):
    fill(snapshot, MATCHES, EXCEPTIONS)
    rates = {rate.level: rate for rate in read_figures(snapshot).rates}
    assert Decimal(2) / Decimal(3) == rates["order_payment"].by_count
    assert Decimal("0.75") == rates["order_payment"].by_money
    assert Decimal(0) == rates["order_settlement"].by_count


def test_the_report_says_the_same_and_is_written_whole(snapshot, tmp_path):
    fill(snapshot, MATCHES, EXCEPTIONS)
    figures = read_figures(snapshot)
    run = RunLine("run1", datetime(2026, 10, 3, 2, 30, tzinfo=UTC), date(2026, 10, 1), date(2026, 10, 2), snapshot)
    path = write_report(tmp_path, run, figures)
    assert render(run, figures) == path.read_text(encoding="utf-8")
    assert "| order_payment | CNY | 2 | 150.00 | 1 | 0.50 |" in path.read_text(encoding="utf-8")
    assert ["run1.md"] == [item.name for item in path.parent.iterdir()]


def test_a_report_of_nothing_says_so(snapshot):
    run = RunLine("run1", datetime(2026, 10, 3, 2, 30, tzinfo=UTC), date(2026, 10, 1), date(2026, 10, 2), snapshot)
    assert "Nothing." in render(run, Figures())


def test_a_report_names_the_heads_that_are_worth_noting(snapshot):
    days = date(2026, 10, 1), date(2026, 10, 2)
    run = RunLine("run1", datetime(2026, 10, 3, 2, 30, tzinfo=UTC), *days, snapshot, Heads("a" * 64, "b" * 64, ""))
    said = render(run, Figures())
    assert f"- run ledger `{'a' * 64}`\n- manifest `{'b' * 64}`\n" in said
    assert "- decisions" not in said
