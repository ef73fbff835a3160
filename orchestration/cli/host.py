"""The Dagster instance of a data folder: its home, its configuration, and the code location's environment."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from dagster import DagsterInstance

    from orchestration.settings import Settings

YAML: Final = """\
# Written by tieout; change it freely, it is not written again.
telemetry: {enabled: false}
nux: {enabled: false}
concurrency:
  runs: {max_concurrent_runs: 4}
  pools: {granularity: op, default_limit: 1}
freshness: {enabled: true}
run_monitoring: {enabled: true}
run_retries: {enabled: true, max_retries: 1, retry_on_asset_or_op_failure: false}  # a crash, never a red test
code_servers: {local_startup_timeout: 360}
compute_logs:  # steps print nothing; capturing that would start two processes for each run
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
event_log_storage:
  module: orchestration.lib.storage
  class: KeptSqliteEventLogStorage
  config: {home: {env: DAGSTER_HOME}}
"""


def dagster_home(data_dir: Path) -> Path:
    """The instance's folder, with its configuration written on first use."""
    home = (data_dir / "dagster").resolve()
    home.mkdir(parents=True, exist_ok=True)
    config = home / "dagster.yaml"
    if not config.exists():
        fresh = config.with_name(f".{config.name}.{os.getpid()}")
        fresh.write_text(YAML, encoding="utf-8")
        fresh.replace(config)
    return home


def prepare_environment(settings: "Settings") -> Path:
    """What code processes read: the settings file and the instance's home. Returns the home."""
    home = dagster_home(settings.data_dir)
    os.environ["TIEOUT_CONFIG"] = str(settings.path)
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "200")
    return home


@contextmanager
def instance_of(settings: "Settings") -> Iterator["DagsterInstance"]:
    """The persistent instance that the UI shows too."""
    home = prepare_environment(settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from dagster import DagsterInstance

        with DagsterInstance.from_config(str(home)) as instance:
            yield instance
