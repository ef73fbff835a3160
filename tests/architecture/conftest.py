import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import house
import portable
import pytest


@pytest.fixture(scope="session")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """The dbt project as dbt holds it, and the folder where it wrote it down."""
    folder = tmp_path_factory.mktemp("parsed")
    return house.dbt(folder, "parse", "--no-partial-parse"), folder


@pytest.fixture(scope="session")
def manifest(parsed: tuple[Any, Path]) -> Mapping[str, Any]:
    """The dbt project as dbt reads it, macros and loops resolved."""
    return json.loads((parsed[1] / "target" / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def dbt_models(manifest: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """The models by unique id."""
    return {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}


@pytest.fixture(scope="session")
def compiled(parsed: tuple[Any, Path], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """The models as in a run after the first, a mark where a dispatched macro's body would stand."""
    project, _ = parsed
    for key, macro in project.macros.items():
        if key.startswith("macro.tieout.duckdb__"):
            macro.macro_sql = portable.without_body(macro.macro_sql)
    project.macros[
        "macro.dbt.is_incremental"
    ].macro_sql = "{% macro is_incremental() %}{{ return(true) }}{% endmacro %}"
    ran = house.dbt(
        tmp_path_factory.mktemp("compiled"),
        *("compile", "--no-populate-cache", "--no-introspect", "--select", "resource_type:model"),
        manifest=project,
    )
    return {one.node.name: one.node for one in ran.results if one.node.resource_type == "model"}
