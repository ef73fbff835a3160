"""Makes the landing assets: one per connection and stream, and one for our own tables.

What fetching and archiving mean is decided in the rooms below; here they are called and reported.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import dagster as dg

from connectors.core.protocol import Source, Stream
from connectors.core.registry import source_named
from orchestration.landing import LandingReport
from orchestration.lib.clock import EXPLICIT_TAG, machine_now
from orchestration.lib.day import Day
from orchestration.lib.keys import ARRIVED, OWNERS, RULES, SETTINGS, landing_key
from orchestration.lib.numbers import numbers_for
from orchestration.lib.partitions import days_of, fresh_by_noon
from orchestration.settings import ConnectionSettings, Settings

RESULT = dg.MaterializeResult[Any] | dg.AssetCheckResult


def landing_assets(settings: Settings, days: dg.PartitionsDefinition[str]) -> Sequence[dg.AssetsDefinition]:
    """All landing assets of the configured connections, and the one of our own tables."""
    return [
        own_tables_asset(days),
        *[
            landing_asset(connection, source, stream, days)
            for connection in settings.connections
            for source in (source_named(connection.source),)
            for stream in source.streams
        ],
    ]


def landing_asset(
    connection: ConnectionSettings, source: Source, stream: Stream, days: dg.PartitionsDefinition[str]
) -> dg.AssetsDefinition:
    """Fetches one stream of one connection into the archive; never fails for its source's sake."""
    key = landing_key(connection.name, stream.name)

    @dg.asset(
        key=key,
        partitions_def=days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name="landing",
        kinds={"python", source.name},
        owners=list(OWNERS),
        description=(
            f"{stream.name} of connection {connection.name} ({source.name}), as received: archived by digest, "
            "one manifest entry per answer. A day that did not come is an entry too."
        ),
        freshness_policy=(
            fresh_by_noon(connection.timezone) if connection.expect == "daily" and not connection.sandboxed else None
        ),
        check_specs=[
            dg.AssetCheckSpec(
                ARRIVED,
                asset=key,
                blocking=False,
                description="Every asked day brought something or was empty; what is missing is named.",
            )
        ],
        required_resource_keys={"day"},
    )
    def land(context: dg.AssetExecutionContext) -> Iterator[RESULT]:
        day: Day = context.resources.day
        first, last = days_of(context)
        report = day.archive.land(
            connection,
            source,
            stream,
            first,
            last,
            replace(day.resolve(connection), numbers=numbers_for(day.settings, connection, stream, day.today)),
            day.tools,
            as_of=day.as_of,
            explicit=EXPLICIT_TAG in context.run.tags,
        )
        day.progress.advance("landing", f"{connection.name}/{stream.name}")
        yield dg.MaterializeResult(metadata={"window": f"{first} – {last}", **_landed(report)})
        yield _arrived(report)

    return land


def own_tables_asset(days: dg.PartitionsDefinition[str]) -> dg.AssetsDefinition:
    """Lands rule tables and settings like any source: SQL knows them only from the archive."""

    @dg.multi_asset(
        name="landing__own_tables",
        specs=[
            dg.AssetSpec(key, description=text, group_name="landing", kinds={"python"}, owners=list(OWNERS))
            for key, text in (
                (RULES, "The rule tables in force, archived when they change."),
                (SETTINGS, "Entities, stores, accounts, connections and parameters, archived when they change."),
            )
        ],
        partitions_def=days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        required_resource_keys={"day"},
    )
    def land(context: dg.AssetExecutionContext) -> Iterator[RESULT]:
        day: Day = context.resources.day
        report = day.archive.land_tables(day.settings, day.today, machine_now())
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


def _arrived(report: LandingReport) -> dg.AssetCheckResult:
    missing = [entry for entry in report.entries if entry.status == "missing"]
    return dg.AssetCheckResult(
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
