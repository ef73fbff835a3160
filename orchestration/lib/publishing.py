"""Makes the publish asset: the structural gate, the snapshot, the report. Nothing half-built passes."""

from collections.abc import Mapping
from typing import Any, Final

import dagster as dg

from orchestration.decisions import rules_that_count
from orchestration.lib.clock import machine_now
from orchestration.lib.day import Day
from orchestration.lib.keys import OWNERS, POOL, PUBLISH
from orchestration.lib.partitions import days_of, fresh_by_noon
from orchestration.reports.figures import Figures, read_figures
from orchestration.reports.markdown import RunLine, share
from orchestration.reports.pack import Pack, links, write_pack
from orchestration.settings import Settings
from orchestration.warehouse import Closed, PublishReport, RunFacts, close_threads, gate, publish
from orchestration.warehouse.heads import read_heads

SHOWN_RESIDUALS: Final = 5
INCOMPLETE: Final = """
    select distinct business_date::varchar || ' ' || coalesce(account, store, connection, '') || ' ' || code as place
    from marts.exceptions where code in ('E001', 'E002') and status not in ('timing', 'cleared') order by place
"""
UNRECONCILED: Final = """
    select distinct day::varchar || ' ' || coalesce(account, store, '') || ' ' || control as place
    from marts.daily_reconciliation where status = 'incomplete' order by place
"""


def publish_asset(
    settings: Settings, manifest: Mapping[str, Any], days: dg.PartitionsDefinition[str]
) -> dg.AssetsDefinition:
    """Depends on every published model; blocking checks of theirs keep it from running."""
    marts = [
        dg.AssetKey([node["schema"], node["name"]])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    ]

    @dg.asset(
        key=PUBLISH,
        deps=sorted(marts),
        partitions_def=days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name="publish",
        kinds={"duckdb", "parquet"},
        owners=list(OWNERS),
        freshness_policy=None if settings.sandbox else fresh_by_noon(settings.timezone),
        pool=POOL,
        required_resource_keys={"day"},
        description=(
            "The snapshot that readers open, its Parquet copy, the run's entry in the ledger, and its report: a page, "
            "workbooks and Markdown. Written after the gate: a stage that lost or made money publishes nothing."
        ),
    )
    def snapshot(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        day: Day = context.resources.day
        day.progress.begin("publish")
        check_gate(day)
        closed = close_threads(day.settings, manifest)
        first, last = days_of(context)
        report = publish(
            day.settings,
            RunFacts(
                run_id=day.run_id,
                as_of=day.as_of,
                first_day=first,
                last_day=last,
                started_at=day.started_at,
                finished_at=machine_now(),
                incomplete=incomplete_places(day),
                unapproved=unapproved_rows(day),
            ),
        )
        figures = read_figures(report.path)
        line = RunLine(day.run_id, day.as_of, first, last, report.path, read_heads(day.settings.data_dir))
        pack = write_pack(day.settings, line, figures)
        for name, reason in pack.failed.items():
            context.log.error("the run is published, but its %s could not be written: %s", name, reason)
        day.progress.end("publish")
        return dg.MaterializeResult(metadata={**report_facts(pack), **facts(report, figures, closed)})

    return snapshot


def report_facts(pack: Pack) -> Mapping[str, dg.MetadataValue]:
    """Where the report's files are, and which could not be written."""
    written = {name: dg.MetadataValue.path(str(path)) for name, path in links(pack).items()}
    page = pack.files.get("page")
    told = {"open the page": dg.MetadataValue.url(page.absolute().as_uri())} if page else {}
    failed = "; ".join(f"{name}: {reason}" for name, reason in pack.failed.items())
    return {**told, **written, **({"not written": dg.MetadataValue.text(failed)} if failed else {})}


def check_gate(day: Day) -> None:
    """Fails the run when a stage of ours does not conserve; another try would not change that."""
    residuals = gate(day.settings)
    if residuals:
        shown = "; ".join(str(residual) for residual in residuals[:SHOWN_RESIDUALS])
        raise dg.Failure(f"nothing is published, {len(residuals)} residuals: {shown}", allow_retries=False)


def incomplete_places(day: Day) -> tuple[str, ...]:
    """Account-days that contradict themselves or are missing."""
    present = {row["name"] for row in day.warehouse.read("select table_name as name from duckdb_tables()")}
    places: list[str] = []
    for table, sql in (("exceptions", INCOMPLETE), ("daily_reconciliation", UNRECONCILED)):
        if table in present:
            places += [row["place"] for row in day.warehouse.read(sql) if row["place"]]
    return tuple(places)


def unapproved_rows(day: Day) -> tuple[str, ...]:
    """Rows of rule tables that differ from what two people approved, and tables that nobody has approved yet."""
    rules = rules_that_count(day.archive, day.settings, archived=True)
    first = (f"{table}: counts as it was first received, approved by nobody" for table in rules.unconfirmed)
    return (*rules.unapproved, *first)


def facts(report: PublishReport, figures: Figures, closed: Closed) -> Mapping[str, dg.MetadataValue]:
    """What one publication means, for the UI."""
    rates = {f"{rate.level} matched": f"{share(rate.by_count)} / {share(rate.by_money)}" for rate in figures.rates}
    return {
        "snapshot": dg.MetadataValue.path(str(report.path)),
        "changed tables": dg.MetadataValue.text(", ".join(report.changed) or "none"),
        "rows": dg.MetadataValue.json(dict(report.rows)),
        "threads closed": dg.MetadataValue.int(closed.threads),
        "ledger hash": dg.MetadataValue.text(report.hash),
        "open items": dg.MetadataValue.int(figures.open_items),
        "open amount": dg.MetadataValue.text(str(figures.open_amount)),
        "broken": dg.MetadataValue.int(sum(line.items for line in figures.broken)),
        **{name: dg.MetadataValue.text(text) for name, text in rates.items()},
    }
