"""What ``tieout inspect`` shows: how a file would be read. Nothing is imported and no settings are needed."""

import tempfile
from dataclasses import asdict, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.core.drops import suffix_of
from connectors.core.protocol import Canonical, Connection, Source, Statement, Stream, Unpacked
from connectors.core.registry import NAMES, source_named
from connectors.core.text import money

TIMEZONE = ZoneInfo("Asia/Shanghai")
READ_LAST = "files"
SIDES = {"in": "in", "out": "out", "payment": "in", "refund": "out", "reversal": "out", "chargeback": "out"}


def recognised_source(path: Path) -> Source | None:
    """The connector whose format the content shows; spreadsheets of our own templates are tried last."""
    names = [name for name in NAMES if name != READ_LAST] + [READ_LAST]
    return next((source for source in map(source_named, names) if source.recognises(path)), None)


def inspect_file(path: Path, source_name: str | None = None) -> dict[str, Any]:
    """The contract's JSON for a file: source, verdict, reason, statements, streams, quarantine."""
    source = source_named(source_name) if source_name else recognised_source(path)
    if source is None:
        return _report(
            None,
            Unpacked(refused=f"{path.name} is of no known format; allowed are files of: {', '.join(NAMES)}"),
            Canonical(),
        )
    connection = Connection(
        name="inspect",
        source=source.name,
        base_url=None,
        credentials={},
        path=path.parent,
        timezone=TIMEZONE,
        currency="CNY",
        account=None,
        store=None,
    )
    reading = [stream for stream in source.streams if stream.reads is not None and stream.reads(path)]
    with tempfile.TemporaryDirectory() as workdir:
        unpacked, canonical = _read(path, reading or list(source.streams), Path(workdir), connection)
    if not unpacked.statements and unpacked.refused is None:
        unpacked, canonical = _as_one_statement(unpacked, canonical)
    return _report(source.name, unpacked, canonical)


def _read(path: Path, streams: list[Stream], workdir: Path, connection: Connection) -> tuple[Unpacked, Canonical]:
    """The first stream that takes the file, else the first refusal."""
    refusals: list[Unpacked] = []
    for stream in streams:
        unpacked = stream.unpack(path, suffix_of(path), workdir, connection, path.name)
        if unpacked.refused is None:
            return unpacked, stream.canonical(unpacked, connection)
        refusals.append(unpacked)
    return refusals[0], Canonical()


def _as_one_statement(unpacked: Unpacked, canonical: Canonical) -> tuple[Unpacked, Canonical]:
    """A page or spreadsheet that states nothing about itself counts as one statement, counted from its records."""
    name = next(iter(canonical.streams), "")
    records = canonical.streams.get(name, [])
    sums = {"in": Decimal(), "out": Decimal()}
    for record in records:
        side = SIDES.get(str(record.get("direction") or (record.get("type") if name == "payments" else "")), "")
        if side:
            sums[side] += Decimal(record["amount"])
    only = {key: {record.get(key) for record in records} for key in ("account", "currency")}
    statement = Statement(
        account=only["account"].pop() if len(only["account"]) == 1 else None,
        currency=only["currency"].pop() if len(only["currency"]) == 1 else None,
        statement_no=None,
        day=None,
        opening_balance=None,
        closing_balance=None,
        row_count=len(records),
        in_sum=money(sums["in"]),
        out_sum=money(sums["out"]),
        stated_row_count=None,
        stated_in_sum=None,
        stated_out_sum=None,
    )
    streams = {key: [record | {"statement": 0} for record in found] for key, found in canonical.streams.items()}
    return replace(unpacked, statements=(statement,)), replace(canonical, streams=streams)


def _report(source: str | None, unpacked: Unpacked, canonical: Canonical) -> dict[str, Any]:
    return {
        "source": source,
        "verdict": "refused" if unpacked.refused else "ok",
        "reason": unpacked.refused or "; ".join(unpacked.notes) or None,
        "statements": [asdict(statement) for statement in unpacked.statements],
        "streams": {name: list(records) for name, records in canonical.streams.items()},
        "quarantine": [asdict(reject) for reject in canonical.quarantine],
    }
