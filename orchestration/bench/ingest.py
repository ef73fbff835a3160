"""Loading what is archived, by the code that a run uses, against a typed ``read_csv`` of the same records."""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import duckdb
import requests

from connectors.core.protocol import Connection, Delivery, Tools, Window
from connectors.core.registry import source_named, stream_named
from orchestration.bench.measure import Cost, Line, Outcome, in_turn, median, timed
from orchestration.bench.shop import AS_OF, DAY, landed, shop
from orchestration.landing import Archive
from orchestration.settings import Settings, load
from orchestration.warehouse import Warehouse

ROUNDS: Final = 3
TYPES: Final = {
    "order_no": "varchar",
    "status": "varchar",
    "ordered_at": "timestamp",
    "paid_at": "timestamp",
    "goods_amount": "decimal(18, 2)",
    "buyer_paid": "decimal(18, 2)",
    "merchant_pay_no": "varchar",
}
PAGE: Final = 100
TAOBAO: Final = """
[[connection]]
name = "tmall"
source = "taobao"
store = "own_shop"
base_url = "http://127.0.0.1:1/taobao"
credentials = { app_key = "env:X", app_secret = "env:X", session = "env:X" }
"""


def run(rows: int) -> Outcome:
    """UTF-8 and GB18030 spreadsheets with file and row number, and JSON pages, each in a fresh warehouse."""
    with shop(rows) as (settings, folder):
        (folder / "inbox" / "payments.csv").unlink()
        orders = folder / "inbox" / "orders.csv"
        floor = typed_read(orders)
        lineage = loading(settings, landed(settings))
        orders.write_bytes(chinese(orders.read_text(encoding="utf-8")))
        elsewhere = replace(settings, data_dir=folder / "gb18030")
        gb18030 = loading(elsewhere, landed(elsewhere))
        pages = json_pages(folder, rows)
    lines = [
        Line("UTF-8 CSV, all text, with file and row", lineage, floor, f"{rows:,} rows; floor: typed read_csv"),
        Line("the same in GB18030", gb18030, floor),
        Line("JSON pages of 100 records", pages, floor, "same number of records"),
    ]
    names = ("lineage_x", "gb18030_x", "json_x")
    return Outcome(lines, {name: line.ratio for name, line in zip(names, lines, strict=True)})


def chinese(text: str) -> bytes:
    """The same records in the other encoding; one Chinese cell makes it one."""
    heading, first, rest = text.split("\n", 2)
    return "\n".join(
        [heading + ",address", first + ",浙江省杭州市", *(f"{line}," for line in rest.splitlines())]
    ).encode("gb18030")


def typed_read(path: Path) -> Cost:
    """A typed table from the same file, written to a database file."""
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in TYPES.items())
    with duckdb.connect(str(path.parent.parent / "floor.duckdb"), config={"threads": 2}) as connection:
        sql = f"create or replace table t as select * from read_csv('{path}', header = true, columns = {{{columns}}})"
        return in_turn({"read": lambda: connection.execute(sql)})["read"]


def loading(settings: Settings, archive: Archive) -> Cost:
    """Loads of the archive into fresh warehouses."""
    warehouse = Warehouse(settings)
    costs = []
    for _ in range(ROUNDS):
        warehouse.rebuild()
        warehouse.ensure()
        costs.append(timed(lambda: warehouse.load(archive)))
    return median(costs)


def json_pages(folder: Path, rows: int) -> Cost:
    """As many records, as pages of Taobao's trade list."""
    config = folder / "pages.toml"
    text = (folder / "tieout.toml").read_text(encoding="utf-8").replace('"data"', '"pages"')
    config.write_text(text + TAOBAO, encoding="utf-8")
    settings = load(config)
    source = source_named("taobao")
    stream = stream_named(source, "trades")

    def fetch(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
        del connection, tools
        for start in range(0, rows, PAGE):
            yield Delivery(page(start, min(PAGE, rows - start)), "json", DAY, window, {})

    archive = Archive(settings.data_dir)
    tools = Tools(requests.Session(), lambda: AS_OF, time.sleep, random.Random(0))  # noqa: S311 - no secret
    connection = settings.connection("tmall")
    resolved = connection.resolve(dict.fromkeys("X", "none"), None)
    report = archive.land(connection, source, replace(stream, fetch=fetch), DAY, DAY, resolved, tools, as_of=AS_OF)
    if report.missing:
        raise RuntimeError(str(report.error))
    return loading(settings, archive)


def page(start: int, size: int) -> bytes:
    """One page as the API sends it."""
    trades = [
        {
            "tid": 4_000_000_000_000_000_000 + number,
            "status": "WAIT_SELLER_SEND_GOODS",
            "created": "2026-09-26 10:00:00",
            "pay_time": "2026-09-26 10:01:00",
            "modified": "2026-09-26 10:01:00",
            "payment": f"{(100 + number % 90_000) // 100}.{number % 100:02d}",
            "type": "fixed",
        }
        for number in range(start, start + size)
    ]
    answer = {"trades": {"trade": trades}, "total_results": size, "has_next": False}
    return json.dumps({"trades_sold_increment_get_response": answer}, separators=(",", ":")).encode()
