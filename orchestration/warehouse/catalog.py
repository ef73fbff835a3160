"""What the dbt manifest says of the published tables: keys and descriptions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OWN_TABLES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "changes": (
        "One row per published record that a run added, changed or removed.",
        {
            "run_id": "The run that published the change.",
            "table_name": "The published table.",
            "key": "The record's key columns, joined by |.",
            "change": "new, changed or gone.",
            "changed_columns": "For a changed record: the columns that differ, separated by commas.",
        },
    ),
    "run_status": (
        "One row per published run.",
        {
            "run_id": "The run.",
            "as_of": "The business clock of the run: all ageing and deadlines refer to it.",
            "days": "First and last business day the run was asked for.",
            "started_at": "Machine clock at the start.",
            "finished_at": "Machine clock when the run published.",
            "state": "done, or incomplete when a source could not be reached or contradicts itself.",
            "red": "JSON list of what is structurally wrong; empty in every published run.",
            "incomplete": "JSON list of the account-days on which nothing was concluded, with the reason.",
            "unapproved": "JSON list of rows of rule tables that differ from what two people approved, which counts.",
        },
    ),
    "run_ledger": (
        "One row per entry of the chained run ledger.",
        {
            "sequence": "Place in the chain, from 1.",
            "run_id": "The run.",
            "as_of": "The business clock of the run.",
            "inputs": "JSON: archive head, settings digest, and rows of rule tables that nobody has approved.",
            "code_version": "Version of the program and digest of its code and SQL.",
            "rules_version": "Digest of the rule tables in force.",
            "outputs": "JSON: rows and SHA-256 of each published table's Parquet file.",
            "previous_hash": "Hash of the entry before.",
            "hash": "SHA-256 over all the others: the whole past is part of it.",
        },
    ),
}


@dataclass(frozen=True, slots=True)
class TableFacts:
    """Key columns and meanings; a table of records is published once it holds any.

    ``keys``: empty when unknown, or where ``changes`` need not tell of the table beside those that it is made of.
    ``sort``: columns in whose order each part is published, so that a reader who asks by them skips most of it.
    """

    keys: tuple[str, ...] = ()
    description: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    is_record: bool = False
    sort: tuple[str, ...] = ()


def published_facts(manifest: Mapping[str, Any]) -> Mapping[str, TableFacts]:
    """By table name, for every model of the schema ``marts`` and the tables that publishing itself makes."""
    nodes: Mapping[str, Any] = manifest["nodes"]
    found = {
        node.get("alias") or node["name"]: TableFacts(
            keys=_keys(unique_id, node, nodes) if _meta(node).get("is_told", True) else (),
            description=_one_line(node.get("description")),
            is_record=bool(_meta(node).get("is_record")),
            sort=tuple(_meta(node).get("sort", ())),
            columns={name: _one_line(column.get("description")) for name, column in node.get("columns", {}).items()},
        )
        for unique_id, node in nodes.items()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    }
    own = {name: TableFacts((), text, columns) for name, (text, columns) in OWN_TABLES.items()}
    return {**found, **own}


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**node.get("meta", {}), **node.get("config", {}).get("meta", {})}


def _keys(unique_id: str, node: Mapping[str, Any], nodes: Mapping[str, Any]) -> tuple[str, ...]:
    """``meta.key``, else what a test of uniqueness names."""
    meta = _meta(node)
    if "key" in meta:
        given = meta["key"]
        return (given,) if isinstance(given, str) else tuple(given)
    for test in nodes.values():
        facts = test.get("test_metadata")
        if test["resource_type"] != "test" or not facts or test.get("attached_node") != unique_id:
            continue
        if facts["name"] == "unique" and test.get("column_name"):
            return (str(test["column_name"]),)
        named = facts.get("kwargs", {}).get("columns")
        if "unique" in facts["name"] and isinstance(named, list):
            return tuple(str(column) for column in named)
    return ()
