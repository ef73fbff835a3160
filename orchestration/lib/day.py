"""What one run knows: settings, archive, warehouse, its ``as_of``. One resource, made once per run.

Making it heals what a crash left behind, tells a simulated world what time it is, and keeps the run's sign of
life. Nothing is fetched or opened here.
"""

import os
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import dagster as dg
import requests

from connectors.core.protocol import Connection, Tools
from orchestration.landing import Archive
from orchestration.lib import healing
from orchestration.lib.clock import AS_OF_TAG, FULL_REFRESH_TAG, business_now, machine_now, parse_moment
from orchestration.lib.partitions import local_day
from orchestration.lib.progress import Progress
from orchestration.lib.workspace import settings
from orchestration.settings import ConnectionSettings, Settings, SettingsError
from orchestration.warehouse import Warehouse
from orchestration.warehouse.ledger import last_published_as_of

SANDBOX_VARIABLE: Final = "TIEOUT_SANDBOX_URL"
SANDBOX_SECONDS: Final = 600.0
"""Setting the time makes the world's days and its file drops: minutes at a million orders a day."""


@dataclass(frozen=True, slots=True)
class Day:
    """Everything a step of one run needs."""

    settings: Settings
    archive: Archive
    warehouse: Warehouse
    as_of: datetime
    started_at: datetime
    run_id: str
    full_refresh: bool
    progress: Progress
    tools: Tools

    @property
    def today(self) -> date:
        """The local day of ``as_of``."""
        return local_day(self.as_of, self.settings.timezone)

    def resolve(self, connection: ConnectionSettings) -> Connection:
        """The connection with its credentials and address."""
        return connection.resolve(os.environ, os.environ.get(SANDBOX_VARIABLE))


@dg.resource(required_resource_keys={"progress"}, description="What one run knows; see orchestration.lib.day.")
def day_resource(context: dg.InitResourceContext) -> Iterator[Day]:
    """One ``Day`` per run; see the module docstring for what making it does."""
    run, instance = context.run, context.instance
    if run is None or instance is None:
        raise dg.DagsterInvariantViolationError("the resource 'day' exists only inside a run")
    config = settings()
    as_of = _as_of(run.tags, config)
    if AS_OF_TAG not in run.tags:
        instance.add_run_tags(run.run_id, {AS_OF_TAG: as_of.isoformat()})
    with healing.alive(config.data_dir, run.run_id), requests.Session() as session:
        healing.heal(instance, config.data_dir, own_run=run.run_id)
        set_sandbox_time(config, as_of)
        yield Day(
            settings=config,
            archive=Archive(config.data_dir),
            warehouse=Warehouse(config),
            as_of=as_of,
            started_at=machine_now(),
            run_id=run.run_id,
            full_refresh=run.tags.get(FULL_REFRESH_TAG) == "true",
            progress=context.resources.progress,
            tools=Tools(session=session, now=machine_now, sleep=time.sleep, random=random.SystemRandom()),
        )


def set_sandbox_time(config: Settings, as_of: datetime) -> None:
    """Tells the simulated world what time it is; does nothing where no sandbox is configured."""
    if config.sandbox is None:
        return
    url = os.environ.get(SANDBOX_VARIABLE)
    if not url:
        raise SettingsError(
            config.path,
            "[sandbox]",
            "no sandbox is running: use tieout run or tieout dev, which start it, or start tieout sandbox serve "
            f"and set {SANDBOX_VARIABLE} to its address",
        )
    answer = requests.post(f"{url}/_sandbox/time", json={"as_of": as_of.isoformat()}, timeout=SANDBOX_SECONDS)
    answer.raise_for_status()


def _as_of(tags: Mapping[str, str], config: Settings) -> datetime:
    asked = tags.get(AS_OF_TAG)
    return business_now(
        parse_moment(asked, config.timezone) if asked else None,
        last_published_as_of(config.data_dir),
        full_refresh=tags.get(FULL_REFRESH_TAG) == "true",
    )
