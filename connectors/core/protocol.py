"""The facts a connector states and the values that pass between it and the rooms above.

Only frozen facts belong here; whatever acts (transport, paging, parsing) lives in its own module.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

import requests

DayKind = Literal["window", "bill", "drop"]


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of time; both ends carry a zone."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the merchant's own that a source can be asked about: a waybill with its carrier, a payment."""

    value: str
    carrier: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """One configured way into a source, resolved from the settings. Credentials never show in its repr."""

    name: str
    source: str
    base_url: str | None
    credentials: Mapping[str, str] = field(repr=False)
    path: Path | None
    timezone: ZoneInfo
    currency: str
    account: str | None
    store: str | None
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    numbers: tuple[Number, ...] = ()
    """What a stream that ``asks`` has to ask about, by value; empty for all others."""


@dataclass(frozen=True, slots=True)
class Tools:
    """Everything with a side effect comes in as an argument."""

    session: requests.Session
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    random: random.Random


@dataclass(frozen=True, slots=True)
class Statement:
    """What one statement, page or bill says about itself, in the JSON keys of the contract.

    Amounts and balances are decimal text; balances are signed. ``stated_…`` is what the file says, the
    other three are counted from its rows. None where the file is silent.
    """

    account: str | None
    currency: str | None
    statement_no: str | None
    day: str | None
    opening_balance: str | None
    closing_balance: str | None
    row_count: int
    in_sum: str
    out_sum: str
    stated_row_count: int | None
    stated_in_sum: str | None
    stated_out_sum: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to archive: ``body`` holds the bytes exactly as received, ``request`` holds no secret."""

    body: bytes
    suffix: str
    day: date
    window: Window | None
    request: Mapping[str, str]
    name: str = ""
    stated: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """How one canonical column is made from the columns of a file.

    Either ``const``, or ``columns`` joined by ``join``; then ``map`` replaces whole values, ``format`` reads
    a time (strptime letters), ``scale`` multiplies an amount.
    """

    columns: tuple[str, ...] = ()
    const: str | None = None
    join: str = ""
    map: Mapping[str, str] | None = None
    format: str | None = None
    scale: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of an archived file that can be loaded set-wise.

    csv: UTF-8, RFC 4180 quotes, ``columns`` name its cells in file order; a name that is no column of the
    stream's table is an unknown field and is kept beside the record. json: the page itself, ``items`` is the
    path of the list; ``lines`` means one JSON document per line and ``items`` is the path of the one record
    inside each.
    """

    table: str
    kind: Literal["csv", "json"]
    path: Path
    columns: tuple[str, ...]
    first_row: int
    items: str = ""
    rules: Mapping[str, ColumnRule] = field(default_factory=dict)
    lines: bool = False
    skip: int = 1
    """csv: leading lines that are no data (the heading included)."""
    delimiter: str = ","
    line_column: str = ""
    """csv: a column that carries the source line, where ``first_row`` + position would be wrong."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file made ready for loading.

    ``refused`` means that nothing of it is loaded, and why; ``statements`` then only show what it says.
    """

    parts: tuple[Part, ...] = ()
    statements: tuple[Statement, ...] = ()
    refused: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that a reader may not use, for ``tieout inspect``."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Canonical:
    """Records in the names of the contract's streams, and the rows that cannot become one."""

    streams: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    quarantine: tuple[Reject, ...] = ()


class Fetch(Protocol):
    """Yields what the source holds for a window; raises ConnectorError; no delivery means nothing arrived."""

    def __call__(self, connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
        """Lazily: a delivery is archived before the next one is asked for."""
        ...


class Unpack(Protocol):
    """Turns an archived file into loadable parts below ``workdir``; ``name`` is the file's original name."""

    def __call__(self, path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
        """Pure: the same bytes give the same parts."""
        ...


class Canonicalise(Protocol):
    """Reads unpacked parts row by row for ``tieout inspect``; loading never uses it."""

    def __call__(self, unpacked: Unpacked, connection: Connection) -> Canonical:
        """Each record carries ``statement``, the index into ``unpacked.statements``."""
        ...


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of record of a source.

    ``tables``: raw table name → its columns (``("record",)`` for JSON). ``ready_at``: local clock time on the
    day after, from which that day can be complete. ``recheck_days``: bills are asked for again for that many
    days before the window, so that a restatement is noticed. ``reads``: whether a file is one of this stream,
    None where the stream comes from an API only.
    """

    name: str
    day_kind: DayKind
    tables: Mapping[str, tuple[str, ...]]
    fetch: Fetch
    unpack: Unpack
    canonical: Canonicalise
    ready_at: time | None = None
    recheck_days: int = 0
    reads: Callable[[Path], bool] | None = None
    asks: Literal["", "waybills", "payments"] = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A connector: what it needs, where it may go, what it brings."""

    name: str
    platform: str
    default_expect: Literal["daily", "weekly", "monthly", "none"]
    credentials: tuple[str, ...]
    optional_credentials: tuple[str, ...]
    hosts: tuple[str, ...]
    streams: tuple[Stream, ...]
    recognises: Callable[[Path], bool]
    account_kind: Literal["channel", "wallet", "bank", "deposit", "ads"] | None = None
