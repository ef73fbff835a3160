"""Records that people put together by hand, or take out of the matches that rules make."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import duckdb

from orchestration.decisions.event import DecisionError
from orchestration.decisions.fields import STREAMS
from orchestration.warehouse.connect import name as quoted

SIDES: Final[Mapping[str, Mapping[str, str]]] = {
    "payout_bank": {"payout": "left", "bank_line": "right"},
    "settlement_flow": {"settlement": "left", "fund_flow": "right", "payout": "right"},
    "payment_flow": {"payment": "left", "fund_flow": "right"},
}
"""The levels on which money meets money without a number that both name. Elsewhere a missing number is given."""
MOST: Final = 200
OTHERS: Final = """
    select exception_id from marts.exceptions
    where level = ? and kind = 'open' and status <> 'cleared' and exception_id <> ?
        and (list_contains(?, left_key) or list_contains(?, right_key))
    order by exception_id
"""
LEGS: Final = """
    select
        match_id, level, record_type, record_key, source_file_sha256 as sha256, source_row as row, currency,
        md5(level || '|' || record_type || '|' || record_key) as exception_id
    from marts.match_legs
    where side <> 'adjustment' and match_id in (
        select match_id from marts.match_legs
        where match_id = $subject
            or (side <> 'adjustment' and level = $level and record_type = $record_type and record_key = $record_key)
    )
    order by record_type, record_key
"""


def named_by(connection: duckdb.DuckDBPyConnection, found: Mapping[str, Any], key: str) -> list[str]:
    """The open exceptions of the same level whose records carry these numbers, each number exactly one."""
    numbers = key.replace(",", " ").split()
    cursor = connection.execute(OTHERS, [found["level"], found["exception_id"], numbers, numbers])
    others = [str(row[0]) for row in cursor.fetchall()]
    if len(others) != len(numbers):
        raise DecisionError(
            f"{found['exception_id']}: {len(others)} open items of {found['level']} carry {' or '.join(numbers)}; "
            "name the exceptions themselves"
        )
    return others


def put_together(connection: duckdb.DuckDBPyConnection, found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the decision says of the records: each with the row it stands in, and the larger side's money."""
    levels = {str(one["level"]) for one in found}
    if len(levels) != 1 or not levels <= SIDES.keys():
        raise DecisionError(
            f"records are matched by hand on one level of {', '.join(SIDES)}, not on {', '.join(sorted(levels))}: "
            "elsewhere --action link gives a record the number that it lacks"
        )
    level, currencies = levels.pop(), {one["currency"] for one in found}
    if len(currencies) != 1:
        raise DecisionError(f"records in {' and '.join(sorted(currencies))} cannot be matched by hand")
    if len(found) > MOST:
        raise DecisionError(f"at most {MOST} records are matched by hand at once")
    members = []
    for one in found:
        if one["kind"] != "open" or one["record_type"] not in SIDES[level]:
            raise DecisionError(f"{one['exception_id']} is about no record that waits for the other side")
        place = json.loads(one["evidence"] or "[]")
        if len(place) != 1:
            raise DecisionError(f"{one['exception_id']} is about no single row")
        members.append(
            {
                **{name: one[name] for name in ("exception_id", "record_type", "record_key", "record_fingerprint")},
                "sha256": place[0]["sha256"],
                "row": str(place[0]["row"]),
            }
        )
    if len({SIDES[level][one["record_type"]] for one in found}) != len(set(SIDES[level].values())):
        raise DecisionError("a match has records of both sides")
    return {"members": members, "amount": larger_side(connection, level, members), "currency": currencies.pop()}


def taken_apart(connection: duckdb.DuckDBPyConnection, subject: str, found: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the decision says of the records of a match: that of this number, or the one that the exception is about."""
    facts = {name: found[name] if found else None for name in ("level", "record_type", "record_key")}
    cursor = connection.execute(LEGS, {"subject": subject, **facts})
    names = [column[0] for column in cursor.description or ()]
    legs = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if len({leg["match_id"] for leg in legs}) != 1:
        raise DecisionError(f"{subject} is no match and about none; see match_id in matches")
    first = legs[0]
    if first["level"] not in SIDES:
        raise DecisionError(f"matches of {first['level']} are made by number: correct or link the number instead")
    members = [
        {
            **{name: str(leg[name]) for name in ("record_type", "record_key", "sha256", "row", "exception_id")},
            "record_fingerprint": None,
        }
        for leg in legs
    ]
    about = {name: first[name] for name in ("exception_id", "level", "record_type", "record_key")}
    money = {"amount": larger_side(connection, first["level"], members), "currency": first["currency"]}
    return {**about, "code": None, "record_fingerprint": None, "reverses": None, "members": members, **money}


def larger_side(connection: duckdb.DuckDBPyConnection, level: str, members: Sequence[Mapping[str, Any]]) -> str:
    """The money of that side whose records, as they are published, make more: what the approval must cover in SQL."""
    sums: dict[str, Decimal] = {}
    for one in members:
        kind = one["record_type"]
        column = "total_amount" if kind == "settlement" else "amount"
        sql = f"from marts.{quoted(STREAMS[kind])} select abs({column}) where record_key = ?"
        (amount,) = connection.execute(sql, [one["record_key"]]).fetchone() or (Decimal(0),)
        sums[SIDES[level][kind]] = sums.get(SIDES[level][kind], Decimal(0)) + amount
    return str(max(sums.values()))
