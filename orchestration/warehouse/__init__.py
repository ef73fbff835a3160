"""The one writable DuckDB file: loading the archive set-wise, building with dbt, the gate, the published snapshot."""

from orchestration.warehouse.build import BuildReport, NodeResult, build, parse
from orchestration.warehouse.gate import Residual, gate
from orchestration.warehouse.ledger import RunFacts
from orchestration.warehouse.loading import LoadReport, TableLoad
from orchestration.warehouse.publish import PublishReport, publish
from orchestration.warehouse.variables import Variables, set_variables
from orchestration.warehouse.warehouse import Warehouse

__all__ = [
    "BuildReport",
    "LoadReport",
    "NodeResult",
    "PublishReport",
    "Residual",
    "RunFacts",
    "TableLoad",
    "Variables",
    "Warehouse",
    "build",
    "gate",
    "parse",
    "publish",
    "set_variables",
]
