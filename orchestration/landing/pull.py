"""Asking a source day by day. A source that fails leaves a ``missing`` entry; it never stops the others.

Bills and windows are asked for one local day at a time, so that a day is whole or missing and never half. Folders
are looked through once. Every answer goes into the manifest in one write.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from connectors.core.errors import ConnectorError, NotReadyYet, PermanentError, TransientError
from connectors.core.protocol import Connection, Delivery, Source, Stream, Tools, Window
from orchestration.landing.entry import Entry, Status
from orchestration.settings import ConnectionSettings

if TYPE_CHECKING:
    from orchestration.landing.archive import Archive

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LandingReport:
    """What one landing brought. ``error`` is the last one met; the days it cost are ``missing``."""

    entries: tuple[Entry, ...] = ()
    arrived: int = 0
    nothing: int = 0
    missing: int = 0
    unchanged: int = 0
    bytes: int = 0
    rows: int = 0
    error: ConnectorError | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One stream of one connection, for some days. ``explicit``: the days were asked for by name."""

    settings: ConnectionSettings
    source: Source
    stream: Stream
    first: date
    last: date
    connection: Connection
    tools: Tools
    as_of: datetime | None
    explicit: bool


@dataclass
class _Progress:
    """What has been appended so far, and the error after which asking on is useless."""

    entries: list[Entry] = field(default_factory=list)
    error: ConnectorError | None = None
    hopeless: PermanentError | None = None


def pull(archive: "Archive", request: Request) -> LandingReport:
    """Fetch what ``request`` asks for and archive it; never raises for the source's sake."""
    progress = _Progress()
    if request.stream.day_kind == "drop" or request.connection.path is not None:
        _pull_folder(archive, request, progress)
    else:
        for day in _days(request):
            _pull_day(archive, request, day, progress)
    return _report(progress)


def _days(request: Request) -> Iterator[date]:
    if request.stream.asks:
        # what is asked number by number answers for now, whatever days a run is about
        yield request.last
        return
    day = max(request.first - timedelta(days=request.stream.recheck_days), request.settings.start_date)
    day = min(day, request.first)
    while day <= request.last:
        yield day
        day += ONE_DAY


def _local_window(day: date, request: Request) -> Window:
    zone = request.settings.timezone
    return Window(datetime.combine(day, time(), zone), datetime.combine(day + ONE_DAY, time(), zone))


def ready_from(stream: Stream, day: date, settings: ConnectionSettings) -> datetime:
    """The moment from which the stream's day can be complete."""
    return datetime.combine(day + ONE_DAY, stream.ready_at or time(), settings.timezone)


def _pull_day(archive: "Archive", request: Request, day: date, progress: _Progress) -> None:
    as_of = request.as_of or request.tools.now()
    ready = ready_from(request.stream, day, request.settings)
    window = _local_window(day, request)
    before = request.first > day
    if as_of < ready:
        if request.explicit and not before:
            error = NotReadyYet(f"the day is complete from {ready.isoformat()}; run again after that")
            _append(archive, progress, [_missing(request, day, window, error)])
            progress.error = progress.error or error
        return
    if progress.hopeless is not None:
        if not before:
            _append(archive, progress, [_missing(request, day, window, progress.hopeless)])
        return
    entries: list[Entry] = []
    try:
        for entry in _answer(archive, request, day, window):
            entries.append(entry)  # noqa: PERF402 - what came before an error is kept
    except ConnectorError as error:
        progress.error = error.at(source=request.source.name, stream=request.stream.name, window=window)
        # a day is whole or missing; what is asked number by number makes no day, and each answer stands
        entries = [*(entries if request.stream.asks else ()), _missing(request, day, window, error)]
        if isinstance(error, PermanentError):
            progress.hopeless = error
        if before and _was_answered(archive, request, day):
            return
    _append(archive, progress, entries)


def _was_answered(archive: "Archive", request: Request, day: date) -> bool:
    """A failed second look at a day that we have takes nothing away from it."""
    entries = archive.manifest.of_day(request.settings.name, request.stream.name, day.isoformat())
    return any(entry.status != "missing" for entry in entries)


def _answer(archive: "Archive", request: Request, day: date, window: Window) -> Iterator[Entry]:
    last = _last_answer(archive.manifest.of_day(request.settings.name, request.stream.name, day.isoformat()))
    has_come = False
    for delivery in request.stream.fetch(request.connection, window, request.tools):
        has_come = True
        digest = _store(archive, request, delivery)
        yield _arrived(request, delivery, "unchanged" if digest in last else "arrived", digest)
    if not has_come:
        yield _empty(request, day, window)


