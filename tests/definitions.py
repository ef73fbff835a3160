"""The definitions of the default merchant, loaded once per test process."""

import atexit
import functools
import importlib
import os
import shutil
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path

import dagster as dg

from orchestration.lib import workspace

SETTINGS = Path(__file__).parents[1] / "tieout.sandbox.toml"


@functools.cache
def folder() -> Path:
    """A folder with the default settings; dbt keeps its manifest there."""
    made = Path(tempfile.mkdtemp(prefix="tieout-definitions-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    shutil.copyfile(SETTINGS, made / "tieout.toml")
    return made


@functools.cache
def loaded() -> dg.Definitions:
    """As Dagster's processes load them."""
    before = os.environ.get(workspace.CONFIG_VARIABLE)
    os.environ[workspace.CONFIG_VARIABLE] = str(folder() / "tieout.toml")
    workspace.forget()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            definitions: dg.Definitions = importlib.import_module("orchestration.definitions").defs
            definitions.resolve_asset_graph()
    finally:
        if before is None:
            del os.environ[workspace.CONFIG_VARIABLE]
        else:
            os.environ[workspace.CONFIG_VARIABLE] = before
        workspace.forget()
    return definitions


def graph() -> Mapping[str, list[str]]:
    """Asset to the assets it depends on."""
    nodes = loaded().resolve_asset_graph().asset_nodes
    return {
        node.key.to_user_string(): sorted(key.to_user_string() for key in node.parent_keys)
        for node in sorted(nodes, key=lambda node: node.key)
    }
