"""A statement is worked out again from its lines, digest and all; the digest is made here by other means."""

import hashlib
from decimal import Decimal

import duckdb
import pytest

from orchestration.proof.rows import Rows
from orchestration.proof.statements import prove_statements

LINES = (
    ("a", Decimal("10.00"), "2026-09-29", "2026-10-01", "match", "m"),
    ("b", Decimal("5.50"), "2026-09-30", None, None, None),
    ("c", Decimal("-4.00"), "2026-10-02", None, None, None),
)
STATEMENT = "store:s/order_payment/left/CNY/2026-09"


def half(text):
    return int.from_bytes(hashlib.md5(text.encode()).digest()[8:], "little")  # noqa: S324 - no secret


def both(texts):
    return sum(map(half, texts)), sum(half(f"2{text}") for text in texts)


def digest_of_september(lines):
    """Of statements without any opening or matched line: what came up is what is open."""
    texts = [f"order_payment|left|order|{key}|CNY|{amount}|{began}" for key, amount, began, *_ in lines]
    total = sum(amount for _, amount, *_ in lines)
    low, high = both(texts)
    told = (STATEMENT, "0.00", total, "0.00", "0.00", total, 0, len(lines), 0, low, high, 0, 0, low, high)
    return hashlib.sha256("|".join(map(str, told)).encode()).hexdigest()


@pytest.fixture
def tables():
    with duckdb.connect() as connection:
        connection.execute(
            """
            create schema marts;
            create table marts.statement_lines (level varchar default 'order_payment', side varchar default 'left',
                record_type varchar default 'order', currency varchar default 'CNY', store varchar default 's',
                account varchar, record_key varchar, amount decimal(18, 2), started_on date, matched_on date,
                matched_by varchar, match_id varchar);
            create table marts.statements (statement_id varchar, scope varchar, level varchar, side varchar,
                currency varchar, period_start date, period_end date, opening decimal(18, 2),
                in_amount decimal(18, 2), out_amount decimal(18, 2), matched decimal(18, 2), closing decimal(18, 2),
                residual decimal(18, 2), opening_lines bigint, moved_lines bigint, matched_lines bigint,
                closing_lines bigint, content_hash varchar)
            """
        )
        connection.executemany(
            "insert into marts.statement_lines (record_key, amount, started_on, matched_on, matched_by, match_id)"
            " values (?, ?, ?, ?, ?, ?)",
            LINES,
        )
        connection.execute(
            "insert into marts.statements values (?, 'store:s', 'order_payment', 'left', 'CNY', '2026-09-01',"
            " '2026-09-30', 0, 15.50, 0, 0, 15.50, 0, 0, 2, 0, 2, ?)",
            [STATEMENT, digest_of_september(LINES[:2])],
        )
        yield connection


def found(tables, *months):
    return [finding.detail for finding in prove_statements(Rows(tables), months)]


def test_a_statement_that_is_the_sum_of_its_lines_is_proven(tables):
    assert [] == found(tables)


@pytest.mark.parametrize(
    "change",
    [
        "update marts.statement_lines set amount = 5.51 where record_key = 'b'",
        # the same sum, of other lines
        "update marts.statement_lines set record_key = 'x' where record_key = 'b'",
        "delete from marts.statement_lines where record_key = 'b'",
        "update marts.statement_lines set matched_on = '2026-09-30', matched_by = 'match' where record_key = 'a'",
        "update marts.statements set closing = 0",
        "update marts.statements set content_hash = 'other'",
    ],
)
def test_whatever_was_changed_of_it_is_named(tables, change):
    tables.execute(change)
    assert [f"1 differ from the sum of their lines: {STATEMENT}"] == found(tables)
    assert [] == found(tables, "2026-10")


def test_what_comes_later_changes_nothing(tables):
    tables.execute("update marts.statement_lines set amount = -9 where record_key = 'c'")
    tables.execute("update marts.statement_lines set matched_on = '2026-10-09' where record_key = 'a'")
    assert [] == found(tables)
