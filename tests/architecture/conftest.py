from collections.abc import Mapping
from typing import Any

import house
import pytest


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """The dbt project as dbt reads it, macros and loops resolved."""
    return house.parsed(tmp_path_factory.mktemp("manifest"))


@pytest.fixture(scope="session")
def dbt_models(manifest: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """The models by unique id."""
    return {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
