"""``tieout export statement``: per store and account and period, as published now or as it was known on a day."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from orchestration.cli.edge import DONE, UsageError
from orchestration.cli.export import free_name, language_of
from orchestration.cli.snapshot import opened
from orchestration.settings import Settings, load
from orchestration.settings.labels import labels
from orchestration.warehouse.ledger import LedgerEntry, read_ledger
from orchestration.warehouse.statements import Made, NoStatements, Range, has, newest_month


@dataclass(frozen=True, slots=True)
class Asked:
    """The options as they were typed."""

    first: str | None
    last: str | None
    known_on: str | None
    language: str | None
    output: Path | None


def export_statement(config: Path, asked: Asked) -> int:
    """Writes the workbook; says where it is and how much is in it."""
    from orchestration.cli.run import parse_day
    from orchestration.reports.statement import write_statement

    settings = load(config)
    first, last = parse_day("--from", asked.first), parse_day("--to", asked.last)
    known_on = parse_day("--known-on", asked.known_on)
    language = language_of(settings, asked.language)
    if asked.output is not None and asked.output.suffix.lower() != ".xlsx":
        raise UsageError(f"--output {asked.output}: a statement is an .xlsx file; give it that ending")
    with opened(settings.data_dir, settings.timezone.key, fenced=False) as snapshot:
        try:
            days = range_of(newest_month(snapshot), first, last)
        except NoStatements as error:
            raise UsageError(str(error)) from error
        made = origin(snapshot, settings, read_ledger(settings.data_dir)[-1])
        name = f"statement-{days.first}-{days.last}-{language}" + (f"-known-{known_on}" if known_on else "")
        path = asked.output or free_name(settings, name)
        content = now(snapshot, made, days) if known_on is None else then(settings, snapshot, (made, days), known_on)
        try:
            write_statement(path, content, labels(language))
        except OSError as error:
            place = error.filename or path
            raise UsageError(f"--output {place}: cannot be written ({error.strerror}); choose another") from error
    changed = "" if content.bridge is None else f", {len(content.bridge)} lines have changed since"
    sys.stdout.write(f"{len(content.statements)} statements, {len(content.lines)} lines{changed}: {path}\n")
    return DONE


def range_of(default: Range, first: date | None, last: date | None) -> Range:
    """As asked; an end that is missing is that of the newest month, or of the month of the end that is given."""
    if first and last and last < first:
        raise UsageError(f"--to {last} is before --from {first}")
    if first and not last:
        last = max(first, default.last)
    if last and not first:
        first = last.replace(day=1)
    return Range(first or default.first, last or default.last)


def now(snapshot: duckdb.DuckDBPyConnection, made: Made, days: Range) -> Any:
    """What is published."""
    from orchestration.reports.statement import MOST_LINES, Content
    from orchestration.warehouse import statements as data

    if (count := data.count_lines(snapshot, days)) > MOST_LINES:
        raise UsageError(f"{count} lines are more than one workbook takes ({MOST_LINES}): narrow --from and --to")
    return Content(
        made,
        days,
        data.statements(snapshot, days),
        data.lines(snapshot, days),
        data.banks(snapshot, days),
    )


def then(settings: Settings, snapshot: duckdb.DuckDBPyConnection, current: tuple[Made, Range], known_on: date) -> Any:
    """What the newest run until that day published, made once more from what it had, and the bridge to now."""
    from orchestration.warehouse.bridge import attach_past, bridge

    made, days = current
    with as_known(settings, known_on) as (path, entry):
        from orchestration.warehouse.connect import connect

        with connect(path, read_only=True) as past:
            content = now(past, origin(past, settings, entry), days)
        attach_past(snapshot, str(path))
        try:
            newest = read_ledger(settings.data_dir)[-1]
            lines = bridge(snapshot, days, is_other_rules=newest.rules_version != entry.rules_version)
        finally:
            snapshot.execute("detach past")
    return replace(content, bridge=lines, now=made)


@contextmanager
def as_known(settings: Settings, known_on: date) -> Iterator[tuple[Path, LedgerEntry]]:
    """The warehouse of the last run whose business clock shows that day or an earlier one; gone at the end."""
    from orchestration.warehouse import Warehouse, replayed

    entry = entry_of(settings, known_on)
    moment = datetime.fromisoformat(entry.as_of)
    with replayed(settings, moment, entries=int(entry.inputs["archive_sequence"]), name="known") as shadow:
        yield Warehouse(shadow).path, entry


def entry_of(settings: Settings, known_on: date) -> LedgerEntry:
    """The run ledger's last entry until the end of that day."""
    entries = read_ledger(settings.data_dir)
    days = [datetime.fromisoformat(entry.as_of).astimezone(settings.timezone).date() for entry in entries]
    known = [entry for entry, day in zip(entries, days, strict=True) if day <= known_on]
    if not known:
        first = f"the first run was as of {min(days)}" if days else "there was no run yet"
        raise UsageError(f"--known-on {known_on}: nothing was published by then; {first}")
    return known[-1]


def origin(connection: duckdb.DuckDBPyConnection, settings: Settings, entry: LedgerEntry) -> Made:
    """Which run the tables are of, and the last word of the decisions in it."""
    last = "select chain_hash from marts.decisions order by coalesce(checked_at, made_at) desc limit 1"
    head = connection.execute(last).fetchall() if has(connection, None, "decisions") else []
    as_of = datetime.fromisoformat(entry.as_of).astimezone(settings.timezone).replace(tzinfo=None)
    return Made(entry.run_id, as_of, entry.hash, str(head[0][0]) if head else "")
