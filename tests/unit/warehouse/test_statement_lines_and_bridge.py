"""A line's part in a range of days, and the way from what a statement said to what it says."""

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from orchestration.warehouse.bridge import bridge
from orchestration.warehouse.statements import NoStatements, Range, lines, newest_month

LINE = """
    create table {where}marts.statement_lines (
        level varchar default 'order_payment', side varchar default 'left', record_type varchar default 'order',
        record_key varchar, source_no varchar, entity varchar default 'E', store varchar default 's', account varchar,
        currency varchar default 'CNY', amount decimal(18, 2), business_date date, started_on date, known_on date,
        origin_period varchar, matched_on date, matched_known_on date, matched_by varchar, match_id varchar,
        connection varchar, source_file_sha256 varchar, source_row bigint
    )
"""
SEPTEMBER = Range(date(2026, 9, 1), date(2026, 9, 30))


def told(connection, where, *rows):
    """Lines: key, amount, day on which it came up, day on which it was settled, by what, match."""
    connection.execute(LINE.format(where=where))
    connection.executemany(
        f"insert into {where}marts.statement_lines (record_key, amount, business_date, started_on, matched_on,"
        " matched_by, match_id) values (?, ?, ?, ?, ?, ?, ?)",
        [(key, amount, began, began, ended, how, match) for key, amount, began, ended, how, match in rows],
    )


@pytest.fixture
def tables():
    """An open database with a past one beside it."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as past")
        for place in ("marts", "past.marts"):
            connection.execute(f"create schema {place}")
        connection.execute("create table marts.matches (match_id varchar, pass varchar)")
        yield connection


def test_a_line_is_open_come_up_and_settled_by_its_days_and_the_parts_add_up(tables):
    told(
        tables,
        "",
        ("before", 1, "2026-08-31", "2026-09-01", "match", "m"),
        ("over", 2, "2026-08-31", "2026-10-01", "match", "m"),
        ("within", 4, "2026-09-02", "2026-09-30", "match", "m"),
        ("left", 8, "2026-09-30", None, None, None),
        ("gone", 16, "2026-08-01", "2026-08-31", "match", "m"),
        ("later", 32, "2026-10-01", None, None, None),
    )
    parts = {
        row["record_key"]: tuple(int(row[part]) for part in ("opening", "moved", "matched", "closing"))
        for row in lines(tables, SEPTEMBER)
    }
    assert {"before": (1, 0, 1, 0), "over": (2, 0, 0, 2), "within": (0, 4, 4, 0), "left": (0, 8, 0, 8)} == parts
    assert all(opening + moved - matched == closing for opening, moved, matched, closing in parts.values())


def test_the_bridge_names_each_change_its_effect_and_why(tables):
    told(
        tables,
        "past.",
        ("same", 1, "2026-09-01", "2026-09-02", "match", "m0"),
        ("waited", 2, "2026-09-01", None, None, None),
        ("restated", 3, "2026-09-01", None, None, None),
        ("given_up", 5, "2026-09-01", None, None, None),
        ("by_hand", 7, "2026-09-01", None, None, None),
        ("ruled", 11, "2026-09-01", None, None, None),
        ("vanished", 13, "2026-09-01", None, None, None),
        ("october", 17, "2026-09-01", None, None, None),
    )
    told(
        tables,
        "",
        ("same", 1, "2026-09-01", "2026-09-02", "match", "m0"),
        ("waited", 2, "2026-09-01", "2026-09-03", "match", "m1"),
        ("came_late", 2, "2026-09-03", "2026-09-03", "match", "m1"),
        ("restated", 4, "2026-09-01", None, None, None),
        ("given_up", 5, "2026-09-01", "2026-09-09", "decision", None),
        ("by_hand", 7, "2026-09-01", "2026-09-09", "match", "m2"),
        ("ruled", 11, "2026-09-01", "2026-09-09", "match", "m3"),
        # settled after the range: no change of it
        ("october", 17, "2026-09-01", "2026-10-09", "match", "m4"),
    )
    tables.execute("insert into marts.matches values ('m2', 'MANUAL')")
    found = bridge(tables, SEPTEMBER, is_other_rules=True)
    assert {
        "came_late": ("new", "late_file", 0),
        "waited": ("changed", "late_file", -2),
        "restated": ("changed", "source_correction", 1),
        "given_up": ("changed", "human_decision", -5),
        "by_hand": ("changed", "human_decision", -7),
        "ruled": ("changed", "rule_version", -11),
        "vanished": ("gone", "rule_version", -13),
    } == {row["record_key"]: (row["change"], row["reason"], int(row["effect"])) for row in found}
    assert Decimal(-37) == sum(row["effect"] for row in found)


def test_without_statements_it_is_said_what_to_do(tables):
    with pytest.raises(NoStatements, match="do a `tieout run` first"):
        newest_month(tables)
