"""dbt: from staging to marts, every model an asset and every test a check, built by one start of dbt."""

from collections.abc import Iterator

import dagster as dg
from dagster_dbt import dbt_assets

from orchestration.lib.dbt_run import RESULT, graph_of, run_dbt, selection_of
from orchestration.lib.keys import POOL
from orchestration.lib.translator import HouseTranslator
from orchestration.lib.workspace import days, manifest


@dg.definitions
def dbt() -> dg.Definitions:
    """The dbt project as it is parsed for the configured sources."""
    project = manifest()
    translator = HouseTranslator()
    graph = graph_of(project, translator)

    @dbt_assets(  # type: ignore[untyped-decorator]  # its library is skipped by mypy
        manifest=project,
        name="dbt",
        partitions_def=days(),
        backfill_policy=dg.BackfillPolicy.single_run(),
        dagster_dbt_translator=translator,
        required_resource_keys={"day"},
        pool=POOL,
    )
    def models(context: dg.AssetExecutionContext) -> Iterator[RESULT]:
        yield from run_dbt(context.resources.day, graph, selection_of(context, project, translator))

    return dg.Definitions(assets=[models])
