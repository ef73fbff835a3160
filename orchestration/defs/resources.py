"""Resources: what one run knows, and who watches its progress."""

import dagster as dg

from orchestration.lib.day import day_resource
from orchestration.lib.progress import Silent


@dg.definitions
def resources() -> dg.Definitions:
    """``day`` for every step; ``progress`` is silent unless a command draws it."""
    return dg.Definitions(
        resources={"day": day_resource, "progress": dg.ResourceDefinition.hardcoded_resource(Silent())},
        executor=dg.in_process_executor,
    )
