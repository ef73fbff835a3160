"""A locked month is what two people signed, or it is named."""

import hashlib

import duckdb
import pytest

from orchestration.proof.periods import prove_periods
from orchestration.proof.rows import Rows

SIGNED = hashlib.sha256(b"a=1 b=2").hexdigest()


@pytest.fixture
def tables():
    """September, locked as it was signed by two people."""
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            create schema marts;
            create table marts.statements as select 'E' as entity, '2026-09' as period, 'month' as period_kind,
                unnest(['b', 'a']) as statement_id, unnest(['2', '1']) as content_hash;
            create table marts.periods as select 'E' as entity, '2026-09' as period, 'locked' as state,
                '{SIGNED}' as period_hash, '{SIGNED}' as signed_hash;
            create table marts.decisions as select 'period' as record_type, 'E|2026-09' as record_key,
                'lock' as action, 'effective' as state, 'lin' as maker, 'mei' as checker, '{SIGNED}' as record_fingerprint
            """
        )
        yield connection


def found(tables, *months):
    return [finding.detail for finding in prove_periods(Rows(tables), months)]


def test_a_month_that_is_what_was_signed_is_proven(tables):
    assert [] == found(tables, "2026-09")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("update marts.statements set content_hash = '3' where statement_id = 'b'", "its hash is not that of"),
        ("delete from marts.decisions", "no decision of two people signs"),
        ("update marts.decisions set checker = 'lin'", "no decision of two people signs"),
        ("update marts.periods set signed_hash = 'x'", "no decision of two people signs x"),
    ],
)
def test_what_is_not_as_it_was_signed_is_named(tables, change, said):
    tables.execute(change)
    (detail,) = found(tables)
    assert said in detail


def test_a_month_that_has_changed_since_is_named_where_somebody_asks_for_it(tables):
    tables.execute("update marts.decisions set record_fingerprint = 'old'")
    tables.execute("update marts.periods set signed_hash = 'old', state = 'changed'")
    assert [] == found(tables, "2026-10")
    (detail,) = found(tables, "2026-09")
    assert "old was signed" in detail
