"""The one writable DuckDB file: loading the archive set-wise, building with dbt, the gate, the published snapshot."""

from orchestration.warehouse.build import PROJECT_DIR, BuildReport, NodeResult, build, manifest_of, parse, target_dir
from orchestration.warehouse.closing import Closed, close_threads
from orchestration.warehouse.connect import WarehouseError, connect
from orchestration.warehouse.gate import Residual, gate
from orchestration.warehouse.ledger import LedgerEntry, RunFacts, last_published_as_of, last_run, read_ledger
from orchestration.warehouse.loading import LoadReport, TableLoad
from orchestration.warehouse.publish import PublishReport, publish, snapshot_path
from orchestration.warehouse.published import read_published
from orchestration.warehouse.replay import replayed
from orchestration.warehouse.variables import Variables, set_variables
from orchestration.warehouse.warehouse import Warehouse

__all__ = [
    "PROJECT_DIR",
    "BuildReport",
    "Closed",
    "LedgerEntry",
    "LoadReport",
    "NodeResult",
    "PublishReport",
    "Residual",
    "RunFacts",
    "TableLoad",
    "Variables",
    "Warehouse",
    "WarehouseError",
    "build",
    "close_threads",
    "connect",
    "gate",
    "last_published_as_of",
    "last_run",
    "manifest_of",
    "parse",
    "publish",
    "read_ledger",
    "read_published",
    "replayed",
    "set_variables",
    "snapshot_path",
    "target_dir",
]
