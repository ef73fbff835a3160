"""Makes the landing assets: one per connection and stream, and one for our own tables.

What fetching and archiving mean is decided in the rooms below; here they are called and reported.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from queue import SimpleQueue
from typing import Any, Final

import dagster as dg
import requests

from connectors.core.protocol import Source, Stream
from connectors.core.registry import source_named
from orchestration.decisions import land_events, rules_that_count
from orchestration.decisions.inbox import take_inbox
from orchestration.landing import LandingReport
from orchestration.lib.clock import EXPLICIT_TAG, machine_now
from orchestration.lib.day import Day
from orchestration.lib.keys import ARRIVED, DECISIONS, OWNERS, RULES, SETTINGS, landing_key
from orchestration.lib.numbers import numbers_for
from orchestration.lib.partitions import days_of, fresh_by_noon
from orchestration.settings import ConnectionSettings, Settings

RESULT = dg.MaterializeResult[Any] | dg.AssetCheckResult
AT_ONCE: Final = 8
"""Connections asked at the same time: they wait for their sources, not for this machine."""


@dataclass(frozen=True, slots=True)
class Place:
    """One stream of one connection."""

    connection: ConnectionSettings
    source: Source
    stream: Stream


def landing_assets(settings: Settings, days: dg.PartitionsDefinition[str]) -> Sequence[dg.AssetsDefinition]:
    """All landing assets of the configured connections, and the one of our own tables."""
    return [own_tables_asset(days), streams_asset(settings, days)]


def streams_asset(settings: Settings, days: dg.PartitionsDefinition[str]) -> dg.AssetsDefinition:
    """One asset per connection and stream, landed in one step: connections side by side, each in its own order.

    It never fails for a source's sake, and one source that is slow or gone holds up no other.
    """
    places = {
        landing_key(connection.name, stream.name): Place(connection, source, stream)
        for connection in settings.connections
        for source in (source_named(connection.source),)
        for stream in source.streams
    }

    @dg.multi_asset(
        name="landing__streams",
        specs=[_spec(key, place) for key, place in places.items()],
        check_specs=[
            dg.AssetCheckSpec(
                ARRIVED,
                asset=key,
                blocking=False,
                description="Every asked day brought something or was empty; what is missing is named.",
            )
            for key in places
        ],
        can_subset=True,
        partitions_def=days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        required_resource_keys={"day"},
    )
    def land(context: dg.AssetExecutionContext) -> Iterator[RESULT]:
        day: Day = context.resources.day
        first, last = days_of(context)
        asked = {key: place for key, place in places.items() if key in context.selected_asset_keys}
        ask = partial(_pulled, day, first, last, explicit=EXPLICIT_TAG in context.run.tags)
        for key, report in side_by_side(asked, ask):
            day.progress.advance("landing", f"{places[key].connection.name}/{places[key].stream.name}")
            yield dg.MaterializeResult(asset_key=key, metadata={"window": f"{first} – {last}", **_landed(report)})
            yield _arrived(key, report)

    return land


def side_by_side(
    asked: Mapping[dg.AssetKey, Place], ask: Callable[[Place], LandingReport]
) -> Iterator[tuple[dg.AssetKey, LandingReport]]:
    """Each connection in a thread of its own, its streams in order; yields what is done as it is done.

    What is broken on our side (disk, archive) is raised once the threads that run have ended.
    """
    done: SimpleQueue[tuple[dg.AssetKey, LandingReport | BaseException]] = SimpleQueue()

    def land_all(mine: Sequence[tuple[dg.AssetKey, Place]]) -> None:
        for key, place in mine:
            try:
                done.put((key, ask(place)))
            except BaseException as error:  # noqa: BLE001 - handed over to the thread that waits
                done.put((key, error))

    connections: dict[str, list[tuple[dg.AssetKey, Place]]] = {}
    for key, place in asked.items():
        connections.setdefault(place.connection.name, []).append((key, place))
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="landing") as threads:
        for mine in connections.values():
            threads.submit(land_all, mine)
        for _ in asked:
            key, outcome = done.get()
            if isinstance(outcome, BaseException):
                threads.shutdown(cancel_futures=True)
                raise outcome
            yield key, outcome


def _pulled(day: Day, first: date, last: date, place: Place, *, explicit: bool) -> LandingReport:
    connection = place.connection
    with requests.Session() as session:
        return day.archive.land(
            connection,
            place.source,
            place.stream,
            first,
            last,
            replace(day.resolve(connection), numbers=numbers_for(day.settings, connection, place.stream, day.today)),
            replace(day.tools, session=session),
            as_of=day.as_of,
            explicit=explicit,
        )


def _spec(key: dg.AssetKey, place: Place) -> dg.AssetSpec:
    connection, source = place.connection, place.source
    is_watched = connection.expect == "daily" and not connection.sandboxed
    return dg.AssetSpec(
        key,
        group_name="landing",
        kinds={"python", source.name},
        owners=list(OWNERS),
        description=(
            f"{place.stream.name} of connection {connection.name} ({source.name}), as received: archived by digest, "
            "one manifest entry per answer. A day that did not come is an entry too."
        ),
        freshness_policy=fresh_by_noon(connection.timezone) if is_watched else None,
    )


def own_tables_asset(days: dg.PartitionsDefinition[str]) -> dg.AssetsDefinition:
    """Lands rule tables, settings and decisions like any source: SQL knows them only from the archive."""

    @dg.multi_asset(
        name="landing__own_tables",
        specs=[
            dg.AssetSpec(key, description=text, group_name="landing", kinds={"python"}, owners=list(OWNERS))
            for key, text in (
                (RULES, "The rule tables in force, archived when they change."),
                (SETTINGS, "Entities, stores, accounts, connections and parameters, archived when they change."),
                (DECISIONS, "What people decided since the last run, chained and signed as it stands in their log."),
            )
        ],
        partitions_def=days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        required_resource_keys={"day"},
    )
    def land(context: dg.AssetExecutionContext) -> Iterator[RESULT]:
        day: Day = context.resources.day
        brought = take_inbox(day.archive, day.settings, day.today, machine_now)
        decided = land_events(day.archive, day.settings, day.today, machine_now())
        rules = rules_that_count(day.archive, day.settings, archived=True)
        report = day.archive.land_tables(day.settings, day.today, machine_now(), rules.tables)
        new = sum(int(entry.stated["rows"]) for entry in decided.entries)
        yield dg.MaterializeResult(asset_key=DECISIONS, metadata={"new events": new, "files of people": len(brought)})
        for key in (RULES, SETTINGS):
            changed = [entry.stream for entry in report.entries if entry.connection == key.path[-1]]
            yield dg.MaterializeResult(asset_key=key, metadata={"changed tables": ", ".join(changed) or "none"})

    return land


def _landed(report: LandingReport) -> Mapping[str, dg.MetadataValue]:
    """What one landing brought, for the UI."""
    digests = [entry.digest for entry in report.entries if entry.digest and entry.status == "arrived"]
    return {
        "arrived": dg.MetadataValue.int(report.arrived),
        "unchanged": dg.MetadataValue.int(report.unchanged),
        "nothing": dg.MetadataValue.int(report.nothing),
        "missing": dg.MetadataValue.int(report.missing),
        "bytes": dg.MetadataValue.int(report.bytes),
        "stated rows": dg.MetadataValue.int(report.rows),
        "digests": dg.MetadataValue.json(digests[:50]),
    }


def _arrived(key: dg.AssetKey, report: LandingReport) -> dg.AssetCheckResult:
    missing = [entry for entry in report.entries if entry.status == "missing"]
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=ARRIVED,
        passed=not missing,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(f"{entry.day}: {entry.reason}" for entry in missing[:5]) or None,
        metadata={
            "missing days": ", ".join(entry.day for entry in missing) or "none",
            "error": missing[-1].error_class or "unknown" if missing else "none",
            "code": missing[-1].error_code or "none" if missing else "none",
        },
    )
