"""A client meets the sandbox, which was written apart from it: what it brings is read to canonical records.

Nothing is refused and nothing quarantined on the way, and no request goes to anyone but the sandbox.
"""

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import requests

from connectors.core.protocol import Connection, Delivery, Source, Stream, Tools, Window
from connectors.core.registry import source_named
from connectors.sandbox.adapter import SandboxAdapter
from connectors.sandbox.app import Sandbox
from connectors.sandbox.keys import credentials as keys_in
from connectors.sandbox.world import WorldConfig

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 9, 24)
URL = "http://sandbox.test"
PREFIXES = {"cmb_direct": "CMB", "woocommerce": "WOO"}
MONEY = ("goods_amount", "merchant_discount", "freight", "buyer_paid")
WORLDS_NAMES = {"goods_amount": "goods", "tax_collected": "tax"}


@contextmanager
def opened(keys: Path, now: str, **world: Any) -> Iterator[Sandbox]:
    """A small world at a local time, closed after use; its keys lie in a folder that worlds may share."""
    given = {"first_day": FIRST, "orders_per_day": 200} | world
    sandbox = Sandbox(WorldConfig(seed=7, folder=keys, requests_per_second=100_000, **given), sleep=lambda _: None)
    try:
        sandbox.set_time(datetime.fromisoformat(now))
        yield sandbox
    finally:
        sandbox.close()


def connected(sandbox: Sandbox, source: Source, secrets: Mapping[str, str] | None = None, **changed: Any) -> Connection:
    """A way into the sandbox with its own keys, but for the secrets and facts that are given."""
    keys, prefix = keys_in(sandbox.config.folder), PREFIXES.get(source.name, source.name.upper())
    names = (*source.credentials, *source.optional_credentials)
    made = Connection(
        name=f"{source.name}_main",
        source=source.name,
        base_url=f"{URL}/{source.name}",
        credentials={name: keys[f"{prefix}_{name.upper()}"] for name in names} | dict(secrets or {}),
        path=None,
        timezone=SHANGHAI,
        currency="CNY",
        account=None,
        store=None,
        options={"requests_per_second": 0},
    )
    return replace(made, **changed)


def fetched(
    sandbox: Sandbox, connection: Connection, stream: Stream, day: date | str, *, days: int = 1
) -> Iterator[Delivery]:
    """What a stream delivers for local days."""
    session = requests.Session()
    session.adapters.clear()  # a request to anyone else fails
    session.mount(str(connection.base_url).removesuffix(connection.source), SandboxAdapter(sandbox))
    # signatures go by the machine's clock on both sides
    tools = Tools(session, lambda: datetime.now(UTC), lambda _: None, random.Random(1))  # noqa: S311 - jitter
    start = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=connection.timezone)
    return iter(stream.fetch(connection, Window(start, start + timedelta(days=days)), tools))


def read(connection: Connection, stream: Stream, path: Path, suffix: str) -> Mapping[str, list[Any]]:
    """A file's canonical records; it is known as this stream's, and taken whole."""
    assert stream.reads is not None
    assert (stream.reads(path), source_named(connection.source).recognises(path)) == (True, True)
    unpacked = stream.unpack(path, suffix, path.parent, connection, path.name)
    assert unpacked.refused is None
    canonical = stream.canonical(unpacked, connection)
    assert canonical.quarantine == ()
    return canonical.streams


def brought(
    sandbox: Sandbox,
    connection: Connection,
    day: date | str,
    *streams: Stream,
    days: int = 1,
    into: dict[str, list[Any]] | None = None,
) -> dict[str, list[Any]]:
    """Canonical records that streams (all where none is named) bring for local days, put with what is there."""
    found = {} if into is None else into
    with TemporaryDirectory() as folder:
        for stream in streams or source_named(connection.source).streams:
            for number, delivery in enumerate(fetched(sandbox, connection, stream, day, days=days)):
                path = Path(folder) / f"{stream.name}{number}" / (delivery.name or f"answer.{delivery.suffix}")
                path.parent.mkdir()
                path.write_bytes(delivery.body)
                for name, rows in read(connection, stream, path, delivery.suffix).items():
                    found.setdefault(name, []).extend(rows)
    return found


