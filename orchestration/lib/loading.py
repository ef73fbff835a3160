"""Makes the raw assets: one per raw table, loaded in one step because one process may write."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import dagster as dg

from connectors.core.registry import source_named
from orchestration.lib.day import Day
from orchestration.lib.keys import DECISIONS, OWNERS, POOL, RULES, SETTINGS, landing_key, raw_key
from orchestration.settings import Settings
from orchestration.warehouse import LoadReport
from orchestration.warehouse.schema import own_tables

SHARED_TABLES: Final[Mapping[str, str]] = {
    "landed_files": "Every entry of the archive's manifest: what arrived, what did not, and why.",
    "rejected_rows": "Rows that are no record of their file's format, as they came.",
    "statements": "What each file states about itself: balances, counts, sums.",
}


def raw_specs(settings: Settings) -> Sequence[dg.AssetSpec]:
    """One spec per raw table of the configured sources, of our own tables, and of the shared ones."""
    feeds: dict[str, set[dg.AssetKey]] = {}
    for connection in settings.connections:
        for stream in source_named(connection.source).streams:
            for table in stream.tables:
                name = f"{connection.source}__{table}"
                feeds.setdefault(name, set()).add(landing_key(connection.name, stream.name))
    rooms = {key.path[-1]: key for key in (RULES, SETTINGS, DECISIONS)}
    own = {raw.table: rooms[raw.table.partition("__")[0]] for raw in own_tables()}
    everything = {key for keys in feeds.values() for key in keys} | set(rooms.values())
    return [
        *[
            _spec(name, sorted(keys), f"Rows of {name} as delivered, all text, with file and row number.")
            for name, keys in sorted(feeds.items())
        ],
        *[_spec(name, [key], f"Every archived version of {name}.") for name, key in sorted(own.items())],
        *[_spec(name, sorted(everything), text) for name, text in SHARED_TABLES.items()],
    ]


def _spec(name: str, deps: Sequence[dg.AssetKey], text: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        raw_key(name),
        deps=deps,
        description=text,
        group_name="raw",
        kinds={"duckdb"},
        owners=list(OWNERS),
        skippable=True,
        metadata={"dagster/table_name": f"raw.{name}"},
    )


def raw_assets(settings: Settings, days: dg.PartitionsDefinition[str]) -> dg.AssetsDefinition:
    """Loads what is archived and not loaded yet."""

    @dg.multi_asset(
        name="raw",
        specs=list(raw_specs(settings)),
        partitions_def=days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        can_subset=True,
        pool=POOL,
        required_resource_keys={"day"},
    )
    def raw(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        day: Day = context.resources.day
        if day.full_refresh:
            day.warehouse.rebuild()
        day.warehouse.ensure()
        day.progress.end("landing")
        day.progress.begin("loading")
        report = day.warehouse.load(day.archive, progress=lambda name, _: day.progress.advance("loading", name))
        day.progress.end("loading")
        yield from loaded(report, context.selected_asset_keys)

    return raw


def loaded(report: LoadReport, keys: Collection[dg.AssetKey]) -> Iterator[dg.MaterializeResult[Any]]:
    """One result per selected table, with what this run brought into it."""
    for key in sorted(keys):
        yield dg.MaterializeResult(asset_key=key, metadata=_figures(report, key.path[-1]))


def _figures(report: LoadReport, table: str) -> Mapping[str, dg.MetadataValue]:
    brought = report.tables.get(table)
    if brought is None:
        return {"new rows": dg.MetadataValue.int(0)}
    return {
        "new files": dg.MetadataValue.int(brought.files),
        "new rows": dg.MetadataValue.int(brought.rows),
        "rejected rows": dg.MetadataValue.int(brought.rejected),
        "refused files": dg.MetadataValue.int(brought.refused),
        "days": dg.MetadataValue.text(f"{brought.first_day} – {brought.last_day}"),
    }
