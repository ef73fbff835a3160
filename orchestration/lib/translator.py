"""dbt nodes as assets: one helper per attribute, and which asset or check a dbt result belongs to."""

from collections.abc import Mapping
from typing import Any, Final

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from orchestration.lib.keys import OWNERS, raw_key

Node = Mapping[str, Any]
CLOSED: Final = "closed"
REFABLE: Final = frozenset({"model", "seed", "snapshot"})


class HouseTranslator(DagsterDbtTranslator):  # type: ignore[misc]  # its library is skipped by mypy
    """Key = schema and name, group = room; sources are the raw assets."""

    def __init__(self) -> None:
        super().__init__(settings=DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))

    def get_asset_spec(self, manifest: Node, unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """The library's spec with the house's names."""
        spec: dg.AssetSpec = super().get_asset_spec(manifest, unique_id, project)
        node = self.get_resource_props(manifest, unique_id)
        return spec.replace_attributes(
            key=key_of(node),
            # what was closed is made of these very assets, by the run before
            deps=[dep for dep in spec.deps if dep.asset_key.path[0] != CLOSED],
            group_name=group_of(node),
            kinds={"dbt", "duckdb"},
            owners=list(owners_of(node, manifest)),
            description=description_of(node),
        )


def key_of(node: Node) -> dg.AssetKey:
    """A model is known by schema and name, a source by its raw table."""
    if node["resource_type"] == "source" and node["schema"] != CLOSED:
        return raw_key(node["identifier"])
    if node["resource_type"] == "source":
        return dg.AssetKey([CLOSED, node["identifier"]])
    return dg.AssetKey([node["schema"], node["name"]])


def group_of(node: Node) -> str:
    """The room: the first folder below ``models``; sources and seeds have rooms of their own."""
    if node["resource_type"] == "source":
        return "raw"
    return "seeds" if node["resource_type"] == "seed" else str(node["fqn"][1])


def owners_of(node: Node, manifest: Node) -> tuple[str, ...]:
    """The dbt group's owner as a team, else the house."""
    named = [group for group in manifest.get("groups", {}).values() if group["name"] == node.get("group")]
    owners = tuple(f"team:{group['owner'].get('name') or group['name']}".replace(" ", "-") for group in named)
    return owners or OWNERS


def description_of(node: Node) -> str:
    """As documented in the project; the SQL is one click away and not repeated here."""
    return node.get("description") or f"{node['resource_type']} {node['name']}"


def checks_by_test(manifest: Node, translator: HouseTranslator) -> Mapping[str, dg.AssetCheckKey]:
    """From a dbt test to its asset check, for every test that belongs to one asset."""
    keys = {
        unique_id: get_asset_check_key_for_test(manifest, translator, unique_id, None)
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "test"
    }
    return {unique_id: key for unique_id, key in keys.items() if key is not None}


def keys_by_node(manifest: Node) -> Mapping[str, dg.AssetKey]:
    """From a dbt model, seed or snapshot to its asset."""
    return {
        unique_id: key_of(node) for unique_id, node in manifest["nodes"].items() if node["resource_type"] in REFABLE
    }
