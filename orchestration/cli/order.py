"""``tieout order``: one order's money trail, found by any number that belongs to it. Reads the snapshot alone."""

import hashlib
import hmac
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from orchestration.cli.edge import DONE, UsageError
from orchestration.cli.query import plain
from orchestration.cli.snapshot import opened
from orchestration.settings import Settings, load

ROADS: Final[Mapping[str, tuple[str, ...]]] = {
    "order_trail": ("source_no",),
    "orders": ("order_no", "merchant_pay_no"),
    "payments": ("transaction_no", "merchant_pay_no", "merchant_refund_no", "original_transaction_no"),
    "refunds": ("refund_no", "merchant_refund_no"),
    "fund_flows": ("flow_no",),
    "shipments": ("waybill_no",),
    "returns": ("return_no", "waybill_no"),
}
"""Published tables with an ``order_no``, and the numbers by which a person may know its row."""
PAYOUT: Final = """
    select matches.*, legs.side, legs.record_type, legs.record_key, legs.amount
    from match_legs as own
    inner join matches on own.match_id = matches.match_id
    inner join match_legs as legs on own.match_id = legs.match_id
    where own.record_type = 'payout' and (own.record_key = $no or own.record_key like '%|' || $no)
    order by legs.side, legs.record_key
"""
SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "trail": (
        *("happened_at", "event", "amount", "open_balance", "source_no", "counterparty"),
        *("source_file_sha256", "source_row"),
    ),
    "payout": ("business_date", "status", "side", "record_type", "record_key", "amount", "explanation"),
}
"""What fits a screen; --json has every column."""
STATES: Final = ("match_status", "paid_state", "delivered_state", "invoiced_state", "open_amount", "open_exceptions")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows by column name."""

    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, Any]]


def show_trail(config: Path, number: str, buyer: str | None, *, as_json: bool) -> int:
    """Prints the trail; an unknown number is wrong usage and says where it was looked for."""
    settings = load(config)
    with opened(settings.data_dir, settings.timezone.key, fenced=False) as connection:
        columns = _columns(connection)
        orders = _orders_of(connection, columns, number)
        if buyer is not None:
            orders = _only_buyer(connection, columns, orders, hashed(settings, buyer))
        if not orders:
            payout = _payout(connection, number) if "match_legs" in columns else Table((), ())
            if not payout.rows or buyer is not None:
                raise UsageError(
                    f"{number} is no order, payment, refund, payout or waybill number in the published snapshot"
                    + (" of that buyer" if buyer else "")
                )
            _out({"payout": payout}, as_json=as_json)
            return DONE
        found = _among(
            connection, "select * from order_trail", orders, "store, order_no, happened_at, event, record_key"
        )
        heads = _heads(connection, columns, orders)
    _out({"orders": heads, "trail": found}, as_json=as_json)
    return DONE


def hashed(settings: Settings, buyer: str) -> str:
    """A buyer as the tables know them."""
    return hmac.new(settings.privacy_key.encode(), buyer.encode(), hashlib.sha256).hexdigest()


def _columns(connection: duckdb.DuckDBPyConnection) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'marts'"
    ).fetchall():
        found.setdefault(table, set()).add(column)
    if "order_trail" not in found:
        raise UsageError("the published snapshot has no order_trail: run tieout run with a source of orders")
    return {table: frozenset(names) for table, names in found.items()}


def _orders_of(
    connection: duckdb.DuckDBPyConnection, columns: Mapping[str, frozenset[str]], number: str
) -> list[tuple[str, str]]:
    """(store, order_no) of every order the number belongs to."""
    exact = connection.execute("select distinct store, order_no from order_trail where order_no = $no", {"no": number})
    if orders := exact.fetchall():
        return orders
    roads = [
        f"select store, order_no from {table} where {name} = $no"  # noqa: S608 - our own names
        for table, names in ROADS.items()
        if {"store", "order_no"} <= columns.get(table, frozenset())
        for name in names
        if name in columns[table]
    ]
    found = connection.execute(
        f"select distinct store, order_no from ({' union all '.join(roads)}) where order_no is not null order by all",  # noqa: S608
        {"no": number},
    )
    return found.fetchall()


def _only_buyer(
    connection: duckdb.DuckDBPyConnection,
    columns: Mapping[str, frozenset[str]],
    orders: list[tuple[str, str]],
    buyer_key: str,
) -> list[tuple[str, str]]:
    if "buyer_key" not in columns.get("orders", frozenset()):
        raise UsageError("--buyer: the published orders carry no buyer; leave the option out")
    return [
        order
        for order in orders
        if connection.execute(
            "select 1 from orders where store = $1 and order_no = $2 and buyer_key = $3", [*order, buyer_key]
        ).fetchall()
    ]


def _among(connection: duckdb.DuckDBPyConnection, select: str, orders: Sequence[tuple[str, str]], by: str) -> Table:
    """What a select says of these orders."""
    places = ", ".join("(?, ?)" for _ in orders)
    sql = f"{select} where (store, order_no) in ({places}) order by {by}"
    return _table(connection.execute(sql, [part for order in orders for part in order]))


def _heads(
    connection: duckdb.DuckDBPyConnection, columns: Mapping[str, frozenset[str]], orders: Sequence[tuple[str, str]]
) -> Table:
    known = columns.get("orders", frozenset())
    shown = [name for name in ("store", "order_no", "business_date", "buyer_paid", *STATES) if name in known]
    if not shown:
        return Table((), ())
    return _among(connection, f"select {', '.join(shown)} from orders", orders, "store, order_no")  # noqa: S608


def _payout(connection: duckdb.DuckDBPyConnection, number: str) -> Table:
    """A payout belongs to no single order: its own match with the bank."""
    return _table(connection.execute(PAYOUT, {"no": number}))


def _table(answer: duckdb.DuckDBPyConnection) -> Table:
    columns = tuple(column[0] for column in answer.description or ())
    return Table(columns, [dict(zip(columns, row, strict=True)) for row in answer.fetchall()])


def _out(tables: Mapping[str, Table], *, as_json: bool) -> None:
    if as_json:
        named = {name: [plain(dict(row)) for row in table.rows] for name, table in tables.items()}
        sys.stdout.write(json.dumps(named, ensure_ascii=False, indent=1) + "\n")
        return
    from orchestration.cli.tables import console, table_of

    out = console()
    for title, found in tables.items():
        names = [name for name in SHOWN.get(title, found.columns) if name in found.columns]
        out.print(table_of(names, found.rows, title))
