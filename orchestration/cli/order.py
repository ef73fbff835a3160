"""``tieout order``: one order's money trail, found by any number that belongs to it. Reads the snapshot alone."""

import hashlib
import hmac
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb

from orchestration.cli.edge import DONE, UsageError
from orchestration.cli.query import plain
from orchestration.cli.snapshot import opened
from orchestration.settings.place import Place, read_place

PAYOUT: Final = """
    select matches.*, legs.side, legs.record_type, legs.record_key, legs.amount
    from match_legs as own
    inner join matches on own.match_id = matches.match_id
    inner join match_legs as legs on own.match_id = legs.match_id
    where own.level = 'payout_bank' and own.record_type = 'payout'
        and (own.record_key = $no or own.record_key like '%|' || $no)
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
HEAD: Final = (
    *("store", "order_no", "business_date", "buyer_paid"),
    *("match_status", "paid_state", "delivered_state", "invoiced_state", "open_amount", "open_exceptions"),
)
TRAIL_ORDER: Final = "store, order_no, happened_at, event, record_key"


class Order(NamedTuple):
    """One order, and where the published tables keep it."""

    order_key: int
    store: str
    order_no: str
    business_date: date


@dataclass(frozen=True, slots=True)
class Table:
    """Rows by column name."""

    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, Any]]


def show_trail(config: Path, number: str | None, buyer: str | None, *, as_json: bool) -> int:
    """Prints the trail, or the orders of a buyer; an unknown number is wrong usage and says where it was looked for."""
    if number is None and buyer is None:
        raise UsageError("tieout order: give a number, or a buyer with --buyer ID")
    place = read_place(config)
    with opened(place.data_dir, place.timezone.key, fenced=False) as connection:
        orders = _orders(connection, number, hashed(place, buyer) if buyer is not None else None)
        if orders:
            found = {"orders": _heads(connection, orders)}
            if number is not None:
                found["trail"] = _trail(connection, orders)
        elif number is None:
            raise UsageError("no order of that buyer is in the published snapshot")
        else:
            found = {"payout": _payout(connection, number)}
            if not found["payout"].rows or buyer is not None:
                raise UsageError(
                    f"{number} is no order, payment, refund, payout or waybill number in the published snapshot"
                    + (" of that buyer" if buyer is not None else "")
                )
    _out(found, as_json=as_json)
    return DONE


def hashed(place: Place, buyer: str) -> str:
    """A buyer as the tables know them."""
    return hmac.new(place.privacy_key.encode(), buyer.encode(), hashlib.sha256).hexdigest()


def lookup_key(number: str) -> int:
    """A number as ``order_numbers`` has it."""
    digest = hashlib.md5(number.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[8:], "little") % (1 << 63)


def _orders(connection: duckdb.DuckDBPyConnection, number: str | None, buyer_key: str | None) -> Sequence[Order]:
    """Every order the number belongs to, of that buyer; the order's own number goes before any other."""
    found: Sequence[Order] = []
    if number is not None:
        found = _known_by(connection, number, "kind <> 'buyer'")
        found = [order for order in found if order.order_no == number] or found
    if buyer_key is None:
        return found
    theirs = _known_by(connection, buyer_key, "kind = 'buyer'")
    return theirs if number is None else [order for order in found if order in theirs]


def _known_by(connection: duckdb.DuckDBPyConnection, number: str, condition: str) -> Sequence[Order]:
    try:
        rows = connection.execute(
            "select distinct order_key, store, order_no, business_date from order_numbers"  # noqa: S608 - a whole number
            f" where number_key = {lookup_key(number)} and {condition} order by all"
        ).fetchall()
    except duckdb.CatalogException as error:
        raise UsageError(
            "the published snapshot has no order_numbers: run tieout run with a source of orders"
        ) from error
    return [Order(*row) for row in rows]


def _trail(connection: duckdb.DuckDBPyConnection, orders: Sequence[Order]) -> Table:
    """What the trail says of these orders; their keys say which row groups may hold it."""
    keys = ", ".join(str(order.order_key) for order in orders)
    select = f"select * exclude (order_key) from order_trail where order_key in ({keys})"  # noqa: S608 - whole numbers
    return _among(connection, select, orders, TRAIL_ORDER)


def _heads(connection: duckdb.DuckDBPyConnection, orders: Sequence[Order]) -> Table:
    """How these orders stand; their days say which row groups may hold them."""
    days = ", ".join(f"date '{day}'" for day in sorted({order.business_date for order in orders}))
    return _among(
        connection,
        f"select {', '.join(HEAD)} from orders where business_date in ({days})",  # noqa: S608 - our own names
        orders,
        "business_date, store, order_no",
    )


def _among(connection: duckdb.DuckDBPyConnection, select: str, orders: Sequence[Order], by: str) -> Table:
    places = ", ".join("(?, ?)" for _ in orders)
    sql = f"{select} and (store, order_no) in ({places}) order by {by}"
    return _table(connection.execute(sql, [part for order in orders for part in (order.store, order.order_no)]))


def _payout(connection: duckdb.DuckDBPyConnection, number: str) -> Table:
    """A payout belongs to no single order: its own match with the bank."""
    try:
        return _table(connection.execute(PAYOUT, {"no": number}))
    except duckdb.CatalogException:
        return Table((), ())


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
