"""What the merchant's own systems and the bank leave in folders: spreadsheets and camt.053 files.

A file of a stream and day D appears whole, by rename, when the world's time reaches D+1 08:00. Columns are the
canonical names of the import templates; both spreadsheet stores share a file and are told apart by ``store`` and
``platform``. Orders, refunds, shipments and payouts appear again, as the full current record, on each day they changed.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from connectors.sandbox import camt
from connectors.sandbox.streams import STREAMS
from connectors.sandbox.world import World
from connectors.sandbox.world.engine import HORIZON_DAYS

READY_HOUR = 8
ZIPPED = ("orders", "order_lines", "shipments")
_MARK = ".sandbox-world"


def newest_day(now: datetime) -> date:
    """The newest day whose files have been dropped at a moment."""
    return (now - timedelta(hours=READY_HOUR)).date() - timedelta(days=1)


def drop(world: World, now: datetime) -> list[Path]:
    """Write the files that are due and not there yet; return what was written."""
    written: list[Path] = []
    last = newest_day(now)
    for name, folder in world.config.drops.items():
        folder.mkdir(parents=True, exist_ok=True)
        is_known = _is_same_world(world, folder)
        day = world.config.first_day
        while day <= last:
            written += (_drop_bank if name == "bank_camt" else _drop_files)(world, folder, day, is_known)
            day += timedelta(days=1)
        (folder / _MARK).write_text(_fingerprint(world), encoding="utf-8")
    return written


def _fingerprint(world: World) -> str:
    config = world.config
    facts = (config.seed, config.first_day, config.last_day, config.orders_per_day, sorted(config.planted))
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _is_same_world(world: World, folder: Path) -> bool:
    mark = folder / _MARK
    return mark.exists() and mark.read_text(encoding="utf-8") == _fingerprint(world)


def _drop_bank(world: World, folder: Path, day: date, is_known: bool) -> list[Path]:
    path = folder / f"camt053_{day}.xml"
    if is_known and path.exists():
        return []
    world.ensure_flows(day)
    return [_placed(path, camt.statement(world, day))]


def _drop_files(world: World, folder: Path, day: date, is_known: bool) -> list[Path]:
    written: list[Path] = []
    for stream, sql in STREAMS.items():
        suffix = "csv.gz" if stream in ZIPPED else "csv"
        path = folder / f"{stream}_{day}.{suffix}"
        if is_known and path.exists():
            continue
        world.ensure_flows(day)
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


def _placed(path: Path, body: bytes) -> Path:
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_bytes(body)
    temporary.replace(path)
    return path