def _last_answer(entries: Sequence[Entry]) -> set[str]:
    """The digests of the newest answer for the day: bytes that came back after others did are no repetition."""
    same = [entry for entry in entries if entry.status != "missing"]
    newest = same[-1].pull if same else 0
    return {entry.digest for entry in same if entry.pull == newest and entry.digest}


def _pull_folder(archive: "Archive", request: Request, progress: _Progress) -> None:
    """Take in what lies in the folder and is not archived yet, each file in an answer of its own.

    All days from the start are looked for: a file may arrive late. Bytes that came before under another name are
    noted once and loaded never.
    """
    today = request.tools.now().astimezone(request.settings.timezone).date()
    window = Window(
        datetime.combine(min(request.first, request.settings.start_date), time(), request.settings.timezone),
        datetime.combine(request.last + ONE_DAY, time(), request.settings.timezone),
    )
    mine = [e for e in archive.entries() if (e.connection, e.stream) == (request.settings.name, request.stream.name)]
    known = {(entry.digest, entry.name) for entry in mine if entry.digest}
    digests = {digest for digest, _ in known}
    try:
        for delivery in request.stream.fetch(request.connection, window, request.tools):
            digest = hashlib.sha256(delivery.body).hexdigest()
            if (digest, delivery.name) not in known:
                status: Status = "unchanged" if digest in digests else "arrived"
                known.add((digest, delivery.name))
                digests.add(digest)
                _store(archive, request, delivery)
                _append(archive, progress, [_arrived(request, delivery, status, digest)])
    except ConnectorError as error:
        progress.error = error.at(source=request.source.name, stream=request.stream.name, window=window)
        _append(archive, progress, [_missing(request, today, window, error)])
        return
    came = [entry for entry in (*mine, *progress.entries) if entry.status != "unchanged"]
    if not any(_received_on(entry, request) == today for entry in came):
        _append(archive, progress, [_empty(request, today, window)])


def _received_on(entry: Entry, request: Request) -> date:
    return datetime.fromisoformat(entry.received_at).astimezone(request.settings.timezone).date()


def _store(archive: "Archive", request: Request, delivery: Delivery) -> str:
    return archive.store(
        delivery.body, request.settings.name, request.stream.name, delivery.day, delivery.suffix.lstrip(".")
    )


def _append(archive: "Archive", progress: _Progress, entries: Sequence[Entry]) -> None:
    progress.entries.extend(archive.append(entries))


def _entry(asked: Request, status: Status, day: date, window: Window | None) -> Entry:
    return Entry(
        sequence=0,
        pull=0,
        pull_size=0,
        status=status,
        connection=asked.settings.name,
        source=asked.source.name,
        stream=asked.stream.name,
        day=day.isoformat(),
        window=None if window is None else (window.start.isoformat(), window.end.isoformat()),
        request={},
        name="",
        received_at=asked.tools.now().astimezone(UTC).isoformat(timespec="microseconds"),
        digest=None,
        size=0,
        suffix="",
        stated={},
        error_class=None,
        error_code=None,
        reason=None,
    )


def _arrived(request: Request, delivery: Delivery, status: Status, digest: str) -> Entry:
    return replace(
        _entry(request, status, delivery.day, delivery.window),
        request=dict(delivery.request),
        name=delivery.name,
        digest=digest,
        size=len(delivery.body),
        suffix=delivery.suffix.lstrip("."),
        stated=dict(delivery.stated),
    )


def _empty(request: Request, day: date, window: Window) -> Entry:
    return _entry(request, "nothing", day, window)


def _missing(request: Request, day: date, window: Window, error: ConnectorError) -> Entry:
    kind = "transient" if isinstance(error, TransientError) else "permanent"
    return replace(
        _entry(request, "missing", day, window),
        error_class=type(error).__name__,
        error_code=error.code or kind,
        reason=str(error),
    )


def _report(progress: _Progress) -> LandingReport:
    def count(status: str) -> int:
        return sum(entry.status == status for entry in progress.entries)

    arrived = [entry for entry in progress.entries if entry.status == "arrived"]
    return LandingReport(
        entries=tuple(progress.entries),
        arrived=len(arrived),
        nothing=count("nothing"),
        missing=count("missing"),
        unchanged=count("unchanged"),
        bytes=sum(entry.size for entry in arrived),
        rows=sum(int(entry.stated["rows"]) for entry in arrived if entry.stated.get("rows", "").isdigit()),
        error=progress.error,
    )
