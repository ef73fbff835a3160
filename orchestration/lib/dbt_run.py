"""One dbt build as Dagster events: models become materializations, tests become check results.

dbt is started once per run, in this process; a subprocess would cost all imports again. The events are yielded
when the build is over, with row counts that are exact because nothing writes any more.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import dagster as dg
from dagster_dbt.asset_utils import get_subset_selection_for_context

from orchestration.lib.day import Day
from orchestration.lib.translator import REFABLE, HouseTranslator, checks_by_test, keys_by_node
from orchestration.warehouse import BuildReport, NodeResult, build

RESULT = dg.MaterializeResult[Any] | dg.AssetCheckResult
SHOWN_ERRORS: Final = 5
BUILT: Final = frozenset({"success", "pass"})
RAN: Final = frozenset({"pass", "warn", "fail", "error"})
ROW_COUNTS: Final = """
    select schema_name as schema, table_name as name, estimated_size as rows from duckdb_tables() where not internal
"""


@dataclass(frozen=True, slots=True)
class Graph:
    """Which asset or check each dbt node belongs to, and which tests only warn."""

    assets: Mapping[str, dg.AssetKey]
    checks: Mapping[str, dg.AssetCheckKey]
    warns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Selection:
    """What of the graph this step was asked for."""

    assets: Collection[dg.AssetKey]
    checks: Collection[dg.AssetCheckKey]
    dbt: Sequence[str] = ()


def graph_of(manifest: Mapping[str, Any], translator: HouseTranslator) -> Graph:
    """Looked up once, when definitions load."""
    return Graph(
        assets=keys_by_node(manifest),
        checks=checks_by_test(manifest, translator),
        warns=frozenset(
            unique_id
            for unique_id, node in manifest["nodes"].items()
            if node["resource_type"] == "test" and str(node["config"].get("severity", "error")).lower() == "warn"
        ),
    )


def selection_of(
    context: dg.AssetExecutionContext, manifest: Mapping[str, Any], translator: HouseTranslator
) -> Selection:
    """The whole graph needs no selection; part of it is named node by node."""
    arguments, _ = get_subset_selection_for_context(
        context=context,
        manifest=manifest,
        select=None,
        exclude=None,
        selector=None,
        dagster_dbt_translator=translator,
        current_dbt_indirect_selection_env=None,
    )
    names = [name for argument in arguments if argument != "--select" for name in argument.split()]
    return Selection(context.selected_asset_keys, context.selected_asset_check_keys, tuple(names))


def run_dbt(day: Day, graph: Graph, selection: Selection) -> Iterator[RESULT]:
    """Builds, reports every node, and fails the step when one of our own promises broke."""
    day.progress.begin("models", len(graph.assets))
    report = build(
        day.settings,
        day.warehouse.variables(day.as_of, day.run_id, full_refresh=day.full_refresh),
        selection.dbt,
        full_refresh=day.full_refresh,
        on_event=lambda event: _follow(day, event),
    )
    day.progress.end("models")
    counts = row_counts(day)
    for node in report.nodes:
        yield from results_of(node, graph, selection, counts)
    if not report.success:
        raise dg.Failure(description=_why(report), allow_retries=False)


def results_of(
    node: NodeResult, graph: Graph, selection: Selection, counts: Mapping[dg.AssetKey, int]
) -> Iterator[RESULT]:
    """What one finished dbt node means to Dagster; skipped nodes mean nothing."""
    key = graph.assets.get(node.unique_id)
    if key is not None and key in selection.assets and node.status in BUILT:
        rows = {"dagster/row_count": counts[key]} if key in counts else {}
        yield dg.MaterializeResult(asset_key=key, metadata={**rows, "seconds": round(node.seconds, 3)})
    check = graph.checks.get(node.unique_id)
    if check is not None and check in selection.checks and node.status in RAN:
        warns = node.unique_id in graph.warns
        yield dg.AssetCheckResult(
            asset_key=check.asset_key,
            check_name=check.name,
            passed=node.status == "pass",
            severity=dg.AssetCheckSeverity.WARN if warns else dg.AssetCheckSeverity.ERROR,
            description=node.message or None,
            metadata={"failing rows": node.failures or 0},
        )


def row_counts(day: Day) -> Mapping[dg.AssetKey, int]:
    """Rows of every table, from the catalog."""
    return {dg.AssetKey([row["schema"], row["name"]]): int(row["rows"]) for row in day.warehouse.read(ROW_COUNTS)}


def _follow(day: Day, event: Any) -> None:
    """Events of dbt drive the progress bar; the results come with the report."""
    if event.info.name == "NodeFinished" and event.data.node_info.resource_type in REFABLE:
        day.progress.advance("models", event.data.node_info.node_name)


def _why(report: BuildReport) -> str:
    broken = [f"{node.unique_id}: {node.message}" for node in report.nodes if node.status in {"error", "fail"}]
    shown = "; ".join([*report.errors, *broken][:SHOWN_ERRORS])
    return f"dbt build ended red, nothing is published: {shown or 'no node says why; see dbt.log'}"