def yuan(minor: int) -> Decimal:
    """The world's fen or cents in whole yuan, dollars or euro, as a record writes them."""
    return Decimal(minor) / 100


def cents(rows: list[dict[str, Any]], name: str = "amount") -> Decimal:
    """The sum of a column of records, counted as the world counts."""
    return sum((Decimal(row[name]) for row in rows), Decimal()) * 100


def of_day(sandbox: Sandbox, what: str, column: str, day: date) -> list[dict[str, Any]]:
    """Rows of the world whose moment falls on the day; what to select ends in a condition."""
    start = datetime.combine(day, time.min)
    return sandbox.market.records(
        f"select * from {what} and {column} >= ? and {column} < ?", [start, start + timedelta(days=1)]
    )


def changed_orders(sandbox: Sandbox, shop: str, day: date) -> list[dict[str, Any]]:
    """A shop's orders that changed on the day and not again; what changed later shows in a later window."""
    what = f"market.orders_at(timestamp '{sandbox.now}', date '{FIRST}', date '{day}') where shop = '{shop}'"
    return of_day(sandbox, what, "modified_at", day)


def orders_agree(
    world: list[dict[str, Any]], records: dict[str, list[Any]], now: datetime, more: str = "platform_subsidy"
) -> None:
    """The same orders, each with its status and its money, with their goods line by line and every parcel sent."""
    ours = (*MONEY, more)
    theirs = [WORLDS_NAMES.get(name, name) for name in ours]
    assert {row["order_no"]: (row["status"], *(yuan(row[name]) for name in theirs)) for row in world} == {
        order["order_no"]: (order["status"], *(Decimal(order[name]) for name in ours)) for order in records["orders"]
    }
    assert sum(row["goods"] for row in world) == cents(records["order_lines"], "line_amount")
    sent = {row["waybill_no"] for row in world if row["shipped_at"] and row["shipped_at"] <= now}
    assert sent == {parcel["waybill_no"] for parcel in records["shipments"]}


def refunds_agree(world: list[dict[str, Any]], refunds: list[dict[str, Any]]) -> None:
    """Each order's refund that succeeded, to the cent and the second."""
    assert {
        row["order_no"]: (yuan(row["refund_amount"]), f"{row['refunded_at'].isoformat()}+08:00") for row in world
    } == {
        refund["order_no"]: (Decimal(refund["amount"]), refund["succeeded_at"])
        for refund in refunds
        if refund["status"] == "succeeded"
    }


def flows_agree(sandbox: Sandbox, wallet: str, day: date, flows: list[dict[str, Any]]) -> None:
    """As many movements as the world's balance of the day counts, each once, with its sums, and the day's payouts."""
    [balance] = sandbox.market.records("select * from market.balances where account = ? and day = ?", [wallet, day])
    assert balance["in_count"] + balance["out_count"] == len(flows) == len({flow["flow_no"] for flow in flows})
    for side in ("in", "out"):
        assert balance[f"{side}_sum"] == cents([flow for flow in flows if flow["direction"] == side])
    payouts = sandbox.market.records(
        "select payout_no from market.payouts where account = ? and day = ?", [wallet, day]
    )
    assert [row["payout_no"] for row in payouts] == [flow["payout_no"] for flow in flows if flow["payout_no"]]


def parcels_agree(parcels: list[dict[str, Any]], rows: list[dict[str, Any]], now: datetime) -> None:
    """Each parcel once, picked up and delivered when the world says, in UTC, and nothing that is still to come."""

    def at(moment: datetime | None) -> str | None:
        return None if moment is None or moment > now else (moment - timedelta(hours=8)).replace(tzinfo=UTC).isoformat()

    assert {parcel["waybill_no"]: (at(parcel["picked_up_at"]), at(parcel["delivered_at"])) for parcel in parcels} == {
        row["waybill_no"]: (row["picked_up_at"], row["delivered_at"]) for row in rows
    }
    assert len(parcels) == len(rows)
    assert all(row["last_scan_at"] >= (row["delivered_at"] or row["picked_up_at"]) for row in rows)
    assert {None} == {row["returned_at"] for row in rows}
