"""Joins: no outer join is written so that the engine must compare every row with every other."""

import pytest
import sqlglot
from sqlglot import exp


def one_sided(sql):
    """The conditions of left joins that look at the left side alone: with one of them DuckDB uses no hash table."""
    found = []
    for join in sqlglot.parse_one(sql, dialect="duckdb").find_all(exp.Join):
        condition = join.args.get("on")
        if join.side != "LEFT" or not isinstance(condition, exp.And):
            continue
        for part in condition.flatten():
            tables = {column.table for column in part.find_all(exp.Column)}
            if tables and join.alias_or_name not in tables:
                found.append(part.sql(dialect="duckdb"))
    return found


def test_no_left_join_asks_the_left_side_alone(compiled):
    wrong = {name: found for name, node in compiled.items() if (found := one_sided(node.compiled_code))}
    assert wrong == {}, "write it as a key: case when <condition> then left.key end = right.key"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("a.kind = 'x' and a.k = b.k", ["a.kind = 'x'"]),
        ("b.kind = 'x' and a.k = b.k", []),
        ("case when a.kind = 'x' then a.k end = b.k", []),
        ("a.k = b.k and a.day between b.first_day and b.last_day", []),
    ],
)
def test_what_counts_as_one_sided(condition, expected):
    assert one_sided(f"select 1 from a left join b on {condition}") == expected
