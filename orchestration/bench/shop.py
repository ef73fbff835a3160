"""A shop of any size for the benchmarks: orders and payments as a merchant would export them, every class in it."""

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
import requests

from connectors.core.protocol import Tools
from connectors.core.registry import source_named
from orchestration.landing import Archive
from orchestration.settings import Settings, load

DAY: Final = date(2026, 9, 26)
AS_OF: Final = datetime(2026, 9, 27, 2, 30, tzinfo=UTC)
SETTINGS: Final = """\
data_dir = "data"
start_date = 2026-09-26

[[entity]]
code = "HQ"
name = "HQ"

[[store]]
code = "own_shop"
entity = "HQ"
platform = "own_site"
money = "channel"
payments = ["till"]

[[account]]
code = "till"
entity = "HQ"
kind = "channel"
platform = "wechatpay"
currency = "CNY"

[[connection]]
name = "export"
source = "files"
path = "inbox"
store = "own_shop"
account = "till"
"""
ORDERS: Final = """
    select 'A' || lpad(n::varchar, 17, '0') as order_no, 'paid' as status,
        timestamp '2026-09-26 00:00:00' - interval 1 day * (n // {per_day}) + interval 1 second * (n % 80000)
            as ordered_at,
        ordered_at + interval 60 second as paid_at,
        (100 + n % 90000) * 0.01::decimal(18, 2) as goods_amount, goods_amount as buyer_paid,
        'P' || lpad(n::varchar, 20, '0') as merchant_pay_no
    from range({first}, {first} + {rows}) as numbers (n)
"""
PAYMENTS: Final = """
    select 'T' || lpad(n::varchar, 20, '0') || copy as transaction_no, 'payment' as type, 'succeeded' as status,
        ((100 + n % 90000) * 0.01 + case when n % 997 = 0 then 0.01 else 0 end)::decimal(18, 2) as amount,
        'P' || lpad((case when n % 991 = 0 then n + 1000000000 else n end)::varchar, 20, '0') as merchant_pay_no,
        timestamp '2026-09-26 00:01:00' - interval 1 day * (n // {per_day}) + interval 1 second * (n % 80000)
            as occurred_at
    from range({first}, {first} + {rows}) as numbers (n),
        range(case when n % 983 = 0 then 2 else 1 end) as copies (copy)
"""


@contextmanager
def shop(rows: int) -> Iterator[tuple[Settings, Path]]:
    """A folder with settings and an inbox that holds one day; gone at the end."""
    with merchant(SETTINGS, days_of(0, rows, rows)) as found:
        yield found


def days_of(first: int, rows: int, per_day: int) -> Mapping[str, str]:
    """Orders and payments by SQL: so many, so many a day, the order numbered 0 on the newest day."""
    numbers = {"first": first, "rows": rows, "per_day": per_day}
    return {"orders": ORDERS.format(**numbers), "payments": PAYMENTS.format(**numbers)}


@contextmanager
def merchant(settings: str, streams: Mapping[str, str]) -> Iterator[tuple[Settings, Path]]:
    """A folder with these settings, and in its inbox one file per stream, made by SQL; gone at the end."""
    with TemporaryDirectory(prefix="tieout-bench-") as name:
        folder = Path(name)
        (folder / "inbox").mkdir()
        (folder / "tieout.toml").write_text(settings, encoding="utf-8")
        deliver(folder, streams)
        yield load(folder / "tieout.toml"), folder


def deliver(folder: Path, streams: Mapping[str, str], name: str = "") -> None:
    """One file per stream into the inbox, made by SQL."""
    with duckdb.connect() as connection:
        for stream, sql in streams.items():
            target = folder / "inbox" / f"{stream}{name}.csv"
            connection.execute(f"copy ({sql}) to '{target}' (header, delimiter ',')")


def landed(settings: Settings, now: datetime = AS_OF) -> Archive:
    """Everything in the inbox that is not archived yet, received at a moment."""
    archive, day = Archive(settings.data_dir), now.date() - timedelta(days=1)
    archive.land_tables(settings, day, now)
    tools = Tools(requests.Session(), lambda: now, time.sleep, random.Random(0))  # noqa: S311 - no secret
    for connection in settings.connections:
        source = source_named(connection.source)
        for stream in source.streams:
            archive.land(connection, source, stream, day, day, connection.resolve({}, None), tools, as_of=now)
    return archive
