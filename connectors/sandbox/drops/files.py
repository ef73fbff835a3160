"""What the merchant's own systems leave: one spreadsheet per stream and day.

Columns are the
canonical names of the import templates; both spreadsheet stores share a file and are told apart by ``store`` and
``platform``. Orders, refunds, shipments and payouts appear again, as the full current record, on each day they changed.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from connectors.sandbox.drops.streams import STREAMS
from connectors.sandbox.market import Market
from connectors.sandbox.world.engine import HORIZON_DAYS

ZIPPED = ("orders", "order_lines", "shipments")


def drop(market: Market, folder: Path, day: date) -> list[Path]:
    """The day's spreadsheets."""
    world = market.world
    world.ensure_flows(day)
    written: list[Path] = []
    for stream, sql in STREAMS.items():
        suffix = "csv.gz" if stream in ZIPPED else "csv"
        path = folder / f"{stream}_{day}.{suffix}"
        temporary = path.with_name(f".{path.name}.part")
        world.run(
            f"copy ({sql.format_map(moments(day))}) to '{temporary}'"
            f" (format csv, header, compression {'gzip' if stream in ZIPPED else 'none'})"
        )
        temporary.replace(path)
        written.append(path)
    return written


def moments(day: date) -> Mapping[str, str]:
    """SQL literals a stream's query is filled with: the day, its end, and how far back its orders may lie."""
    end = datetime(day.year, day.month, day.day) + timedelta(days=1, microseconds=-1)  # noqa: DTZ001 - local time
    return {
        "day": f"date '{day}'",
        "first": f"date '{day - timedelta(days=HORIZON_DAYS)}'",
        "end": f"timestamp '{end}'",
    }
