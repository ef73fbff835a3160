"""Jobs: the day's chain is one job, because it has an order and one writer; proving it again is another."""

import dagster as dg

from orchestration.lib.keys import JOB, PROVING, REBUILT


@dg.definitions
def jobs() -> dg.Definitions:
    """The daily job over everything, and the one that proves what it left out."""
    return dg.Definitions(
        jobs=[
            dg.define_asset_job(
                JOB,
                selection=dg.AssetSelection.all() - dg.AssetSelection.checks(REBUILT),
                description="Pull, archive, load, match, publish: one business day, or a range of them.",
            ),
            dg.define_asset_job(
                PROVING,
                selection=dg.AssetSelection.checks(REBUILT),
                description="Sampled days built again in a copy of the warehouse and compared with what is there.",
            ),
        ]
    )
