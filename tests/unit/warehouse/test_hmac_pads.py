"""The session variables: SQL's keyed hash is Python's HMAC, and no secret shows."""

import hashlib
import hmac
from datetime import UTC, date, datetime

import duckdb
import pytest

from orchestration.warehouse import Variables, set_variables
from orchestration.warehouse.dbt_plugin import Plugin
from orchestration.warehouse.variables import current_variables

SQL = "select sha256(getvariable('pad_out') || unhex(sha256(getvariable('pad_in') || encode(?))))"


def variables(key="secret"):
    return Variables(
        *(datetime(2026, 10, 1, 2, tzinfo=UTC), "r1", date(2026, 9, 1), date(2026, 9, 30), date(2026, 10, 1)),
        *("Asia/Shanghai", "CNY", key),
    )


@pytest.mark.parametrize("key", ["k", "密钥", "x" * 64, "y" * 200])
def test_the_keyed_hash_of_sql_is_hmac(key):
    set_variables(variables(key))
    try:
        with duckdb.connect() as connection:
            Plugin("p", {}).configure_cursor(connection)
            found = connection.execute(SQL, ["买家123"]).fetchall()[0][0]
            types = connection.execute(
                "select typeof(getvariable('as_of')), typeof(getvariable('load_from')), getvariable('run_id')"
            ).fetchall()
    finally:
        set_variables(None)
    assert hmac.new(key.encode(), "买家123".encode(), hashlib.sha256).hexdigest() == found
    assert [("TIMESTAMP WITH TIME ZONE", "DATE", "r1")] == types


def test_without_a_run_nothing_is_set():
    assert current_variables() is None
    with duckdb.connect() as connection:
        Plugin("p", {}).configure_cursor(connection)
        assert [(None,)] == connection.execute("select getvariable('as_of')").fetchall()


def test_the_key_does_not_show():
    assert "secret" not in repr(variables())
