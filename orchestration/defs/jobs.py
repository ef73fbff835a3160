"""Jobs: the day's chain is one job, because it has an order and one writer."""

import dagster as dg

from orchestration.lib.keys import JOB


@dg.definitions
def jobs() -> dg.Definitions:
    """The daily job over everything."""
    return dg.Definitions(
        jobs=[
            dg.define_asset_job(
                JOB,
                selection=dg.AssetSelection.all(),
                description="Pull, archive, load, match, publish: one business day, or a range of them.",
            )
        ]
    )
